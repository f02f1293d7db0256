"""The rollback rehearsal: one device of a ring is rolled back to what it had, then installed again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.service import Order
from app.commands.states import CommandState, Purpose, Verb
from app.db import locked
from app.deployments import transitions
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import ENDED, REHEARSING, AssignmentState, DeploymentState, RehearsalState
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.queue import Job

MOST_TRIES = 3
"""Devices tried in a row; after that the rehearsal waits until a person resumes the deployment."""
_WELL = frozenset({AssignmentState.SUCCEEDED.value, AssignmentState.ALREADY_COMPLIANT.value})
_RESTORED = "restored"
"""Instead of a stage, in the key of the command that gives a device its release back after the deployment's end."""
_UNDECIDED = frozenset({AssignmentState.INSTALLING.value, AssignmentState.DEFERRED.value})


def begin(unit: Unit, deployment: Deployment, ring: Ring) -> None:
    """Roll back the next device that succeeded; if it had no release before, the release is withdrawn.

    The ring must have a device that succeeded.
    """
    candidates = unit.session.execute(
        select(Assignment.device_id, Assignment.connector, Assignment.previous_release_id)
        .join(Device, Device.id == Assignment.device_id)
        .where(Assignment.ring_id == ring.id, Assignment.state.in_(_WELL))
        # Devices that this deployment installed come first: `succeeded` sorts after `already_compliant`.
        .order_by(Device.retired_at.is_not(None), Assignment.state.desc(), Assignment.id)
        .limit(ring.rehearsal_tries + 1)
    ).all()
    device = candidates[ring.rehearsal_tries % len(candidates)]
    ring.rehearsal, ring.rehearsal_tries = RehearsalState.WITHDRAWING, ring.rehearsal_tries + 1
    verb = Verb.WITHDRAW if device.previous_release_id is None else Verb.PUBLISH
    _send(unit, ring, ring.rehearsal, verb, device.connector, device.device_id, device.previous_release_id)
    record(unit, deployment, "validation.began", **ring.names, device_id=device.device_id, verb=verb.value)


def advance(unit: Unit, deployment: Deployment, ring: Ring, command: Command, outcome: str) -> None:
    """Continue with the outcome that the rehearsal's device reported; the caller has locked the ring."""
    if ring.rehearsal not in REHEARSING or outcome in _UNDECIDED or command.key != _key(ring, ring.rehearsal):
        return
    if outcome not in _WELL:
        failed_at = ring.rehearsal.value
        record(unit, deployment, "validation.failed", **ring.names, device_id=command.device_id, stage=failed_at)
        # The next tick tries another device; after MOST_TRIES devices a person must resume first. The count goes on.
        is_last = ring.rehearsal_tries % MOST_TRIES == 0
        ring.rehearsal = RehearsalState.FAILED if is_last else None
        if is_last:
            record(unit, deployment, "validation.given_up", **ring.names, tries=ring.rehearsal_tries)
    elif ring.rehearsal is RehearsalState.WITHDRAWING:
        ring.rehearsal = RehearsalState.REINSTALLING
        _send(unit, ring, ring.rehearsal, Verb.PUBLISH, command.connector, command.device_id, None)
    else:
        ring.rehearsal = RehearsalState.VALIDATED
        record(unit, deployment, "validation.passed", **ring.names, device_id=command.device_id)
    unit.enqueue(Job.ADVANCE, deployment.id)


def end(unit: Unit, deployment: Deployment, ring: Ring) -> None:
    """End a rehearsal with its deployment; the caller has locked the ring.

    Its device gets the release back if it was withdrawn and not installed again, unless a newer deployment decides what
    the device has. While the connector is being called, nothing is known: the next call of this function decides.
    """
    if ring.rehearsal not in REHEARSING:
        return
    of_stage = select(Command).where(Command.key == _key(ring, ring.rehearsal))
    command = unit.session.execute(of_stage).scalar_one()
    if command.state in (CommandState.SENDING, CommandState.UNKNOWN):
        return
    is_confirmed = command.state is CommandState.CONFIRMED
    is_missing = is_confirmed if ring.rehearsal is RehearsalState.WITHDRAWING else not is_confirmed
    restores = is_missing and not _is_decided_anew(unit, deployment)
    stage, ring.rehearsal = ring.rehearsal.value, None
    if restores:
        _send(unit, ring, _RESTORED, Verb.PUBLISH, command.connector, command.device_id, None, Purpose.REMEDIATION)
    about = {**ring.names, "device_id": command.device_id, "stage": stage, "restores": restores}
    record(unit, deployment, "validation.ended", **about)


def _is_decided_anew(unit: Unit, deployment: Deployment) -> bool:
    newer = select(Deployment.id).where(
        Deployment.id > deployment.id,
        Deployment.application_id == deployment.application_id,
        Deployment.platform == deployment.platform,
        Deployment.state != DeploymentState.REJECTED,
    )
    return unit.session.execute(newer.limit(1)).first() is not None


def give_up_waiting(unit: Unit, ring_id: int) -> None:
    """Count a device that is silent for as long as an online device may be as one that cannot be rolled back."""
    ring = unit.session.get_one(Ring, ring_id)
    if ring.rehearsal not in REHEARSING:
        return
    sent = select(Command).where(Command.key == _key(ring, ring.rehearsal))
    command = unit.session.execute(locked(sent)).scalar_one()
    ring = transitions.locked_ring(unit.session, ring_id)
    deployment = unit.session.get_one(Deployment, ring.deployment_id)
    if deployment.state in ENDED:
        end(unit, deployment, ring)
        return
    limit = timedelta(seconds=Plan.from_json(deployment.plan).silent_after["online"])
    now = clock.now()
    if clock.is_ahead(command.confirmed_at, now):
        command.confirmed_at = now
    if command.confirmed_at is not None and now - command.confirmed_at >= limit:
        command.due_at = None
        advance(unit, deployment, ring, command, AssignmentState.UNREACHABLE.value)


def _send(
    unit: Unit,
    ring: Ring,
    stage: str,
    verb: Verb,
    connector: str,
    device_id: int | None,
    release_id: int | None,
    purpose: Purpose = Purpose.REHEARSAL,
) -> None:
    order = Order(
        deployment_id=ring.deployment_id,
        ring_id=ring.id,
        ring=ring.key,
        connector=connector,
        verb=verb,
        purpose=purpose,
        release_id=release_id,
        device_id=device_id,
        size=1,
        parts=(stage, ring.rehearsal_tries),
    )
    ring.start_sending(order.size)
    (command_id,) = commands.issue(unit.session, [order], clock.now())
    unit.enqueue(Job.DELIVER, command_id)


def _key(ring: Ring, stage: RehearsalState) -> str:
    return commands.key(ring.deployment_id, ring.key, stage, ring.rehearsal_tries)
