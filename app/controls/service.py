"""Opening and closing incidents; declaring freezes and emergency stops (one person) and lifting them (two)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.controls import windows
from app.controls.errors import (
    IncidentClosed,
    NoSuchEmergencyStop,
    NoSuchFreeze,
    NoSuchIncident,
    NothingToLift,
    OwnIncident,
    OwnLift,
    UnknownApplication,
    UnknownDeployment,
)
from app.controls.models import Freeze, FreezeKind, Incident
from app.controls.schemas import FreezeIn, IncidentIn
from app.db import db, locked
from app.errors import FieldError, Invalid, NotFound
from app.events.unit import Unit, unit_of_work
from app.http.serialization import timestamp
from app.http.versions import IfMatch, require_version
from app.identity.roles import APPROVING, require
from app.identity.subjects import Caller, is_same
from app.metrics import catalogue as m
from app.metrics.projection import Measure
from app.releases.service import application_exists
from app.vocabulary import Severity

Requester = Callable[[Session, int], str]
"""`(session, deployment_id)`: who requested the deployment."""
_requesters: list[Requester] = []
_MISSING: Mapping[FreezeKind, type[NotFound]] = {
    FreezeKind.FREEZE: NoSuchFreeze,
    FreezeKind.EMERGENCY_STOP: NoSuchEmergencyStop,
}


def open_incident(actor: str, body: IncidentIn) -> Incident:
    """Open an incident. Raises UnknownDeployment."""
    with unit_of_work(actor) as unit:
        incident = Incident(**body.model_dump(), opened_by=actor, opened_at=clock.now())
        unit.session.add(incident)
        try:
            unit.session.flush()
        except IntegrityError as error:
            if not isinstance(error.orig, ForeignKeyViolation):
                raise
            raise UnknownDeployment(
                f"Deployment {body.deployment_id} does not exist. Omit it if the incident is not about a deployment.",
                fields=[FieldError("deployment_id", "unknown deployment")],
            ) from error
        _record(unit, "incident.opened", incident, title=incident.title)
        return incident


def close_incident(actor: str, incident_id: int, resolution: str, if_match: IfMatch = None) -> Incident:
    """Close an open incident. Raises NoSuchIncident, Stale, IncidentClosed, OwnIncident."""
    with unit_of_work(actor) as unit:
        incident = unit.session.execute(locked(select(Incident).where(Incident.id == incident_id))).scalar_one_or_none()
        if incident is None:
            raise NoSuchIncident(f"Incident {incident_id} does not exist.")
        require_version("The incident", incident.version, if_match)
        if incident.deployment_id is not None and is_same(actor, _requester(unit.session, incident.deployment_id)):
            raise OwnIncident(
                f"{actor} requested deployment {incident.deployment_id}, which this incident is about. "
                "Another person must close it."
            )
        if incident.closed_at is not None:
            raise IncidentClosed(
                f"{incident.closed_by} closed incident {incident_id} at {timestamp(incident.closed_at)}.",
                allowed=["open"],
            )
        incident.closed_by, incident.closed_at, incident.resolution = actor, clock.now(), resolution
        _record(unit, "incident.closed", incident, resolution=resolution)
        return incident


def declare_freeze(actor: str, body: FreezeIn) -> Freeze:
    """Block dispatch from now or from the given start. Raises Invalid, UnknownApplication."""
    now = clock.now()
    problems = [*_time_problems(body, now), *_window_problems(body)] or _standing_problems(body, now)
    if problems:
        raise Invalid("This freeze would not block dispatch as intended. Nothing was changed.", fields=problems)
    freeze = Freeze(
        kind=FreezeKind.FREEZE,
        reason=body.reason,
        application=body.application,
        starts_at=body.starts_at or now,
        ends_at=body.ends_at,
        windows=[window.as_window().as_json() for window in body.windows],
    )
    with unit_of_work(actor) as unit:
        _declare(unit, freeze, now)
        times = {"starts_at": timestamp(freeze.starts_at), "ends_at": freeze.ends_at and timestamp(freeze.ends_at)}
        unit.record("freeze.declared", {**_about(freeze), **times, "windows": freeze.windows})
    return freeze


def declare_emergency_stop(actor: str, reason: str, application: str | None) -> Freeze:
    """Block dispatch at once, until the stop is lifted. Raises UnknownApplication."""
    now = clock.now()
    stop = Freeze(
        kind=FreezeKind.EMERGENCY_STOP, reason=reason, application=application, starts_at=now, ends_at=None, windows=[]
    )
    with unit_of_work(actor) as unit:
        _declare(unit, stop, now)
        unit.record("emergency_stop.declared", _about(stop))
    return stop


def lift(caller: Caller, kind: FreezeKind, freeze_id: int, reason: str, if_match: IfMatch = None) -> bool:
    """Request a lift or, as another person with an approving role, approve the requested one; True if it is lifted.

    Raises OwnLift, Forbidden (the role may not approve), NothingToLift, Stale, NoSuchFreeze, NoSuchEmergencyStop.
    """
    now = clock.now()
    with unit_of_work(caller.subject) as unit:
        freeze = unit.session.execute(locked(select(Freeze).where(Freeze.id == freeze_id))).scalar_one_or_none()
        if freeze is None or freeze.kind is not kind:
            raise missing(kind, freeze_id)
        require_version(_titled(kind, freeze_id), freeze.version, if_match)
        ended_at = freeze.lifted_at or (freeze.ends_at if freeze.ends_at and freeze.ends_at <= now else None)
        if ended_at:
            raise NothingToLift(f"{_titled(kind, freeze_id)} ended at {timestamp(ended_at)}.", allowed=["standing"])
        if freeze.lift_requested_by is None:
            freeze.lift_requested_by, freeze.lift_requested_at, freeze.lift_reason = caller.subject, now, reason
            unit.record(f"{kind.value}.lift_requested", {**_about(freeze), "lift_reason": reason})
            return False
        if is_same(freeze.lift_requested_by, caller.subject):
            raise OwnLift(f"{caller.subject} requested this lift. Another person must approve it.")
        require(caller.role, APPROVING)
        freeze.lifted_by, freeze.lifted_at = caller.subject, now
        request = {"lift_reason": freeze.lift_reason, "lift_requested_by": freeze.lift_requested_by}
        unit.record(f"{kind.value}.lifted", {**_about(freeze), **request, "comment": reason})
        return True


def install_requesters(requester: Requester) -> None:
    """Ask this who requested a deployment. Installed once, by the factory."""
    _requesters[:] = [requester]


def _requester(session: Session, deployment_id: int) -> str:
    return _requesters[0](session, deployment_id) or "" if _requesters else ""


def missing(kind: FreezeKind, freeze_id: int) -> NotFound:
    """The error for a freeze or an emergency stop that does not exist."""
    return _MISSING[kind](f"{_titled(kind, freeze_id)} does not exist.")


def _titled(kind: FreezeKind, freeze_id: int) -> str:
    return f"{kind.value.replace('_', ' ').capitalize()} {freeze_id}"


def levels() -> list[Measure]:
    """The gauge of open incidents, for every severity."""
    counted = select(Incident.severity, func.count().label("open")).group_by(Incident.severity)
    statement = counted.where(Incident.closed_at.is_(None))
    counts = {row.severity: row.open for row in db.session.execute(statement)}
    return [
        Measure(m.INCIDENT_OPEN, m.INCIDENT_OPEN(severity=severity.value), counts.get(severity, 0))
        for severity in Severity
    ]


def _declare(unit: Unit, freeze: Freeze, now: datetime) -> None:
    application = freeze.application
    if application is not None and not application_exists(unit.session, application):
        # A typo in the name would declare a stop that blocks nothing.
        raise UnknownApplication(
            f"Application `{application}` does not exist. Omit it to block all applications.",
            fields=[FieldError("application", "unknown application")],
        )
    freeze.created_by, freeze.created_at = unit.actor, now
    unit.session.add(freeze)
    unit.session.flush()


def _record(unit: Unit, type: str, incident: Incident, **more: str) -> None:
    payload = {"incident_id": incident.id, "severity": incident.severity.value, **more}
    unit.record(type, payload, deployment_id=incident.deployment_id)


def _about(freeze: Freeze) -> dict[str, Any]:
    return {"id": freeze.id, "application": freeze.application, "reason": freeze.reason}


def _time_problems(body: FreezeIn, now: datetime) -> list[FieldError]:
    problems = []
    if body.starts_at is not None and body.starts_at < now:
        problems.append(FieldError("starts_at", "is in the past; omit it to start now"))
    if body.ends_at is not None and body.ends_at <= (body.starts_at or now):
        problems.append(FieldError("ends_at", "must be later than the start"))
    return problems


def _standing_problems(body: FreezeIn, now: datetime) -> list[FieldError]:
    """A freeze whose windows are all closed until it ends would never block anything."""
    if body.ends_at is None or not body.windows:
        return []
    opens = windows.never_opens([window.as_window() for window in body.windows], body.starts_at or now, body.ends_at)
    if opens is None:
        return []
    return [FieldError("windows", f"must open before ends_at, but the first one opens at {timestamp(opens)}")]


def _window_problems(body: FreezeIn) -> list[FieldError]:
    return [
        FieldError(f"windows.{position}.{field}", message)
        for position, window in enumerate(body.windows)
        for field, message in windows.problems(window.as_window())
    ]
