"""What blocks dispatch now: the two questions that a tick asks, each one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.controls import windows
from app.controls.models import Freeze, FreezeKind, Incident
from app.controls.windows import Window

log = structlog.get_logger()

_IN_ORDER = select(Freeze).order_by(Freeze.kind, Freeze.id)


@dataclass(frozen=True)
class Stop:
    """What blocks dispatch: a freeze or an emergency stop, with the reason that its author gave."""

    kind: FreezeKind
    reason: str


def open_severities(session: Session, deployment_id: int) -> list[str]:
    """The severities of the deployment's open incidents, the worst first."""
    return open_severities_of(session, [deployment_id]).get(deployment_id, [])


def open_severities_of(session: Session, deployment_ids: Collection[int]) -> dict[int, list[str]]:
    """The same for several deployments, by deployment; one without open incidents is left out."""
    statement = (
        select(Incident.deployment_id, Incident.severity)
        .where(Incident.deployment_id.in_(deployment_ids), Incident.closed_at.is_(None))
        .order_by(Incident.severity)
    )
    severities: dict[int, list[str]] = {}
    for row in session.execute(statement):
        severities.setdefault(row.deployment_id, []).append(row.severity.value)
    return severities


def standing(session: Session, application: str | None, now: datetime) -> list[Stop]:
    """What blocks dispatch of this application now, emergency stops first; of None, what blocks every application."""
    of_all = Freeze.application.is_(None)
    applies = of_all if application is None else or_(of_all, Freeze.application == application)
    return blocking(session.scalars(_IN_ORDER.where(in_force(now), applies)), application, now)


def declared(session: Session, now: datetime) -> list[Freeze]:
    """Every freeze and emergency stop that is in force, emergency stops first. There are never many."""
    return list(session.scalars(_IN_ORDER.where(in_force(now)).execution_options(populate_existing=True)))


def blocking(freezes: Iterable[Freeze], application: str | None, now: datetime) -> list[Stop]:
    """Those of the freezes in force that block dispatch of this application now."""
    return [
        Stop(freeze.kind, freeze.reason)
        for freeze in freezes
        if freeze.application in (None, application) and stands(freeze, now)
    ]


def in_force(now: datetime) -> ColumnElement[bool]:
    """The condition on a freeze's row for it to be in force now, regardless of its windows.

    One that began when it was declared has begun, even if the clock was set back since.
    """
    has_begun = or_(Freeze.starts_at <= now, Freeze.starts_at <= Freeze.created_at)
    has_not_ended = or_(Freeze.ends_at.is_(None), Freeze.ends_at > now)
    return and_(Freeze.lifted_at.is_(None), has_begun, has_not_ended)


def stands(freeze: Freeze, now: datetime) -> bool:
    """Whether a freeze that is in force blocks dispatch now: it has no windows, or one of them is open."""
    if not freeze.windows:
        return True
    try:
        return windows.is_any_open([Window.from_json(window) for window in freeze.windows], now)
    except windows.UNREADABLE:
        # Another version wrote them, or their time zone was removed. An unreadable freeze must not let devices through.
        log.exception("windows of a freeze cannot be read, so it blocks dispatch", freeze=freeze.id)
        return True
