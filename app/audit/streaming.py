"""How a stream of events is opened."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from flask import request, stream_with_context
from werkzeug.wrappers import Response

from app.audit import streams
from app.audit.schemas import StreamQuery
from app.audit.streams import Stream
from app.db import db
from app.errors import FieldError, Invalid
from app.events.followers import newest
from app.http import parking
from app.http.operations import EVENT_STREAM
from app.identity.subjects import Caller

HEADER = "Last-Event-ID"
EXAMPLE = (
    "retry: 2000\nid: 1041\n\nid: 1042\nevent: deployment.paused\n"
    'data: {"id": 1042, "at": "2026-01-31T12:00:00.000Z", "type": "deployment.paused", "actor": "anna", '
    '"deployment_id": 7, "payload": {"reason": "a look at the failures"}}\n\n'
)
_HEADERS = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}
"""The second has nginx hand on each event at once."""
_ID = re.compile("[0-9]{1,19}")


def opened(caller: Caller, query: StreamQuery) -> Response:
    """The response that streams events to a caller. Raises Invalid, TooManyOfToken, TooManyWaiting.

    It is not Flask's, for the same reason as that of `parking.parked`.
    """
    head = newest(db.session())
    last = _last_event_id()
    start = last if last is not None else query.after
    stream = Stream(caller, query, head, head if start is None else start, time.monotonic())
    if request.method == "HEAD":
        response = Response()
    elif (visit := parking.visit()) is not None:
        visit.take_place(caller.token_id)
        response = parking.parked(stream, stream.opening())
    else:
        pieces = _holding(stream)
        first = next(pieces)  # what can be refused is refused before the status is sent
        response = Response(stream_with_context(_after(first, pieces)))
    response.content_type = EVENT_STREAM
    response.headers.update(_HEADERS)
    return response


def _holding(stream: Stream) -> Iterator[bytes]:
    with parking.holding():
        yield from streams.held(stream)


def _after(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _last_event_id() -> int | None:
    """The id in the header; None if there is none. Raises Invalid."""
    value = request.headers.get(HEADER, "").strip()
    if not value:
        return None
    if not _ID.fullmatch(value) or int(value) >= 2**63:
        message = "must be the id of an event, in digits"
        raise Invalid("The header Last-Event-ID is invalid; nothing was changed.", fields=[FieldError(HEADER, message)])
    return int(value)
