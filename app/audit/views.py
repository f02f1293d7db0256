"""`/events`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from app.audit import queries
from app.audit.responses import Event
from app.audit.schemas import EventQuery
from app.http import exports
from app.http.operations import listed, operation

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
@operation("list_events", "events", listed(Event))
def index(query: EventQuery) -> Response:
    """Every recorded event, filtered and in pages."""
    return exports.answer(Event, query, queries.events)


def install(app: Flask) -> None:
    """Serve the log."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
