"""What the API shows about incidents, freezes and emergency stops."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app import clock
from app.controls import stops, windows
from app.controls.errors import NoSuchIncident
from app.controls.models import Freeze, FreezeKind, Incident
from app.controls.schemas import FreezeQuery, IncidentQuery
from app.controls.service import missing
from app.controls.windows import Window
from app.db import db
from app.http.pagination import page

_OF_INCIDENT = (*(column.name for column in Incident.__table__.columns), "version")
_OF_FREEZE = (*(column.name for column in Freeze.__table__.columns if column.name != "kind"), "version")


def incidents(query: IncidentQuery) -> dict[str, Any]:
    """A page of incidents, the oldest first."""
    statement = select(Incident).where(Incident.id > query.cursor).order_by(Incident.id).limit(query.limit + 1)
    if query.open is not None:
        statement = statement.where(Incident.closed_at.is_(None) if query.open else Incident.closed_at.is_not(None))
    if query.deployment_id is not None:
        statement = statement.where(Incident.deployment_id == query.deployment_id)
    return page([_shown_incident(incident) for incident in db.session.scalars(statement)], query.limit)


def incident(incident_id: int) -> dict[str, Any]:
    """One incident. Raises NoSuchIncident."""
    stored = db.session.scalars(select(Incident).where(Incident.id == incident_id)).first()
    if stored is None:
        raise NoSuchIncident(f"Incident {incident_id} does not exist.")
    return _shown_incident(stored)


def freezes(kind: FreezeKind, query: FreezeQuery) -> dict[str, Any]:
    """A page of freezes or of emergency stops, the oldest first."""
    now = clock.now()
    statement = _freezes(kind, now).where(Freeze.id > query.cursor).order_by(Freeze.id)
    # The database cannot evaluate windows, so it does not limit these rows; there are never many in force.
    statement = statement.where(stops.in_force(now)) if query.standing else statement.limit(query.limit + 1)
    shown = [_shown_freeze(freeze, in_force, now) for freeze, in_force in db.session.execute(statement)]
    matching = [freeze for freeze in shown if freeze["stands"] or not query.standing]
    return page(matching[: query.limit + 1], query.limit)


def freeze(kind: FreezeKind, freeze_id: int) -> dict[str, Any]:
    """One freeze or emergency stop, with the next opening and closing of each window.

    Raises NoSuchFreeze, NoSuchEmergencyStop.
    """
    now = clock.now()
    row = db.session.execute(_freezes(kind, now).where(Freeze.id == freeze_id)).first()
    if row is None:
        raise missing(kind, freeze_id)
    shown = _shown_freeze(*row, now)
    return {**shown, "windows": [_with_next(window, now) for window in shown["windows"]]}


def _shown_incident(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in _OF_INCIDENT}


def _freezes(kind: FreezeKind, now: datetime) -> Select[Freeze, bool]:
    return select(Freeze, stops.in_force(now)).where(Freeze.kind == kind)


def _shown_freeze(freeze: Freeze, in_force: bool, now: datetime) -> dict[str, Any]:
    shown = {name: getattr(freeze, name) for name in _OF_FREEZE}
    return {**shown, "stands": in_force and stops.stands(freeze, now)}


def _with_next(stored: dict[str, Any], now: datetime) -> dict[str, Any]:
    try:
        window = Window.from_json(stored)
        return {**stored, "opens_next": windows.opens_next(window, now), "closes_at": windows.closes_at(window, now)}
    except windows.UNREADABLE:
        return {**stored, "opens_next": None, "closes_at": None}
