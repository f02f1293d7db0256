"""The `next` of a deployment: what it waits for, until when, and who can do what. Read without locks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import queue
from app.commands.models import Command
from app.commands.states import UNSENT, CommandState
from app.controls import stops
from app.deployments import holds, planning, waivers
from app.deployments.analysis import service as measurements
from app.deployments.holds import Hold
from app.deployments.models import Deployment, Ring
from app.deployments.rules import machine, outlook
from app.deployments.rules.gates import soak_over
from app.deployments.rules.machine import RingView
from app.deployments.rules.outlook import Awaited, RingOutlook, Situation, Way
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import LIVE, STARTED, DeploymentKind, DeploymentState
from app.deployments.tick import gate_inputs
from app.queue import QueueName


@dataclass(frozen=True)
class Outlook:
    """What a deployment waits for and how it can go on."""

    holds: Sequence[Hold]
    awaits: Sequence[Awaited]
    ways: Sequence[Way]

    def as_json(self, deployment_id: int) -> dict[str, Any]:
        """`next` as the API shows it."""
        return {
            "awaits": [asdict(each) for each in self.awaits],
            "ways": [
                {**asdict(way), "call": f"POST /api/v1/deployments/{deployment_id}/{way.decision}"} for way in self.ways
            ],
        }


def outlooks(
    session: Session, deployments: Mapping[Deployment, Sequence[Ring]], behind: Mapping[QueueName, float], now: datetime
) -> dict[int, Outlook]:
    """The outlook of each live deployment, given with its rings in order; `behind` are the queues that are.

    The number of statements does not depend on how many deployments there are.
    """
    live = {deployment: rings for deployment, rings in deployments.items() if deployment.state in LIVE}
    if not live:
        return {}
    ids = [deployment.id for deployment in live]
    blocking = holds.active(session, live, now)
    promotable = _promotable(session, live, now)
    expired = waivers.expired_of(session, ids, now)
    faults = _connector_faults(session, ids)
    first = _settles_first(session, live)
    late = [outlook.behind(name, waited) for name, waited in behind.items()]
    found = {}
    for deployment, rings in live.items():
        plan, of_it = Plan.from_json(deployment.plan), deployment.id
        situation = Situation(
            state=deployment.state,
            rings=[_of_ring(plan, ring, ring.position == promotable.get(of_it), now) for ring in rings],
            pause_code=deployment.pause_code,
            waiver_expired=of_it in expired,
            has_started=deployment.started_at is not None,
            is_rollback=deployment.kind is DeploymentKind.ROLLBACK,
            is_scheduled=deployment.waits_for_start(now),
            settles_first=first.get(of_it),
        )
        standing = [Awaited(hold.name, hold.reason, hold.until, hold.then) for hold in blocking[of_it]]
        awaits = [*outlook.awaited(situation, standing), *faults.get(of_it, ()), *late]
        found[of_it] = Outlook(blocking[of_it], awaits, outlook.ways(situation))
    return found


def outlook_of(session: Session, deployment_id: int, now: datetime) -> Outlook | None:
    """The outlook of one deployment; None once it has ended."""
    of_it = select(Deployment).where(Deployment.id == deployment_id)
    deployment = session.execute(of_it.execution_options(populate_existing=True)).scalar_one()
    if deployment.state not in LIVE:
        return None
    with_rings = {deployment: rings_of(session, [deployment_id])[deployment_id]}
    return outlooks(session, with_rings, queue.rollouts_behind(now), now)[deployment_id]


def rings_of(session: Session, deployment_ids: Collection[int]) -> dict[int, list[Ring]]:
    """The rings of each deployment as they are now, in order."""
    in_order = select(Ring).where(Ring.deployment_id.in_(deployment_ids)).order_by(Ring.position)
    rings: dict[int, list[Ring]] = {deployment_id: [] for deployment_id in deployment_ids}
    for ring in session.execute(in_order.execution_options(populate_existing=True)).scalars():
        rings[ring.deployment_id].append(ring)
    return rings


def _of_ring(plan: Plan, ring: Ring, promotable: bool, now: datetime) -> RingOutlook:
    waited = None if ring.excused_since is not None else ring.waited(now)
    patience = plan.patience(ring.position, has_pending=ring.pending > 0)
    return RingOutlook(
        state=ring.state,
        code=ring.verdict_code,
        reason=ring.verdict_reason,
        soaks_until=soak_over(plan.rings[ring.position].gate, ring.covered_at),
        stalls_at=None if waited is None else now + patience - waited,
        promotable=promotable,
    )


def _promotable(
    session: Session, deployments: Mapping[Deployment, Sequence[Ring]], now: datetime
) -> dict[int, int | None]:
    """For each running deployment, the position of the ring whose soak a person can end now."""
    current = {}
    for deployment, rings in deployments.items():
        position = machine.current([ring.state for ring in rings])
        if deployment.state is DeploymentState.RUNNING and position is not None and rings[position].state in STARTED:
            current[deployment] = position
    if not current:
        return {}
    plans = {deployment: Plan.from_json(deployment.plan) for deployment in current}
    incidents = stops.open_severities_of(session, [deployment.id for deployment in current])
    analyses = {
        deployments[deployment][position].id: [each.name for each in plans[deployment].rings[position].gate.analyses]
        for deployment, position in current.items()
    }
    measured = measurements.results_of(session, analyses)
    found: dict[int, int | None] = {}
    for deployment, position in current.items():
        rings, severities = deployments[deployment], incidents.get(deployment.id, [])
        results = list(measured[rings[position].id].values())
        views = [
            RingView(ring.state, plans[deployment].rings[ring.position].gate, gate_inputs(ring, severities, results))
            for ring in rings
        ]
        found[deployment.id] = position if isinstance(machine.promotion(views, now), machine.Pass) else None
    return found


def _settles_first(session: Session, deployments: Collection[Deployment]) -> dict[int, int]:
    """For each deployment that is being planned, the superseded one that still has to be settled before."""
    planning_ones = {each.id: each.supersedes for each in deployments if each.state is DeploymentState.PLANNING}
    first = {of_it: superseded for of_it, superseded in planning_ones.items() if superseded is not None}
    unsettled = planning.unsettled(session, list(first.values())) if first else set()
    return {of_it: superseded for of_it, superseded in first.items() if superseded in unsettled}


def _connector_faults(session: Session, deployment_ids: Collection[int]) -> dict[int, list[Awaited]]:
    """Each deployment's latest fault of a call that will be tried again; below the breaker's limit it is no hold."""
    is_tried_again = or_(Command.state.in_(UNSENT), Command.due_at.is_not(None))
    statement = (
        select(Command.deployment_id, Command.connector, Command.error, Command.due_at, Command.state)
        .where(Command.deployment_id.in_(deployment_ids), is_tried_again, Command.error.is_not(None))
        .order_by(Command.deployment_id, Command.attempted_at.desc().nulls_last())
        .ext(distinct_on(Command.deployment_id))
    )
    faults = {}
    for row in session.execute(statement):
        is_sent = row.state is CommandState.CONFIRMED
        then = "the command's results are read again" if is_sent else "the command is sent again"
        awaited = Awaited("connector", f"connector {row.connector}: {row.error}", row.due_at, then)
        faults[row.deployment_id] = [awaited]
    return faults
