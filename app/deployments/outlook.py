"""The `next` of a deployment: what it waits for, until when, and who can do what. Read without locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import queue
from app.commands.models import Command
from app.commands.states import UNSENT, CommandState
from app.controls import stops
from app.deployments import planning, waivers
from app.deployments.analysis import service as measurements
from app.deployments.holds import Hold
from app.deployments.models import Deployment, Ring
from app.deployments.rules import machine, outlook
from app.deployments.rules.gates import soak_over
from app.deployments.rules.machine import RingView
from app.deployments.rules.outlook import Awaited, RingOutlook, Situation
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import LIVE, STARTED, DeploymentKind, DeploymentState
from app.deployments.tick import gate_inputs


def what_follows(session: Session, deployment_id: int, holds: Sequence[Hold], now: datetime) -> dict[str, Any] | None:
    """What the deployment awaits and the calls that can move it; None once it has ended."""
    deployment = session.get_one(Deployment, deployment_id)
    if deployment.state not in LIVE:
        return None
    plan = Plan.from_json(deployment.plan)
    in_order = select(Ring).where(Ring.deployment_id == deployment_id).order_by(Ring.position)
    rings = session.execute(in_order).scalars().all()
    promotable = _promotable(session, deployment, plan, rings, now)
    situation = Situation(
        state=deployment.state,
        rings=[_of_ring(plan, ring, ring.position == promotable, now) for ring in rings],
        pause_code=deployment.pause_code,
        waiver_expired=waivers.expired(session, deployment_id, now) is not None,
        has_started=deployment.started_at is not None,
        is_rollback=deployment.kind is DeploymentKind.ROLLBACK,
        settles_first=_settles_first(session, deployment),
    )
    standing = [Awaited(hold.name, hold.reason) for hold in holds]
    fault = _connector_fault(session, deployment_id)
    late = [outlook.behind(name, waited) for name, waited in queue.rollouts_behind(now).items()]
    awaits = [*outlook.awaited(situation, standing), *([] if fault is None else [fault]), *late]
    return {
        "awaits": [asdict(each) for each in awaits],
        "ways": [
            {**asdict(way), "call": f"POST /api/v1/deployments/{deployment_id}/{way.decision}"}
            for way in outlook.ways(situation)
        ],
    }


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
    session: Session, deployment: Deployment, plan: Plan, rings: Sequence[Ring], now: datetime
) -> int | None:
    """The position of the ring whose soak a person can end now."""
    position = machine.current([ring.state for ring in rings])
    if deployment.state is not DeploymentState.RUNNING or position is None or rings[position].state not in STARTED:
        return None
    incidents = stops.open_severities(session, deployment.id)
    names = [each.name for each in plan.rings[position].gate.analyses]
    results = measurements.results(session, rings[position].id, names)
    views = [
        RingView(ring.state, plan.rings[ring.position].gate, gate_inputs(ring, incidents, list(results.values())))
        for ring in rings
    ]
    return position if isinstance(machine.promotion(views, now), machine.Pass) else None


def _settles_first(session: Session, deployment: Deployment) -> int | None:
    """The superseded deployment that still has to be settled before this one is planned."""
    is_planning = deployment.state is DeploymentState.PLANNING
    return deployment.supersedes if is_planning and planning.is_unsettled(session, deployment.supersedes) else None


def _connector_fault(session: Session, deployment_id: int) -> Awaited | None:
    """The latest fault of a call that will be tried again; below the breaker's limit it is no hold."""
    is_tried_again = or_(Command.state.in_(UNSENT), Command.due_at.is_not(None))
    statement = (
        select(Command.connector, Command.error, Command.due_at, Command.state)
        .where(Command.deployment_id == deployment_id, is_tried_again, Command.error.is_not(None))
        .order_by(Command.attempted_at.desc().nulls_last())
        .limit(1)
    )
    row = session.execute(statement).first()
    if row is None:
        return None
    is_sent = row.state is CommandState.CONFIRMED
    then = "the command's results are read again" if is_sent else "the command is sent again"
    return Awaited("connector", f"connector {row.connector}: {row.error}", row.due_at, then)
