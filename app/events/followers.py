"""Followers of the event log: each reads on from its own cursor, in the order of commits, and misses nothing.

Ids have no gaps and their order is the order of commits, so what is visible after a cursor is all there is up to there.
`apply` is for tables of this database: the change and the cursor are one transaction, hence exactly once. `deliver` is
for the world outside: it is called outside of any transaction, and the cursor moves afterwards, hence at least once.
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
"""How long `apply` waits for another process that applies the same follower's events."""


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Who follows: the cursor's name, the event types it reads (None: all), and how many events in one step."""

    name: str
    batch: int
    types: frozenset[str] | None = None

    def lock(self, session: Session) -> int:
        """The cursor, locked until the transaction ends. Raises OperationalError (LockNotAvailable) after a second."""
        session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        mine = locked(select(EventCursor.event_id).where(EventCursor.follower == self.name))
        cursor = session.execute(mine).scalar()
        if cursor is None:
            session.execute(insert(EventCursor).values(follower=self.name, event_id=0).on_conflict_do_nothing())
            cursor = session.execute(mine).scalar_one()
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
    """Apply events batch by batch, each with its cursor in one transaction, until none is left or time is up.

    Returns how many were applied; while another process applies them, none is.
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
    """Send events in order until none is left, time is up, or `send` answers False: that event comes first next time.

    Returns how many were sent; while another process sends them, none is. Of a process killed between a send and the
    move of its cursor, at most one batch is sent again.
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
                reached = last  # events of other types are read past
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
    """Send until one is refused or time is up; the id of the last that was sent, and how many were."""
    reached, count = None, 0
    for event in events:
        if time.monotonic() >= until or not send(event):
            break
        reached, count = event.id, count + 1
    return reached, count
