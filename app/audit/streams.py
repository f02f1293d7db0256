"""Streams of events: where each reader is in the log, and what it may see.

Ids follow commit order, so a reader that has seen an id has missed none before it (`app/events/followers.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import json
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.audit.queries import COLUMNS, filtered
from app.audit.schemas import EventFilter, StreamQuery
from app.db import db
from app.events.followers import newest
from app.events.models import Event
from app.events.unit import CommittedEvent
from app.http.parking import Guest
from app.identity import lookup
from app.identity.scopes import Scopes
from app.identity.subjects import Caller

PAGE = 500
"""Events that a stream which is behind gets at once."""
HEARTBEAT = 15.0
"""Seconds after which a stream without events says that it is alive, and how far it has read."""
RETRY_MILLISECONDS = 2_000
HELD_SECONDS = 1.0
"""How long a stream lasts where it holds a thread; its client connects again."""
PAUSE = 0.25
"""Seconds between two looks at the log."""

Reach = Callable[[Session, Scopes, Collection[int]], Collection[int]]
_reach: Reach | None = None


def install_reach(reach: Reach) -> None:
    """Have `reach(session, scopes, deployments)` say which of these deployments a limited token reaches."""
    global _reach
    _reach = reach


class Stream(Guest):
    """One reader of the log."""

    def __init__(self, caller: Caller, query: StreamQuery, head: int, position: int, now: float) -> None:
        super().__init__()
        self.token_id, self._scopes = caller.token_id, caller.scopes
        self._filter = EventFilter(**query.model_dump(include=set(EventFilter.model_fields)))
        self._until, self.opened_at = now + query.seconds, head
        self.is_new = True
        """Whether the watch has not looked yet if its token has ended since it was opened."""
        self._sent = now
        self.position = position
        """The reader has what matches up to this id."""

    @property
    def is_busy(self) -> bool:
        """Whether its client has not taken all of what it was given."""
        return self.taken < self.given

    def is_over(self, now: float) -> bool:
        """Whether it has lasted as long as it was to."""
        return now >= self._until and self.position >= self.opened_at

    def shorten(self, now: float, seconds: float) -> None:
        """Let it last no longer than this."""
        self._until = min(self._until, now + seconds)

    def opening(self) -> bytes:
        """Its first bytes: the client knows from where to go on even if no event comes."""
        return f"retry: {RETRY_MILLISECONDS}\nid: {self.position}\n\n".encode()

    def heartbeat(self, now: float) -> bytes:
        """A sign of life, if it has sent nothing for a while."""
        if now - self._sent < HEARTBEAT:
            return b""
        self._sent = now
        return f":\nid: {self.position}\n\n".encode()

    def next_page(self, session: Session, head: int, now: float) -> bytes:
        """Read on from its position, up to the head of the log: what is to be sent of at most `PAGE` events."""
        statement = select(*COLUMNS).where(Event.id > self.position, Event.id <= head)
        rows = session.execute(filtered(statement, self._filter).order_by(Event.id).limit(PAGE))
        events = [CommittedEvent(*row) for row in rows]
        self.position = events[-1].id if len(events) == PAGE else max(head, self.position)
        return self._rendered(session, events, now)

    def follow(self, session: Session, events: Sequence[CommittedEvent], head: int, now: float) -> bytes:
        """Take the newest events, up to the head, of which it has missed none: what is to be sent of them."""
        new = [event for event in events if event.id > self.position and matches(event, self._filter)]
        self.position = max(head, self.position)
        return self._rendered(session, new, now)

    def _rendered(self, session: Session, events: Sequence[CommittedEvent], now: float) -> bytes:
        data = b"".join(as_event(event) for event in self._visible(session, events))
        if data:
            self._sent = now
        return data

    def _visible(self, session: Session, events: Sequence[CommittedEvent]) -> Iterable[CommittedEvent]:
        if not self._scopes.limits:
            return events
        assert _reach is not None, "nobody says what limited tokens reach"
        about = {event.deployment_id for event in events if event.deployment_id is not None}
        reached = _reach(session, self._scopes, about) if about else ()
        return [event for event in events if event.deployment_id in reached]


def matches(event: CommittedEvent, query: EventFilter) -> bool:
    """Whether an event matches every filter, as `queries.filtered` has it."""
    wanted = ((query.type, event.type), (query.actor, event.actor), (query.deployment_id, event.deployment_id))
    return (
        all(value is None or value == own for value, own in wanted)
        and (query.since is None or event.at >= query.since)
        and (query.until is None or event.at < query.until)
    )


def as_event(event: CommittedEvent) -> bytes:
    """An event as it is sent. In ASCII: some readers take more than CR and LF for ends of lines."""
    fields: Mapping[str, Any] = {column.key: getattr(event, column.key) for column in COLUMNS}
    return f"id: {event.id}\nevent: {event.type}\ndata: {json.dumps(fields)}\n\n".encode()


def held(stream: Stream) -> Iterator[bytes]:
    """The whole stream, for a server that cannot park it: this thread looks at the log again and again."""
    stream.shorten(time.monotonic(), HELD_SECONDS)
    yield stream.opening()
    while True:
        session, now = db.session(), time.monotonic()
        is_accepted = lookup.still_accepted(session, [stream.token_id], clock.now())
        data = stream.next_page(session, newest(session), now) if is_accepted else b""
        session.rollback()
        yield data or stream.heartbeat(now)
        if not is_accepted or stream.is_over(now):
            return
        if not data:
            time.sleep(PAUSE)
