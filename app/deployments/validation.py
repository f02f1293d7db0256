"""The proof that a release can be rolled back: one device of the ring goes back and is installed again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.deployments.models import Assignment, Command, Deployment, Ring
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import AssignmentState, Purpose, ValidationState, Verb
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.queue import Job

MOST_TRIES = 3
"""Devices that are tried in a row; after that the ring waits until a person resumes the deployment."""
_WELL = frozenset({AssignmentState.SUCCEEDED.value, AssignmentState.ALREADY_COMPLIANT.value})
_UNDECIDED = frozenset({AssignmentState.INSTALLING.value, AssignmentState.DEFERRED.value})
UNDER_WAY = (ValidationState.WITHDRAWING, ValidationState.REINSTALLING)


def begin(unit: Unit, deployment: Deployment, ring: Ring) -> None:
    """Send the next device that succeeded back to what it had; where that is nothing, the release is withdrawn.

    The ring must have such a device.
    """
    found = unit.session.execute(
        select(Assignment.device_id, Assignment.connector, Assignment.previous_release_id)
        .join(Device, Device.id == Assignment.device_id)
        .where(Assignment.ring_id == ring.id, Assignment.state.in_(_WELL))
        # Those that this deployment brought there come first: `succeeded` is after `already_compliant`.
        .order_by(Device.retired_at.is_not(None), Assignment.state.desc(), Assignment.id)
        .limit(ring.validation_tries + 1)
    ).all()
    device = found[ring.validation_tries % len(found)]
    ring.validation, ring.validation_tries = ValidationState.WITHDRAWING, ring.validation_tries + 1
    verb = Verb.WITHDRAW if device.previous_release_id is None else Verb.PUBLISH
    _send(unit, ring, verb, device.connector, device.device_id, device.previous_release_id)
    record(unit, deployment, "validation.began", ring=ring.key, device_id=device.device_id, verb=verb.value)


def heard(unit: Unit, deployment: Deployment, ring: Ring, command: Command, outcome: str) -> None:
    """What the device said of a validation's command; the caller holds the ring."""
    if ring.validation not in UNDER_WAY or outcome in _UNDECIDED or command.key != _key(ring, ring.validation):
        return
    if outcome not in _WELL:
        failed_at = ring.validation.value
        record(unit, deployment, "validation.failed", ring=ring.key, device_id=command.device_id, stage=failed_at)
        # The next tick tries another device, or, after some, a person lets it: their number goes on.
        is_last = ring.validation_tries % MOST_TRIES == 0
        ring.validation = ValidationState.FAILED if is_last else None
        if is_last:
            record(unit, deployment, "validation.given_up", ring=ring.key, tries=ring.validation_tries)
    elif ring.validation is ValidationState.WITHDRAWING:
        ring.validation = ValidationState.REINSTALLING
        _send(unit, ring, Verb.PUBLISH, command.connector, command.device_id, None)
    else:
        ring.validation = ValidationState.VALIDATED
        record(unit, deployment, "validation.passed", ring=ring.key, device_id=command.device_id)
    unit.enqueue(Job.ADVANCE, deployment.id)


def give_up_waiting(unit: Unit, ring_id: int) -> None:
    """Take a device that has not answered for as long as an online one may be silent for one that cannot go back."""
    ring = unit.session.get_one(Ring, ring_id)
    if ring.validation not in UNDER_WAY:
        return
    sent = select(Command).where(Command.key == _key(ring, ring.validation)).with_for_update()
    command = unit.session.execute(sent).scalar_one()
    ring = unit.session.execute(
        select(Ring).where(Ring.id == ring_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    deployment = unit.session.get_one(Deployment, ring.deployment_id)
    limit = timedelta(seconds=Plan.from_json(deployment.plan).silent_after["online"])
    if command.confirmed_at is not None and clock.now() - command.confirmed_at >= limit:
        command.due_at = None
        heard(unit, deployment, ring, command, AssignmentState.UNREACHABLE.value)


def _send(unit: Unit, ring: Ring, verb: Verb, connector: str, device_id: int | None, release_id: int | None) -> None:
    assert ring.validation is not None
    ring.sending += 1
    command = Command(
        deployment_id=ring.deployment_id,
        ring_id=ring.id,
        connector=connector,
        verb=verb,
        purpose=Purpose.VALIDATION,
        release_id=release_id,
        device_id=device_id,
        key=_key(ring, ring.validation),
        size=1,
        due_at=clock.now(),
    )
    unit.session.add(command)
    unit.session.flush()
    unit.enqueue(Job.DELIVER, command.id)


def _key(ring: Ring, stage: ValidationState) -> str:
    return f"{ring.deployment_id}:{ring.key}:{stage}:{ring.validation_tries}"
