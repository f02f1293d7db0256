"""What a command is for: one object per purpose, which answers the questions of its delivery.

Remediation is drift's, a room above this one, which installs its object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import select, text

from app import clock
from app.commands.models import Command
from app.commands.states import CommandState, Purpose
from app.connectors.protocol import DeviceResult
from app.db import database_time, quoted
from app.deployments import eligibility, installations, rehearsal, reports, transitions
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.report_statuses import ReportRow
from app.deployments.rules.rings import Lot
from app.deployments.rules.states import COUNTS_IN, AssignmentState, DeploymentState, Group
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.queue import Job


class CommandPurpose(Protocol):
    """How commands of one purpose are delivered. Methods that take a ring are called with the ring locked."""

    ends_with_deployment: bool
    """Whether an unsent command is stopped when its deployment ends."""
    delivery: Job
    """The job that delivers the command."""

    def may_send(self, deployment: Deployment) -> bool:
        """Whether the deployment's state allows the command to be sent now."""

    def claim(self, unit: Unit, command: Command) -> None:
        """Choose the devices of a command that no vendor has: before its first delivery, and again before a retry."""

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        """The external ids of the devices to dispatch to."""

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        """Handle a command that the connector confirmed."""

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, state: AssignmentState) -> None:
        """Handle a command that no connector carries out; a single device counts as having this state."""

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        """Handle results that the connector reported."""


_TAKEN = quoted(state for state, group in COUNTS_IN.items() if group in (Group.PENDING, Group.SUCCEEDED))
_CLAIM = text("""
    WITH unclaimed AS (
        SELECT id FROM assignments
         WHERE ring_id = :ring AND connector = :connector AND state = 'pending' AND command_id IS NULL
           AND release_id IS NOT DISTINCT FROM CAST(:release AS bigint)
         ORDER BY id LIMIT :size FOR UPDATE
    )
    UPDATE assignments SET command_id = :command FROM unclaimed WHERE assignments.id = unclaimed.id
""")
_LOCK_PENDING = "SELECT id FROM assignments WHERE command_id = :command AND state = 'pending' ORDER BY id FOR UPDATE"
_DISPATCH = text(f"""
    WITH pending AS ({_LOCK_PENDING})
    UPDATE assignments SET state = 'dispatched', dispatched_at = :now FROM pending WHERE assignments.id = pending.id
""")
_RELEASE = text(f"""
    WITH pending AS ({_LOCK_PENDING})
    UPDATE assignments SET command_id = NULL FROM pending WHERE assignments.id = pending.id
""")


def claim_waiting(unit: Unit, command: Command) -> None:
    """Give the command waiting devices of its lot, up to its size."""
    parameters = {
        "ring": command.ring_id,
        "connector": command.connector,
        "release": command.release_id,
        "size": command.size,
        "command": command.id,
    }
    unit.session.execute(_CLAIM, parameters)


class _Rollout:
    """Installs a release on waiting devices of a ring."""

    ends_with_deployment = True
    delivery = Job.DELIVER

    def may_send(self, deployment: Deployment) -> bool:
        return deployment.state is DeploymentState.RUNNING

    def claim(self, unit: Unit, command: Command) -> None:
        is_new = command.state is CommandState.QUEUED
        deployment = unit.session.get_one(Deployment, command.deployment_id)
        ring = unit.session.get_one(Ring, command.ring_id)
        has_changed = eligibility.any_changed(unit, deployment, ring, command, has_devices=not is_new)
        if has_changed:  # rare; only then does a claim wait for the ring, before it locks any of its devices
            _, ring = parents(unit, command)
        if is_new:
            claim_waiting(unit, command)
        if has_changed:
            eligibility.exclude_changed(unit, deployment, ring, command)

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        # Those that retired or reported meanwhile have left `pending`.
        waiting = (
            select(Device.external_id)
            .join(Assignment, Assignment.device_id == Device.id)
            .where(
                Assignment.command_id == command.id,
                Assignment.state == AssignmentState.PENDING,
                Device.retired_at.is_(None),
            )
            .order_by(Assignment.id)
        )
        return unit.session.execute(waiting).scalars().all()

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        now = clock.now()
        result = unit.session.execute(_DISPATCH, {"command": command.id, "now": now})
        devices = int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE always has one
        ring.count_dispatched(devices, now)
        record(
            unit,
            deployment,
            "command.confirmed",
            **ring.names,
            connector=command.connector,
            devices=devices,
            key=command.key,
        )

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, state: AssignmentState) -> None:
        result = unit.session.execute(_RELEASE, {"command": command.id})
        released = int(result.rowcount)  # type: ignore[attr-defined]  # as above
        ring.give_back(Lot(command.connector, command.release_id, command.verb), released)

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        if not results:
            return
        rows = [ReportRow(**vars(result), deployment_id=command.deployment_id) for result in results]
        if reports.ingest(unit, source, rows).moved:
            unit.enqueue(Job.ADVANCE, command.deployment_id)


class _Rehearsal:
    """Rehearses the rollback of the release on one device, which is not one of its ring's waiting devices."""

    ends_with_deployment = True
    delivery = Job.DELIVER

    def may_send(self, deployment: Deployment) -> bool:
        return deployment.state is DeploymentState.RUNNING

    def claim(self, unit: Unit, command: Command) -> None:
        """Nothing to choose: the device was chosen when the command was issued."""

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        in_use = select(Device.external_id).where(Device.id == command.device_id, Device.retired_at.is_(None))
        return unit.session.execute(in_use).scalars().all()

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        """Nothing to do: the device's assignment does not move."""

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, state: AssignmentState) -> None:
        rehearsal.advance(unit, deployment, ring, command, state.value)

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        deployment, ring = parents(unit, command)
        for result in results:
            rehearsal.advance(unit, deployment, ring, command, result.outcome)


# A newer deployment that has dispatched to the device, or will, decides about it now.
_FOLLOWED_UP = text(f"""
    SELECT device.external_id
      FROM assignments AS late
      JOIN {Device.__tablename__} AS device ON device.id = late.device_id
     WHERE late.command_id = :command AND late.state = 'pending' AND device.retired_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM deployments AS newer
                         JOIN assignments AS bound
                           ON bound.deployment_id = newer.id AND bound.device_id = late.device_id
                        WHERE newer.application_id = :application AND newer.id > late.deployment_id
                          AND bound.state IN ({_TAKEN}))
     ORDER BY late.id
""")  # built from the table of states, not from input
_CANCEL = text(f"""
    WITH pending AS ({_LOCK_PENDING})
    UPDATE assignments SET state = 'cancelled' FROM pending WHERE assignments.id = pending.id
""")


class _FollowUp(_Rollout):
    """Returns devices that installed a release after its rollback had completed; never twice for one report."""

    ends_with_deployment = False

    def may_send(self, deployment: Deployment) -> bool:
        return True

    def claim(self, unit: Unit, command: Command) -> None:
        """Exclude devices that changed since the command was issued with them."""
        deployment = unit.session.get_one(Deployment, command.deployment_id)
        ring = unit.session.get_one(Ring, command.ring_id)
        if eligibility.any_changed(unit, deployment, ring, command, has_devices=True):
            _, ring = parents(unit, command)
            eligibility.exclude_changed(unit, deployment, ring, command)

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        application_id = unit.session.get_one(Deployment, command.deployment_id).application_id
        parameters = {"command": command.id, "application": application_id}
        return unit.session.execute(_FOLLOWED_UP, parameters).scalars().all()

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, state: AssignmentState) -> None:
        """Leave the devices to a person: the rollback has ended, so nothing would try again."""
        result = unit.session.execute(_CANCEL, {"command": command.id})
        devices = int(result.rowcount)  # type: ignore[attr-defined]  # as above
        if devices:
            ring.shift(AssignmentState.PENDING, AssignmentState.CANCELLED, devices)
            outcome = AssignmentState.CANCELLED.value
            tally = {**ring.names, "connector": command.connector, "outcome": outcome, "count": devices}
            record(unit, deployment, "assignments.cancelled", tallies=[tally])

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        """Store the releases at once, since the rollback is settled already."""
        super().collected(unit, source, command, results)
        deployment = unit.session.get_one(Deployment, command.deployment_id)
        installations.store(unit.session, deployment, database_time(unit.session))


_purposes: dict[Purpose, CommandPurpose] = {
    Purpose.ROLLOUT: _Rollout(),
    Purpose.REHEARSAL: _Rehearsal(),
    Purpose.FOLLOW_UP: _FollowUp(),
}
PURPOSES: Mapping[Purpose, CommandPurpose] = _purposes
"""Rooms above add theirs."""


def install(purpose: Purpose, answers: CommandPurpose) -> None:
    """Have commands of another room's purpose delivered as it says. Installed once, by the factory."""
    _purposes[purpose] = answers


def ending_with_deployment() -> list[Purpose]:
    """The purposes whose unsent commands are stopped when their deployment ends."""
    return [purpose for purpose, answers in _purposes.items() if answers.ends_with_deployment]


def parents(unit: Unit, command: Command) -> tuple[Deployment, Ring]:
    """The command's deployment, not locked, and its ring, locked."""
    ring = transitions.locked_ring(unit.session, command.ring_id)
    return unit.session.get_one(Deployment, command.deployment_id), ring
