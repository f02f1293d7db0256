"""What every change of a deployment shares: the locks in their one order, the checked move, the event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.deployments.errors import IllegalTransition, NoSuchDeployment
from app.deployments.models import Deployment, Ring
from app.deployments.rules import states
from app.deployments.rules.states import DeploymentState
from app.errors import Stale
from app.events.unit import Unit
from app.queue import Job

TICK = timedelta(seconds=2)
"""How long a running deployment rests at most; what is known to come sooner wakes it sooner."""
IDLE_TICK = timedelta(seconds=10)
"""The same while it is paused."""
SUPERSEDED = "superseded"
"""The reason of a deployment that another one took the place of."""
SYSTEM = "system"
"""The actor of what the program does by itself."""


def claim(session: Session, deployment_id: int, *wanted: DeploymentState) -> Deployment | None:
    """The deployment, locked for a job; None if another holds it or its state is not one of `wanted`."""
    return session.execute(
        select(Deployment)
        .where(Deployment.id == deployment_id, Deployment.state.in_(wanted))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def for_decision(session: Session, deployment_id: int, if_match: int | None) -> Deployment:
    """The deployment, locked for a person's decision. Raises NoSuchDeployment, Stale."""
    deployment = session.execute(
        select(Deployment)
        .where(Deployment.id == deployment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if deployment is None:
        raise NoSuchDeployment(f"There is no deployment {deployment_id}.")
    if if_match is not None and deployment.version != if_match:
        raise Stale(f"The deployment is at version {deployment.version}; read it again and decide anew.")
    return deployment


def locked_rings(session: Session, *deployment_ids: int) -> list[Ring]:
    """The rings of these deployments, locked, in the order of their ids, which is theirs in the plan."""
    return list(
        session.execute(
            select(Ring)
            .where(Ring.deployment_id.in_(deployment_ids))
            .order_by(Ring.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalars()
    )


def live(session: Session, application_id: int, platform: str) -> Deployment | None:
    """The one live deployment of an application on a platform, locked."""
    return session.execute(
        select(Deployment)
        .where(
            Deployment.application_id == application_id,
            Deployment.platform == platform,
            Deployment.state.in_(states.LIVE_DEPLOYMENT),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def supersede(unit: Unit, deployment: Deployment) -> None:
    """End a live deployment because another one takes its place; one without a plan yet has nothing to give back."""
    is_planned = deployment.state is not DeploymentState.PLANNING
    end(unit, deployment, DeploymentState.ABORTED if is_planned else DeploymentState.REJECTED, SUPERSEDED)
    if not is_planned:
        deployment.due_at = None
    unit.session.flush()


def require_live(deployment: Deployment) -> None:
    """Raise IllegalTransition for a deployment that has ended."""
    if deployment.state not in states.LIVE_DEPLOYMENT:
        raise IllegalTransition(f"Deployment {deployment.id} is {deployment.state}; it has ended and never changes.")


def move(deployment: Deployment, target: DeploymentState, reason: str) -> None:
    """Change the state by the table. Raises IllegalTransition, naming what would be possible."""
    try:
        states.check(states.DEPLOYMENT, deployment.state, target)
    except states.IllegalMove as move:
        allowed = ", ".join(sorted(states.DEPLOYMENT[deployment.state])) or "nothing: it has ended"
        raise IllegalTransition(f"Deployment {deployment.id} cannot go {move}; it can become {allowed}.") from move
    deployment.state, deployment.reason = target, reason
    deployment.version += 1
    if target not in states.LIVE_DEPLOYMENT:
        deployment.finished_at, deployment.due_at, deployment.holds = clock.now(), None, []


def pause(unit: Unit, deployment: Deployment, reason: str) -> None:
    """Stop dispatching."""
    move(deployment, DeploymentState.PAUSED, reason)
    deployment.paused_at = clock.now()
    deployment.due_at = deployment.paused_at + IDLE_TICK
    record(unit, deployment, "deployment.paused")


def end(unit: Unit, deployment: Deployment, target: DeploymentState, reason: str) -> None:
    """End it; a job settles what was not dispatched and books what is installed."""
    move(deployment, target, reason)
    deployment.due_at = clock.now()
    record(unit, deployment, f"deployment.{target.value}")
    unit.enqueue(Job.SETTLE, deployment.id)


def record(unit: Unit, deployment: Deployment, type: str, **payload: Any) -> None:
    """Append an event about the deployment, with what every such event carries."""
    common = {
        "application_label": deployment.application_label,
        "kind": deployment.kind.value,
        "reason": deployment.reason,
    }
    unit.record(type, {**common, **payload}, deployment_id=deployment.id)


def count_hold(ring: Ring, paused_at: datetime | None, until: datetime) -> None:
    """Add a pause that ends now, or during which the ring is covered now, to the time that is no duration."""
    if paused_at and ring.dispatched_at and not ring.covered_at:
        ring.held_ms += milliseconds(until - max(paused_at, ring.dispatched_at))


def milliseconds(span: timedelta) -> int:
    """A span in whole milliseconds."""
    return round(span.total_seconds() * 1000)
