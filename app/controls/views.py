"""`/incidents`, `/freezes`, `/emergency-stop`: parse, call, return."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, url_for

from app.controls import queries, service
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
from app.controls.models import FreezeKind
from app.controls.responses import Freeze, Incident
from app.controls.schemas import ClosingIn, FreezeIn, FreezeQuery, IncidentIn, IncidentQuery, LiftIn, StopIn
from app.http.idempotency import idempotent
from app.http.operations import accepted, created, ok, operation
from app.http.responses import Page
from app.http.versions import if_match, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role

blueprint = Blueprint("controls", __name__)


@blueprint.post("/incidents")
@idempotent
@operation("open_incident", "incidents", created(Incident, etag=True), errors=(UnknownDeployment,))
def open_incident(json: IncidentIn) -> Response:
    """Open an incident. If it names a deployment, the gates of that deployment take it into account."""
    opened = service.open_incident(caller().subject, json)
    location = url_for("controls.show_incident", incident_id=opened.id)
    return _answer(queries.incident(opened.id), 201, location)


@blueprint.get("/incidents")
@operation("list_incidents", "incidents", ok(Page[Incident]))
def index_incidents(query: IncidentQuery) -> Response:
    """List incidents, filtered and in pages."""
    return jsonify(queries.incidents(query))


@blueprint.get("/incidents/<int:incident_id>")
@operation("get_incident", "incidents", ok(Incident, etag=True), errors=(NoSuchIncident,))
def show_incident(incident_id: int) -> Response:
    """Get one incident."""
    return with_etag(queries.incident(incident_id))


@blueprint.post("/incidents/<int:incident_id>/close")
@idempotent
@operation(
    "close_incident",
    "incidents",
    ok(Incident, etag=True),
    errors=(NoSuchIncident, IncidentClosed, OwnIncident),
    if_match=True,
)
def close_incident(incident_id: int, json: ClosingIn) -> Response:
    """Close an incident with its resolution. Honours If-Match."""
    service.close_incident(caller().subject, incident_id, json.resolution, if_match())
    return with_etag(queries.incident(incident_id))


@blueprint.post("/freezes")
@idempotent
@operation("declare_freeze", "freezes", created(Freeze, etag=True), errors=(UnknownApplication,))
def declare_freeze(json: FreezeIn) -> Response:
    """Block dispatch of one application or of all, for a time or in recurring windows. Takes effect at once."""
    declared = service.declare_freeze(caller().subject, json)
    location = url_for("controls.show_freeze", freeze_id=declared.id)
    return _answer(queries.freeze(FreezeKind.FREEZE, declared.id), 201, location)


@blueprint.get("/freezes")
@operation("list_freezes", "freezes", ok(Page[Freeze]))
def index_freezes(query: FreezeQuery) -> Response:
    """List freezes, in pages."""
    return jsonify(queries.freezes(FreezeKind.FREEZE, query))


@blueprint.get("/freezes/<int:freeze_id>")
@operation("get_freeze", "freezes", ok(Freeze, etag=True), errors=(NoSuchFreeze,))
def show_freeze(freeze_id: int) -> Response:
    """Get one freeze, with the next opening and closing of its windows."""
    return with_etag(queries.freeze(FreezeKind.FREEZE, freeze_id))


@blueprint.post("/freezes/<int:freeze_id>/lift")
@allowed(Role.OPERATOR, Role.APPROVER)
@idempotent
@operation(
    "lift_freeze",
    "freezes",
    ok(Freeze, "Lifted.", etag=True),
    accepted(Freeze, "Requested; a second person must lift it.", etag=True),
    errors=(NoSuchFreeze, NothingToLift, OwnLift),
    if_match=True,
)
def lift_freeze(freeze_id: int, json: LiftIn) -> Response:
    """Request that a freeze be lifted (202). A second person, an approver, lifts it with the same request (200)."""
    return _lift(FreezeKind.FREEZE, freeze_id, json.reason)


@blueprint.post("/emergency-stop")
@idempotent
@operation("declare_emergency_stop", "freezes", created(Freeze, etag=True), errors=(UnknownApplication,))
def declare_emergency_stop(json: StopIn) -> Response:
    """Block dispatch of one application or of all at once. Break-glass does not bypass it."""
    declared = service.declare_emergency_stop(caller().subject, json.reason, json.application)
    location = url_for("controls.show_emergency_stop", freeze_id=declared.id)
    return _answer(queries.freeze(FreezeKind.EMERGENCY_STOP, declared.id), 201, location)


@blueprint.get("/emergency-stop")
@operation("list_emergency_stops", "freezes", ok(Page[Freeze]))
def index_emergency_stops(query: FreezeQuery) -> Response:
    """List emergency stops, in pages."""
    return jsonify(queries.freezes(FreezeKind.EMERGENCY_STOP, query))


@blueprint.get("/emergency-stop/<int:freeze_id>")
@operation("get_emergency_stop", "freezes", ok(Freeze, etag=True), errors=(NoSuchEmergencyStop,))
def show_emergency_stop(freeze_id: int) -> Response:
    """Get one emergency stop."""
    return with_etag(queries.freeze(FreezeKind.EMERGENCY_STOP, freeze_id))


@blueprint.post("/emergency-stop/<int:freeze_id>/lift")
@allowed(Role.OPERATOR, Role.APPROVER)
@idempotent
@operation(
    "lift_emergency_stop",
    "freezes",
    ok(Freeze, "Lifted.", etag=True),
    accepted(Freeze, "Requested; a second person must lift it.", etag=True),
    errors=(NoSuchEmergencyStop, NothingToLift, OwnLift),
    if_match=True,
)
def lift_emergency_stop(freeze_id: int, json: LiftIn) -> Response:
    """Request that an emergency stop be lifted (202). A second person, an approver, lifts it likewise (200)."""
    return _lift(FreezeKind.EMERGENCY_STOP, freeze_id, json.reason)


def install(app: Flask) -> None:
    """Serve the controls."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")


def _lift(kind: FreezeKind, freeze_id: int, reason: str) -> Response:
    # The answer is about what this call did: another person's may have lifted it since.
    is_lifted = service.lift(caller(), kind, freeze_id, reason, if_match())
    return _answer(queries.freeze(kind, freeze_id), 200 if is_lifted else 202)


def _answer(shown: dict[str, Any], status: int, location: str | None = None) -> Response:
    return with_etag(shown, status, {"Location": location} if location else None)
