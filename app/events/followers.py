"""Followers of the event log: each reads events from its own cursor on, in commit order, and misses none.

Ids follow commit order without gaps (a restore leaves one, and uses no id again), so no event can appear later between
two events that are already visible.
`apply` is for tables of this database: the change and the cursor commit together, so each event counts exactly once.
`deliver` is for other systems: events are sent outside of any transaction and the cursor moves afterwards, so each
event is delivered at least once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import alone, locked
from app.events.models import Event, EventCursor
from app.events.unit import CommittedEvent, unit_of_work

log = structlog.get_logger()

LOCK_WAIT = "1s"
"""How long `apply` waits for another process that is applying the same follower's events."""


@dataclass(frozen=True, kw_only=True)
class Follower:
    """One follower: the name of its cursor, the event types it reads (None: all), and how many events per batch."""

    name: str
    batch: int
    types: frozenset[str] | None = None

    def lock(self, session: Session) -> int:
        """The cursor, locked until the transaction ends. Raises OperationalError (LockNotAvailable) after a second."""
        session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        own_row = locked(select(EventCursor.event_id).where(EventCursor.follower == self.name))
        cursor = session.execute(own_row).scalar()
        if cursor is None:
            session.execute(insert(EventCursor).values(follower=self.name, event_id=0).on_conflict_do_nothing())
            cursor = session.execute(own_row).scalar_one()
        return int(cursor)

    def move(self, session: Session, event_id: int) -> None:
        """Set the cursor."""
        session.execute(update(EventCursor).where(EventCursor.follower == self.name).values(event_id=event_id))

    def read(self, session: Session, after: int, until: int | None = None) -> list[CommittedEvent]:
        """The next events after a cursor, at most one batch."""
        statement = (
            select(Event.id, Event.at, Event.type, Event.actor, Event.deployment_id, Event.payload)
            .where(Event.id > after)
            .order_by(Event.id)
            .limit(self.batch)
        )
        if self.types is not None:
            statement = statement.where(Event.type.in_(self.types))
        if until is not None:
            statement = statement.where(Event.id <= until)
        return [CommittedEvent(*row) for row in session.execute(statement)]


def newest(session: Session) -> int:
    """The id of the newest committed event, 0 if there is none."""
    return session.execute(select(func.coalesce(func.max(Event.id), 0))).scalar_one()


def apply(follower: Follower, change: Callable[[Session, Sequence[CommittedEvent]], None], seconds: float) -> int:
    """Apply events in batches, each with its cursor in one transaction, until none is left or time is up.

    Returns how many were applied: 0 while another process is applying them.
    """
    until, applied = time.monotonic() + seconds, 0
    while True:
        try:
            with unit_of_work(follower.name) as unit:
                events = follower.read(unit.session, follower.lock(unit.session))
                if events:
                    change(unit.session, events)
                    follower.move(unit.session, events[-1].id)
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                log.info("another process applies these events", follower=follower.name, waited=LOCK_WAIT)
                return applied
            raise
        applied += len(events)
        if len(events) < follower.batch or time.monotonic() >= until:
            return applied


def deliver(follower: Follower, send: Callable[[CommittedEvent], bool], seconds: float) -> int:
    """Send events in order until none is left, time is up, or `send` returns False; that event comes first next time.

    Returns how many were sent: 0 while another process is sending them. If a process is killed between a send and the
    move of its cursor, at most one batch is sent twice.
    """
    until, sent = time.monotonic() + seconds, 0
    with alone(f"follower:{follower.name}") as is_alone:
        while is_alone:
            with unit_of_work(follower.name) as unit:
                cursor, last = follower.lock(unit.session), newest(unit.session)
                events = follower.read(unit.session, cursor, until=last)
            reached, count = _send(events, send, until)
            is_last_batch = len(events) < follower.batch
            if count == len(events) and is_last_batch:
                reached = last  # skip events of other types
            if reached is not None and reached != cursor:
                with unit_of_work(follower.name) as unit:
                    follower.move(unit.session, reached)
            sent += count
            if count < len(events) or is_last_batch or time.monotonic() >= until:
                break
    return sent


def _send(
    events: Sequence[CommittedEvent], send: Callable[[CommittedEvent], bool], until: float
) -> tuple[int | None, int]:
    """Send until `send` returns False or time is up; the id of the last event sent, and how many were sent."""
    reached, count = None, 0
    for event in events:
        if time.monotonic() >= until or not send(event):
            break
        reached, count = event.id, count + 1
    return reached, count
