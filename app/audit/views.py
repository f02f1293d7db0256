"""`/events`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from app.audit import queries, streaming
from app.audit.responses import Event
from app.audit.schemas import EventQuery, StreamQuery
from app.audit.watching import Watch
from app.http import exports, parking
from app.http.operations import listed, operation, streamed
from app.http.parking import TooManyOfToken, TooManyWaiting
from app.identity.authentication import caller
from app.identity.scopes import Limit, checks

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
@operation("list_events", "events", listed(Event))
def index(query: EventQuery) -> Response:
    """Every recorded event, filtered and in pages."""
    return exports.answer(Event, query, queries.events)


@blueprint.get("/events/stream")
@checks(Limit.APPLICATIONS, Limit.BUSINESS_UNITS)
@operation(
    "stream_events",
    "events",
    streamed(Event, streaming.EXAMPLE),
    errors=(TooManyOfToken, TooManyWaiting),
    takes=("Last-Event-ID",),
)
def stream(query: StreamQuery) -> AnyResponse:
    """Send events as they are committed. A limited token gets those of the deployments that it reaches."""
    return streaming.opened(caller(), query)


def install(app: Flask) -> None:
    """Serve the log, and watch it for whoever waits."""
    parking.install_watch(lambda server: Watch(app, server))
    app.register_blueprint(blueprint, url_prefix="/api/v1")
