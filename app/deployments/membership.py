"""Devices that join or leave an active deployment.

Devices that come into scope join the ring of their tag, or the last open one. A retired device without an outcome
leaves the counts. It rejoins if it comes back, and so does a device that was excluded because it had changed. Which
devices changed is asked by the database's clock, never by a device's or by this machine's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, text

from app.db import database_time, quoted
from app.deployments import planning
from app.deployments.approval import service as approval
from app.deployments.models import Deployment
from app.deployments.rules import machine
from app.deployments.rules.states import ACTIVE, LEAVABLE, LIVE, AssignmentState, DeploymentKind
from app.deployments.transitions import claim, locked_rings, record
from app.devices.models import Device
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.queue import Job

OVERLAP = timedelta(seconds=60)
"""How far each look for joining devices reaches back: a registration is visible at its commit, not at its time."""

_LEAVABLE = quoted(LEAVABLE)
_RETIRE = text(
    # The retired devices in these deployments that have no outcome yet.
    f"""
    WITH leaving AS (
        SELECT id, state, command_id FROM assignments
         WHERE deployment_id = ANY(:deployments) AND device_id = ANY(:devices) AND state IN ({_LEAVABLE})
         ORDER BY id FOR UPDATE"""
    # The same, now retired, with the state they had and whether they were waiting for a command.
    """
    ), retired AS (
        UPDATE assignments SET state = 'retired' FROM leaving WHERE assignments.id = leaving.id
        RETURNING ring_id, connector, release_id, leaving.state AS before,
                  leaving.state = 'pending' AND leaving.command_id IS NULL AS unclaimed
    )
    SELECT ring_id, connector, release_id, before, unclaimed, count(*) AS devices
      FROM retired GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    """
)  # built from the table of states, not from input

# A device retired while a deployment was being planned is still in it: neither transaction saw the other.
_RETIRED_MEANWHILE = text(f"""
    SELECT device.id FROM {Device.__tablename__} AS device
     WHERE device.changed_at >= now() - CAST(:ago AS interval) AND device.retired_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM assignments AS assignment JOIN deployments AS deployment
                       ON deployment.id = assignment.deployment_id
                    WHERE assignment.device_id = device.id AND deployment.state IN ({quoted(LIVE)})
                      AND assignment.state IN ({_LEAVABLE}))
     ORDER BY device.id
""")  # built from the table of states, not from input


def retire(unit: Unit, device_ids: Sequence[int]) -> None:
    """Take retired devices without an outcome out of the counts of every live deployment."""
    live = list(
        unit.session.execute(select(Deployment.id).where(Deployment.state.in_(LIVE)).order_by(Deployment.id)).scalars()
    )
    if not live:
        return
    rings = {ring.id: ring for ring in locked_rings(unit.session, *live)}
    tallies: dict[int, list[dict[str, object]]] = defaultdict(list)
    for row in unit.session.execute(_RETIRE, {"deployments": live, "devices": list(device_ids)}):
        ring = rings[row.ring_id]
        ring.shift(AssignmentState(row.before), AssignmentState.RETIRED, row.devices)
        if row.unclaimed:
            ring.forget_waiting(row.connector, row.release_id, row.devices)
        tally = {**ring.names, "connector": row.connector, "outcome": "retired", "count": row.devices}
        tallies[ring.deployment_id].append(tally)
    for deployment_id, of_deployment in sorted(tallies.items()):
        deployment = unit.session.get_one(Deployment, deployment_id)
        record(unit, deployment, "assignments.retired", tallies=of_deployment)
        unit.enqueue(Job.ADVANCE, deployment_id)


def join_all() -> None:
    """Let devices join each active deployment, one unit of work each, and retire devices that `retire` missed."""
    with unit_of_work(SYSTEM) as unit:
        missed = unit.session.execute(_RETIRED_MEANWHILE, {"ago": 2 * OVERLAP}).scalars().all()
        if missed:
            retire(unit, missed)
    with unit_of_work(SYSTEM) as unit:
        active = select(Deployment.id).where(Deployment.state.in_(ACTIVE)).order_by(Deployment.id)
        deployment_ids = list(unit.session.execute(active).scalars())
    for deployment_id in deployment_ids:
        with unit_of_work(SYSTEM) as unit:
            _join(unit, deployment_id)


def _join(unit: Unit, deployment_id: int) -> None:
    deployment = claim(unit.session, deployment_id, *ACTIVE)
    if deployment is None:
        return
    since = (deployment.joined_until or deployment.created_at) - OVERLAP
    deployment.joined_until = database_time(unit.session)
    if not planning.may_join(unit.session, deployment, since):
        return
    rings = locked_rings(unit.session, deployment_id)
    open_rings = [ring for ring in rings if machine.is_open(ring.state)]
    if not open_rings:
        return
    came = planning.join(unit.session, deployment, open_rings, since)
    for ring in open_rings:
        ring.admit(came.get(ring.id, {}))
    returned = planning.rejoin(unit.session, deployment, rings, since)
    joined = returned + Counter({ring.id: came[ring.id].total() for ring in open_rings if ring.id in came})
    if not joined:
        return
    for ring in rings:
        if joined[ring.id]:
            counts = {"devices": joined[ring.id], "returned": returned[ring.id]}
            record(unit, deployment, "assignments.joined", **ring.names, **counts)
    if deployment.kind is DeploymentKind.ROLLOUT:  # a rollback needs no approval
        critical = planning.has_critical(unit.session, deployment.platform, deployment.scope)
        approval.assess(unit, deployment, [ring.targeted for ring in rings], critical)
    unit.enqueue(Job.ADVANCE, deployment_id)
