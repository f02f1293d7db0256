"""How commands for remediation are delivered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from app.commands.models import Command
from app.connectors.protocol import DeviceResult
from app.db import quoted
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.rules.states import LIVE, AssignmentState
from app.devices.models import Device
from app.drift.models import DriftFinding
from app.events.unit import Unit
from app.queue import Job

# Since the command was issued, a device may have been retired or changed, its finding may have been resolved, accepted
# or left to a person, and a newer deployment may have taken the device over.
_REMEDIATED = text(f"""
    SELECT device.external_id
      FROM {DriftFinding.__tablename__} AS finding
      JOIN {Device.__tablename__} AS device ON device.id = finding.device_id
     WHERE finding.command_id = :command AND finding.state = 'remediating' AND finding.deployment_id = :deployment
       AND device.retired_at IS NULL AND device.connector = :connector AND device.platform = :platform
       AND NOT EXISTS (SELECT 1 FROM {Assignment.__tablename__} AS bound
                        WHERE bound.deployment_id = ANY (ARRAY(
                                  SELECT id FROM {Deployment.__tablename__}
                                   WHERE application_id = :application AND platform = :platform
                                     AND state IN ({quoted(LIVE)})))
                          AND bound.device_id = finding.device_id
                       OFFSET 0)
     ORDER BY finding.device_id
""")


class Remediation:
    """Installs a release again that devices lost after their deployment; the next inventory shows the result."""

    ends_with_deployment = False
    delivery = Job.DELIVER_REMEDIATION

    def may_send(self, deployment: Deployment) -> bool:
        return True

    def claim(self, unit: Unit, command: Command) -> None:
        """Nothing to choose: the devices are those of the findings that the command was issued for."""

    def devices(self, unit: Unit, command: Command) -> Sequence[str]:
        if command.device_id is not None:  # a rehearsal's device, which gets its release back
            still_there = select(Device.external_id).where(
                Device.id == command.device_id, Device.retired_at.is_(None), Device.connector == command.connector
            )
            return unit.session.execute(still_there).scalars().all()
        deployment = unit.session.get_one(Deployment, command.deployment_id)
        parameters = {
            "command": command.id,
            "deployment": deployment.id,
            "application": deployment.application_id,
            "connector": command.connector,
            "platform": deployment.platform,
        }
        return unit.session.execute(_REMEDIATED, parameters).scalars().all()

    def confirmed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
        """The command's results are not read: the next inventory shows them, also if a device never reports."""
        command.due_at = None

    def failed(self, unit: Unit, deployment: Deployment, ring: Ring, command: Command, state: AssignmentState) -> None:
        """Nothing to do: the finding remains and is retried."""

    def collected(self, unit: Unit, source: str, command: Command, results: Sequence[DeviceResult]) -> None:
        """Nothing to do: the next inventory shows the result."""
