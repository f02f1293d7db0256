"""What a command is for: one object for each purpose, which answers every question the delivery has about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import select, text

from app import clock
from app.commands.models import Command
from app.commands.states import Purpose
from app.connectors.protocol import DeviceResult
from app.deployments import rehearsal, reports, transitions
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.rules.rings import Lot
from app.deployments.rules.states import AssignmentState, DeploymentState
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.queue import Job


class CommandPurpose(Protocol):
    """The answers of one purpose. Methods that take a ring are called with the ring locked."""

    ends_with_deployment: bool
    """Whether a command that was not sent is stopped when its deployment ends."""

    def may_send(self, deployment: Deployment) -> bool:
        """Whether the deployment's state lets the command leave now."""

    def claim(self, unit: Unit, command: Command) -> None:
        """Choose the command's devices, before it is sent for the first time."""

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        """The external ids of the devices that are still to be instructed."""

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        """The connector has the command."""

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, left: AssignmentState) -> None:
        """No connector will carry the command out; `left` is what becomes of a single device by that."""

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        """The connector reported results."""


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


class _Rollout:
    """Brings a release to devices of a ring that wait for it."""

    ends_with_deployment = True

    def may_send(self, deployment: Deployment) -> bool:
        return deployment.state is DeploymentState.RUNNING

    def claim(self, unit: Unit, command: Command) -> None:
        parameters = {
            "ring": command.ring_id,
            "connector": command.connector,
            "release": command.release_id,
            "size": command.size,
            "command": command.id,
        }
        unit.session.execute(_CLAIM, parameters)

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        claimed = (
            select(Device.external_id)
            .join(Assignment, Assignment.device_id == Device.id)
            .where(Assignment.command_id == command.id)
            .order_by(Assignment.id)
        )
        return unit.session.execute(claimed).scalars().all()

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        now = clock.now()
        result = unit.session.execute(_DISPATCH, {"command": command.id, "now": now})
        devices = int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE always has one
        ring.count_dispatched(devices, now)
        record(
            unit,
            deployment,
            "command.confirmed",
            ring=ring.key,
            connector=command.connector,
            devices=devices,
            key=command.key,
        )

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, left: AssignmentState) -> None:
        result = unit.session.execute(_RELEASE, {"command": command.id})
        released = int(result.rowcount)  # type: ignore[attr-defined]  # as above
        ring.give_back(Lot(command.connector, command.release_id, command.verb), released)

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        if not results:
            return
        rows = [reports.ReportRow(**vars(result), deployment_id=command.deployment_id) for result in results]
        if reports.ingest(unit, source, rows).moved:
            unit.enqueue(Job.ADVANCE, command.deployment_id)


class _OneDevice:
    """A command for one device that its ring does not wait for."""

    def claim(self, unit: Unit, command: Command) -> None:
        """The device was chosen when the command was issued."""

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        in_use = select(Device.external_id).where(Device.id == command.device_id, Device.retired_at.is_(None))
        return unit.session.execute(in_use).scalars().all()

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        """Its assignment does not move."""


class _Rehearsal(_OneDevice):
    """Proves on one device that the release can be rolled back."""

    ends_with_deployment = True

    def may_send(self, deployment: Deployment) -> bool:
        return deployment.state is DeploymentState.RUNNING

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, left: AssignmentState) -> None:
        rehearsal.advance(unit, deployment, ring, command, left.value)

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        deployment, ring = parents(unit, command)
        for result in results:
            rehearsal.advance(unit, deployment, ring, command, result.outcome)


class _Remediation(_OneDevice):
    """Installs again what a device has lost since its deployment ended; the next inventory shows the result."""

    ends_with_deployment = False

    def may_send(self, deployment: Deployment) -> bool:
        return True

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, left: AssignmentState) -> None:
        """The finding stays and is tried again."""

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        """The inventory says it better."""


PURPOSES: Mapping[Purpose, CommandPurpose] = {
    Purpose.ROLLOUT: _Rollout(),
    Purpose.REHEARSAL: _Rehearsal(),
    Purpose.REMEDIATION: _Remediation(),
}
ENDING_WITH_DEPLOYMENT = tuple(purpose for purpose, answers in PURPOSES.items() if answers.ends_with_deployment)


def parents(unit: Unit, command: Command) -> tuple[Deployment, Ring]:
    """The command's deployment, read, and its ring, locked."""
    ring = transitions.locked_ring(unit.session, command.ring_id)
    return unit.session.get_one(Deployment, command.deployment_id), ring
