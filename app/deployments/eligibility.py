"""Devices that changed before their turn: a command that claims them excludes them instead of dispatching to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from app.commands.models import Command
from app.deployments.models import Deployment, Ring
from app.deployments.planning import in_scope
from app.deployments.rules import scope
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import AssignmentState, DeploymentKind
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.queue import Job

# The devices that a command would claim, and those that it has claimed and no connector knows yet.
_UNCLAIMED = """
    SELECT id, device_id, connector FROM assignments
     WHERE ring_id = :ring AND connector = :connector AND state = 'pending' AND command_id IS NULL
       AND release_id IS NOT DISTINCT FROM CAST(:release AS bigint)
     ORDER BY id LIMIT :size
"""
_CLAIMED = "SELECT id, device_id, connector FROM assignments WHERE command_id = :command AND state = 'pending'"
# Why a device is not what was planned any more; null if it still is.
_CHANGE = """
    CASE WHEN device.retired_at IS NOT NULL THEN 'retired'
         WHEN device.platform <> :platform THEN 'platform_changed'
         WHEN device.connector <> assignment.connector THEN 'connector_changed'
         WHEN NOT ({scope_without_tags}) THEN 'scope_changed'
         WHEN NOT ({scope}) OR NOT (CAST(:ring_tag AS text) IS NULL OR :ring_tag = ANY(device.tags))
         THEN 'tag_changed' END
"""
_CHANGED = f"""
    SELECT assignment.id, its.change
      FROM ({{devices}}) AS assignment
      JOIN {Device.__tablename__} AS device ON device.id = assignment.device_id
     CROSS JOIN LATERAL (SELECT {_CHANGE} AS change) AS its
     WHERE its.change IS NOT NULL
"""
_EXCLUDE = f"""
    WITH changed AS MATERIALIZED ({_CHANGED} ORDER BY assignment.id), excluded AS (
        UPDATE assignments
           SET state = CASE changed.change WHEN 'retired' THEN 'retired' ELSE 'not_applicable' END,
               reason = changed.change, moved_at = statement_timestamp()
          FROM changed WHERE assignments.id = changed.id AND assignments.state = 'pending'
        RETURNING assignments.state, assignments.reason
    )
    SELECT state, reason, count(*) AS devices FROM excluded GROUP BY 1, 2 ORDER BY 1, 2
"""


def any_changed(unit: Unit, deployment: Deployment, ring: Ring, command: Command, *, has_devices: bool) -> bool:
    """Whether a device changed that the command has claimed or, if it has no devices yet, would claim."""
    devices = _CLAIMED if has_devices else _UNCLAIMED
    statement, parameters = _statement(_CHANGED, devices, deployment, ring)
    of_command = {
        "ring": command.ring_id,
        "connector": command.connector,
        "release": command.release_id,
        "size": command.size,
        "command": command.id,
    }
    found = unit.session.execute(text(f"SELECT EXISTS ({statement})"), {**parameters, **of_command})
    return bool(found.scalar_one())


def exclude_changed(unit: Unit, deployment: Deployment, ring: Ring, command: Command) -> None:
    """Take the command's devices that changed out of the counts. Called with the ring locked."""
    statement, parameters = _statement(_EXCLUDE, _CLAIMED, deployment, ring)
    tallies = []
    for row in unit.session.execute(text(statement), {**parameters, "command": command.id}):
        ring.shift(AssignmentState.PENDING, AssignmentState(row.state), row.devices)
        about = {**ring.names, "connector": command.connector, "outcome": row.state, "reason": row.reason}
        tallies.append({**about, "count": row.devices})
    if tallies:
        record(unit, deployment, "assignments.excluded", **ring.names, tallies=tallies)
        unit.enqueue(Job.ADVANCE, deployment.id)


def _statement(template: str, devices: str, deployment: Deployment, ring: Ring) -> tuple[str, dict[str, Any]]:
    """The statement over these devices. A rollback returns its devices wherever their tags and scope are now."""
    is_rollback = deployment.kind is DeploymentKind.ROLLBACK
    whole: dict[str, Any] = {} if is_rollback else deployment.scope
    in_whole_scope, parameters = in_scope(deployment.platform, whole)
    without_tags, _ = in_scope(deployment.platform, scope.without(whole, "tags", "exclude_tags"))
    rings = Plan.from_json(deployment.plan).rings
    # Joiners are in the last ring whatever their tags.
    is_last = ring.position == len(rings) - 1
    tag = None if is_rollback or is_last else rings[ring.position].tag
    statement = template.format(devices=devices, scope=in_whole_scope, scope_without_tags=without_tags)
    return statement, {**parameters, "ring_tag": tag}
