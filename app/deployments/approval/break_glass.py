"""Break-glass: an admin lets a deployment pass a freeze; a second person confirms in time, or it pauses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.controls.models import Incident
from app.deployments import transitions
from app.deployments.approval.errors import GlassAlreadyBroken, NothingToConfirm, OwnConfirmation, UnknownIncident
from app.deployments.approval.models import BreakGlass
from app.deployments.approval.schemas import BreakGlassIn
from app.deployments.models import Deployment
from app.deployments.rules.states import ACTIVE, DeploymentState, PauseCode
from app.errors import FieldError
from app.events.models import Event
from app.events.unit import SYSTEM, unit_of_work
from app.http.versions import IfMatch
from app.identity.subjects import is_same
from app.queue import Job

CONFIRM_WITHIN = timedelta(hours=24)


def is_used(session: Session, deployment_id: int, now: datetime) -> bool:
    """Whether the deployment may pass a freeze: break-glass is confirmed, or there is still time to confirm it."""
    return deployment_id in used_by(session, [deployment_id], now)


def used_by(session: Session, deployment_ids: Collection[int], now: datetime) -> set[int]:
    """Those of the deployments that may pass a freeze."""
    statement = select(BreakGlass.deployment_id).where(
        BreakGlass.deployment_id.in_(deployment_ids),
        or_(BreakGlass.confirmed_at.is_not(None), BreakGlass.confirm_by > now),
    )
    return set(session.execute(statement).scalars())


def use(actor: str, deployment_id: int, emergency: BreakGlassIn, if_match: IfMatch = None) -> None:
    """Let the deployment pass freezes. Raises UnknownIncident, GlassAlreadyBroken."""
    now = clock.now()
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require_live(deployment)
        is_open = exists().where(Incident.id == emergency.incident_id, Incident.closed_at.is_(None))
        if not unit.session.execute(select(is_open)).scalar_one():
            raise UnknownIncident(
                f"Incident {emergency.incident_id} does not exist or is not open; open one with POST /incidents.",
                fields=[FieldError("incident_id", "must be the id of an open incident")],
            )
        earlier = _usage_of(unit.session, deployment_id)
        if earlier is not None:
            raise GlassAlreadyBroken(
                f"{earlier.broken_by} used break-glass at {earlier.broken_at:%Y-%m-%d %H:%M} UTC, and a deployment can "
                "use it only once; have the freeze lifted instead."
            )
        usage = BreakGlass(
            deployment_id=deployment_id,
            incident_id=emergency.incident_id,
            reason=emergency.reason,
            broken_by=actor,
            broken_at=now,
            confirm_by=now + CONFIRM_WITHIN,
        )
        unit.session.add(usage)
        deployment.version += 1
        transitions.record(
            unit,
            deployment,
            "glass.broken",
            why=emergency.reason,
            incident_id=emergency.incident_id,
            confirm_by=usage.confirm_by.isoformat(),
        )
        unit.enqueue(Job.ADVANCE, deployment_id)


def confirm(actor: str, deployment_id: int, comment: str, if_match: IfMatch = None) -> None:
    """Confirm break-glass as the second person. Raises NothingToConfirm, OwnConfirmation."""
    now = clock.now()
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require_live(deployment)
        usage = _usage_of(unit.session, deployment_id)
        if usage is None or usage.confirmed_at is not None or usage.confirm_by <= now:
            raise NothingToConfirm(
                "Break-glass was not used, is already confirmed, or its 24 hours have run out; "
                f"see GET /deployments/{deployment_id}/approvals."
            )
        if is_same(actor, usage.broken_by):
            raise OwnConfirmation(f"{actor} used break-glass; another person must confirm it.")
        usage.confirmed_by, usage.confirmed_at = actor, now
        deployment.version += 1
        transitions.record(unit, deployment, "glass.confirmed", comment=comment, broken_by=usage.broken_by)


def pause_unconfirmed() -> None:
    """Pause each deployment whose break-glass was not confirmed in time, once."""
    with unit_of_work(SYSTEM) as unit:
        late = list(unit.session.execute(select(Deployment.id).where(_overdue()).order_by(Deployment.id)).scalars())
    for deployment_id in late:
        with unit_of_work(SYSTEM) as unit:
            deployment = transitions.claim(unit.session, deployment_id, *ACTIVE)
            # It may have been confirmed, or recorded by another run, since the first query.
            if (
                deployment is None
                or unit.session.execute(select(Deployment.id).where(Deployment.id == deployment_id, _overdue())).first()
                is None
            ):
                continue
            if deployment.state is DeploymentState.RUNNING:
                transitions.pause(unit, deployment, PauseCode.UNCONFIRMED, "break_glass_unconfirmed")
            transitions.record(unit, deployment, "glass.unconfirmed")


def _overdue() -> ColumnElement[bool]:
    unconfirmed = exists().where(
        BreakGlass.deployment_id == Deployment.id,
        BreakGlass.confirmed_at.is_(None),
        BreakGlass.confirm_by <= clock.now(),
    )
    recorded = exists().where(Event.deployment_id == Deployment.id, Event.type == "glass.unconfirmed")
    return and_(Deployment.state.in_(ACTIVE), unconfirmed, ~recorded)


def _usage_of(session: Session, deployment_id: int) -> BreakGlass | None:
    return session.execute(select(BreakGlass).where(BreakGlass.deployment_id == deployment_id)).scalar_one_or_none()
