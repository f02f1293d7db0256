"""What every change of a deployment shares: locks in the common order, the checked transition, the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, moves
from app.db import locked
from app.deployments.errors import IllegalTransition, NoSuchDeployment
from app.deployments.models import Deployment, Ring
from app.deployments.rules import states
from app.deployments.rules.states import Decision, DeploymentState, PauseCode
from app.events.unit import Unit
from app.http.versions import IfMatch, require_version
from app.queue import Job

TICK = timedelta(seconds=2)
"""The longest time between two ticks of a running deployment; the end of a soak wakes it earlier."""
IDLE_TICK = timedelta(seconds=10)
"""The same while it is paused."""
SUPERSEDED = "superseded"
"""The reason of a deployment that was replaced by another one."""


def claim(session: Session, deployment_id: int, *expected: DeploymentState) -> Deployment | None:
    """The deployment, locked for a job; None if another process has it or its state is not one of `expected`."""
    statement = select(Deployment).where(Deployment.id == deployment_id, Deployment.state.in_(expected))
    return session.execute(locked(statement, skip=True)).scalar_one_or_none()


def for_decision(session: Session, deployment_id: int, if_match: IfMatch) -> Deployment:
    """The deployment, locked for a person's decision. Raises NoSuchDeployment, Stale."""
    statement = select(Deployment).where(Deployment.id == deployment_id)
    deployment = session.execute(locked(statement)).scalar_one_or_none()
    if deployment is None:
        raise NoSuchDeployment(deployment_id)
    require_version("The deployment", deployment.version, if_match)
    return deployment


def requester(session: Session, deployment_id: int) -> str:
    """Who requested a deployment."""
    return session.execute(select(Deployment.requested_by).where(Deployment.id == deployment_id)).scalar_one()


def locked_rings(session: Session, *deployment_ids: int) -> list[Ring]:
    """The rings of these deployments, locked, in the order of their ids, which is also the order of the plan."""
    statement = select(Ring).where(Ring.deployment_id.in_(deployment_ids)).order_by(Ring.id)
    return list(session.execute(locked(statement)).scalars())


def locked_ring(session: Session, ring_id: int) -> Ring:
    """One ring, locked."""
    return session.execute(locked(select(Ring).where(Ring.id == ring_id))).scalar_one()


def next_ring(rings: Sequence[Ring], position: int) -> dict[str, str | None]:
    """How the event of a ring's end names the ring that follows it, if there is one."""
    if position + 1 == len(rings):
        return {"next_ring": None, "next_ring_key": None}
    return {f"next_{field}": value for field, value in rings[position + 1].names.items()}


def live(session: Session, application_id: int, platform: str, *, lock: bool = True) -> Deployment | None:
    """The one live deployment of an application on a platform, locked unless the caller only reads."""
    statement = select(Deployment).where(
        Deployment.application_id == application_id,
        Deployment.platform == platform,
        Deployment.state.in_(states.LIVE),
    )
    return session.execute(locked(statement) if lock else statement).scalar_one_or_none()


def supersede(unit: Unit, deployment: Deployment) -> None:
    """End a live deployment that another one replaces. One that is not planned yet needs no settling."""
    is_planned = deployment.state is not DeploymentState.PLANNING
    end(unit, deployment, DeploymentState.ABORTED if is_planned else DeploymentState.REJECTED, SUPERSEDED)
    if not is_planned:
        deployment.due_at = None
    unit.session.flush()


def require_live(deployment: Deployment) -> None:
    """Raise IllegalTransition for a deployment that has ended."""
    if deployment.state not in states.LIVE:
        raise IllegalTransition(
            f"Deployment {deployment.id} is {deployment.state}: it has ended and can no longer change; "
            "create a new deployment instead.",
            allowed=sorted(states.LIVE),
        )


def require(deployment: Deployment, decision: Decision) -> None:
    """Raise IllegalTransition, naming the states that are allowed, unless its state allows the decision."""
    allowed = states.DECISIONS[decision]
    if deployment.state in allowed:
        return
    if deployment.state not in states.LIVE:
        instead = ": it has ended and can no longer change; create a new deployment instead."
    else:
        instead = f"; `{decision}` needs one that is {' or '.join(sorted(allowed & states.LIVE))}."
    raise IllegalTransition(f"Deployment {deployment.id} is {deployment.state}{instead}", allowed=sorted(allowed))


def move(deployment: Deployment, target: DeploymentState, reason: str) -> None:
    """Change the state by the table. Raises IllegalTransition, naming the states that are allowed."""
    try:
        moves.check(states.DEPLOYMENT, deployment.state, target)
    except moves.IllegalMove as illegal:
        allowed = ", ".join(sorted(states.DEPLOYMENT[deployment.state]))
        instead = (
            f"from {deployment.state} it can become {allowed}"
            if allowed
            else "it has ended; create a new deployment instead"
        )
        sources = sorted(source for source, targets in states.DEPLOYMENT.items() if target in targets)
        raise IllegalTransition(
            f"Deployment {deployment.id} cannot go {illegal}: {instead}.", allowed=sources
        ) from illegal
    deployment.state, deployment.reason = target, reason
    deployment.pause_code = deployment.pause_ring = None
    deployment.version += 1
    if target not in states.LIVE:
        deployment.finished_at, deployment.due_at, deployment.holds = clock.now(), None, []


def pause(unit: Unit, deployment: Deployment, code: PauseCode, reason: str, ring: str | None = None) -> None:
    """Pause the deployment; `ring` is the key of the ring that caused it."""
    move(deployment, DeploymentState.PAUSED, reason)
    deployment.pause_code, deployment.pause_ring = code, ring
    deployment.paused_at = clock.now()
    deployment.due_at = deployment.paused_at + IDLE_TICK
    record(unit, deployment, "deployment.paused")


def end(unit: Unit, deployment: Deployment, target: DeploymentState, reason: str) -> None:
    """End the deployment; a job then settles the remaining devices and records installed releases."""
    move(deployment, target, reason)
    record(unit, deployment, f"deployment.{target.value}")
    settle_soon(unit, deployment)


def settle_soon(unit: Unit, deployment: Deployment) -> None:
    """Have an ended deployment settled: at its end, and when a command that was being sent comes back."""
    deployment.due_at = clock.now()
    unit.enqueue(Job.SETTLE, deployment.id)


def open_deployment(unit: Unit, deployment: Deployment, rings: list[tuple[str, str]], **payload: Any) -> None:
    """Store a new deployment with its rings, as (name, key) in order, and have it planned."""
    now = clock.now()
    deployment.state = DeploymentState.PLANNING
    deployment.created_at = deployment.due_at = now
    unit.session.add(deployment)
    unit.session.flush()
    unit.session.add_all(
        Ring(deployment_id=deployment.id, position=position, name=name, key=key)
        for position, (name, key) in enumerate(rings)
    )
    record(unit, deployment, "deployment.created", **payload)
    unit.enqueue(Job.PLAN, deployment.id)


def record(unit: Unit, deployment: Deployment, type: str, **payload: Any) -> None:
    """Record an event about the deployment, with the fields that all of them have."""
    common = {
        "application_label": deployment.application_label,
        "kind": deployment.kind.value,
        "reason": deployment.reason,
    }
    unit.record(type, {**common, **payload}, deployment_id=deployment.id)
