"""The totals of the event-derived series, stored next to the log: each event counts exactly once; a recount proves it.

The cursor and the totals change in one transaction, so a killed process neither loses nor doubles a count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit import archives
from app.db import alone, db
from app.events import followers
from app.events.followers import Follower
from app.events.models import Event, EventCursor
from app.events.unit import unit_of_work
from app.metrics import projection
from app.metrics.models import EventTotal

FOLLOWER = Follower(name="totals", batch=1_000)
"""A batch is one transaction: its events are in memory, and others wait for the cursor until it ends."""
JOB_SECONDS = 20.0
"""Time limit of one run of the periodic job; millions of events take several runs."""
READER_SECONDS = 2.0
"""Time limit for a reader to catch up before it returns what is stored."""

_NEWEST = select(func.coalesce(func.max(Event.id), 0)).scalar_subquery()


@dataclass(frozen=True)
class CountedTotals:
    """The totals of all events up to and including `event_id`; `newest` is the last event of the log."""

    event_id: int
    newest: int
    totals: Mapping[str, int]

    @property
    def behind(self) -> int:
        """Events that are not counted yet."""
        return max(self.newest - self.event_id, 0)


def count() -> None:
    """The periodic job: count the events since the last run."""
    advance(JOB_SECONDS)


def advance(seconds: float, follower: Follower = FOLLOWER) -> int:
    """Count events in order until none is left or time is up; returns how many were counted."""
    return followers.apply(follower, lambda session, events: _add(session, projection.totals(events)), seconds)


def up_to_date(seconds: float = READER_SECONDS) -> CountedTotals:
    """The totals, caught up with the log if that is possible in time; otherwise `behind` is above 0."""
    advance(seconds)
    return stored()


def stored() -> CountedTotals:
    """The stored totals and their cursor, read in one statement so that they match."""
    rows = db.session.execute(
        select(EventCursor.event_id, _NEWEST.label("newest"), EventTotal.series, EventTotal.total)
        .outerjoin(EventTotal, text("true"))
        .where(EventCursor.follower == FOLLOWER.name)
    ).all()
    if not rows:
        return CountedTotals(0, followers.newest(db.session()), {})
    totals = {row.series: row.total for row in rows if row.series is not None}
    return CountedTotals(rows[0].event_id, rows[0].newest, totals)


def recount(until: int, after: int = 0, follower: Follower = FOLLOWER) -> dict[str, int]:
    """The totals of the events after `after` up to and including `until`, computed from the events in batches."""
    sums: Counter[str] = Counter()
    while after < until and (events := follower.read(db.session(), after, until)):
        sums.update(projection.totals(events))
        after = events[-1].id
    return dict(sums)


@dataclass(frozen=True)
class TotalDifference:
    """A series whose stored total differs from the sum of its events."""

    series: str
    stored: int
    events: int


def differences() -> tuple[CountedTotals, list[TotalDifference]]:
    """The stored totals, and the series in which they differ from a recount of the same events.

    What archived events counted is taken from the time when they were archived.
    """
    with alone(archives.LOCK, wait=True):  # events that are archived meanwhile would be missing
        counted = stored()
        recounted = Counter(_archived(db.session())) + Counter(recount(counted.event_id))
    every = sorted(counted.totals.keys() | recounted.keys())
    pairs = [TotalDifference(series, counted.totals.get(series, 0), recounted.get(series, 0)) for series in every]
    return counted, [pair for pair in pairs if pair.stored != pair.events]


def rebuild() -> None:
    """Replace the totals with a recount, which is needed when a release projects old events differently.

    Most of the recount runs without the cursor's lock; events that were counted in the meantime are added under it.
    """
    with alone(archives.LOCK, wait=True):
        start = stored().event_id
        sums = Counter(recount(start))
        with unit_of_work("recount") as unit:
            end = FOLLOWER.lock(unit.session)
            sums.update(recount(end, after=start))
            unit.session.execute(delete(EventTotal).where(EventTotal.archived == 0))
            unit.session.execute(update(EventTotal).values(total=EventTotal.archived))
            _add(unit.session, sums)


def _archived(session: Session) -> dict[str, int]:
    """What the archived events count in each series."""
    archived = select(EventTotal.series, EventTotal.archived).where(EventTotal.archived > 0)
    return {row.series: row.archived for row in session.execute(archived)}


def _add(session: Session, sums: Mapping[str, int]) -> None:
    if not sums:
        return
    new_rows = insert(EventTotal)
    upsert = new_rows.on_conflict_do_update(
        index_elements=[EventTotal.series], set_={"total": EventTotal.total + new_rows.excluded.total}
    )
    session.execute(upsert, [{"series": series, "total": total} for series, total in sorted(sums.items())])
