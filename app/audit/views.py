"""`/events`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.audit import queries
from app.audit.responses import Event
from app.audit.schemas import EventQuery
from app.http.operations import ok, operation
from app.http.responses import Page

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
@operation("list_events", "events", ok(Page[Event]))
def index(query: EventQuery) -> Response:
    """Every recorded event, filtered and in pages; the newest is last."""
    return jsonify(queries.events(query))


def install(app: Flask) -> None:
    """Serve the log."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
