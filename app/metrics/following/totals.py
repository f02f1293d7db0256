"""What the event-born series add up to, kept beside the log: advanced event by event, exactly once, proven by recount.

The cursor, the sums and how far they reach are one transaction, so whoever is killed loses nothing and doubles nothing.
Ids are in the order of commits and have no gaps: what is visible after the cursor is all there is up to there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import Row, ScalarSelect, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import db
from app.events.models import Event, EventCursor
from app.events.unit import unit_of_work
from app.metrics import projection
from app.metrics.models import EventTotal

log = structlog.get_logger()

FOLLOWER = "totals"
BATCH = 1_000
"""Events in one transaction: what is read is in memory, and whoever waits for the cursor waits for one of these."""
JOB_SECONDS = 20.0
"""What one run of the periodic job may take; a log of millions takes several."""
READER_SECONDS = 2.0
"""What a reader may take to catch up before it says what there is."""
PATIENCE = "1s"
"""How long to wait for another one that is counting."""


@dataclass(frozen=True)
class Counted:
    """The totals of every event up to and with `event_id`; the log ends, or ended a moment ago, with `newest`."""

    event_id: int
    newest: int
    totals: Mapping[str, int]

    @property
    def behind(self) -> int:
        """Events that are not counted yet."""
        return max(self.newest - self.event_id, 0)


def count() -> None:
    """The periodic job: count what has come since the last run."""
    advance(JOB_SECONDS)


def advance(seconds: float, batch: int = BATCH) -> int:
    """Count events in the order of their ids until none is left or time is up; returns how many were counted."""
    until, counted = time.monotonic() + seconds, 0
    while True:
        try:
            found = _advance_once(batch)
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                log.info("another one is counting events", waited=PATIENCE)
                return counted
            raise
        counted += found
        if found < batch or time.monotonic() >= until:
            return counted


def up_to_date(seconds: float = READER_SECONDS) -> Counted:
    """The totals, caught up with the newest committed event if that can be done in time; `behind` says so."""
    advance(seconds)
    return stored()


def stored() -> Counted:
    """The totals as they are, and the cursor they belong to: one statement, so one state of the database."""
    rows = db.session.execute(
        select(EventCursor.event_id, _newest().label("newest"), EventTotal.series, EventTotal.total)
        .outerjoin(EventTotal, text("true"))
        .where(EventCursor.follower == FOLLOWER)
    ).all()
    if not rows:
        return Counted(0, db.session.execute(select(_newest())).scalar_one(), {})
    totals = {row.series: row.total for row in rows if row.series is not None}
    return Counted(rows[0].event_id, rows[0].newest, totals)


def recount(until: int, after: int = 0, batch: int = BATCH) -> dict[str, int]:
    """The totals of the events from `after` (excluded) to `until`, from the events themselves, a batch at a time."""
    sums: Counter[str] = Counter()
    while after < until:
        rows = _events(db.session(), after, batch, until)
        if not rows:
            break
        sums.update(projection.totals(rows))
        after = rows[-1].id
    return dict(sums)


@dataclass(frozen=True)
class Difference:
    """A series whose stored total is not what the events add up to."""

    series: str
    stored: int
    events: int


def differences() -> tuple[Counted, list[Difference]]:
    """The stored totals, and where they differ from a recount of the events they claim to have counted."""
    kept = stored()
    proven = recount(kept.event_id)
    every = sorted(kept.totals.keys() | proven.keys())
    found = [Difference(series, kept.totals.get(series, 0), proven.get(series, 0)) for series in every]
    return kept, [one for one in found if one.stored != one.events]


def rebuild() -> None:
    """Replace the totals by a recount, as is due when a release projects older events otherwise than they were counted.

    The long part of the recount goes without the cursor's lock; what others have counted meanwhile is added under it.
    """
    reached = stored().event_id
    sums = Counter(recount(reached))
    with unit_of_work("recount") as unit:
        now = _locked(unit.session)
        sums.update(recount(now, after=reached))
        unit.session.execute(delete(EventTotal))
        _add(unit.session, sums)


def _advance_once(batch: int) -> int:
    with unit_of_work("count_totals") as unit:
        reached = _locked(unit.session)
        rows = _events(unit.session, reached, batch)
        if rows:
            _add(unit.session, projection.totals(rows))
            moved = update(EventCursor).where(EventCursor.follower == FOLLOWER).values(event_id=rows[-1].id)
            unit.session.execute(moved)
        return len(rows)


def _locked(session: Session) -> int:
    """Where the cursor is; it stays there until this transaction ends. Raises LockNotAvailable after `PATIENCE`."""
    session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    mine = select(EventCursor.event_id).where(EventCursor.follower == FOLLOWER).with_for_update()
    reached = session.execute(mine).scalar()
    if reached is None:
        session.execute(insert(EventCursor).values(follower=FOLLOWER, event_id=0).on_conflict_do_nothing())
        reached = session.execute(mine).scalar_one()
    return int(reached)


def _events(session: Session, after: int, batch: int, until: int | None = None) -> Sequence[Row[Any]]:
    statement = select(Event.id, Event.type, Event.payload).where(Event.id > after).order_by(Event.id).limit(batch)
    if until is not None:
        statement = statement.where(Event.id <= until)
    return session.execute(statement).all()


def _add(session: Session, sums: Mapping[str, int]) -> None:
    if not sums:
        return
    more = insert(EventTotal)
    grown = more.on_conflict_do_update(
        index_elements=[EventTotal.series], set_={"total": EventTotal.total + more.excluded.total}
    )
    session.execute(grown, [{"series": series, "total": total} for series, total in sorted(sums.items())])


def _newest() -> ScalarSelect[int]:
    return select(func.coalesce(func.max(Event.id), 0)).scalar_subquery()
