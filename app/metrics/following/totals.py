"""What the event-born series add up to, kept beside the log: advanced event by event, exactly once, proven by recount.

The cursor, the sums and how far they reach are one transaction, so whoever is killed loses nothing and doubles nothing.
Ids are in the order of commits and have no gaps: what is visible after the cursor is all there is up to there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import db
from app.events import followers
from app.events.followers import Follower
from app.events.models import Event, EventCursor
from app.events.unit import unit_of_work
from app.metrics import projection
from app.metrics.models import EventTotal

FOLLOWER = Follower(name="totals", batch=1_000)
"""A batch is one transaction: its events are in memory, and whoever waits for the cursor waits for one of these."""
JOB_SECONDS = 20.0
"""What one run of the periodic job may take; a log of millions takes several."""
READER_SECONDS = 2.0
"""What a reader may take to catch up before it says what there is."""

_NEWEST = select(func.coalesce(func.max(Event.id), 0)).scalar_subquery()


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


def advance(seconds: float, follower: Follower = FOLLOWER) -> int:
    """Count events in the order of their ids until none is left or time is up; returns how many were counted."""
    return followers.apply(follower, lambda session, events: _add(session, projection.totals(events)), seconds)


def up_to_date(seconds: float = READER_SECONDS) -> Counted:
    """The totals, caught up with the newest committed event if that can be done in time; `behind` says so."""
    advance(seconds)
    return stored()


def stored() -> Counted:
    """The totals as they are, and the cursor they belong to: one statement, so one state of the database."""
    rows = db.session.execute(
        select(EventCursor.event_id, _NEWEST.label("newest"), EventTotal.series, EventTotal.total)
        .outerjoin(EventTotal, text("true"))
        .where(EventCursor.follower == FOLLOWER.name)
    ).all()
    if not rows:
        return Counted(0, followers.newest(db.session()), {})
    totals = {row.series: row.total for row in rows if row.series is not None}
    return Counted(rows[0].event_id, rows[0].newest, totals)


def recount(until: int, after: int = 0, follower: Follower = FOLLOWER) -> dict[str, int]:
    """The totals of the events from `after` (excluded) to `until`, from the events themselves, a batch at a time."""
    sums: Counter[str] = Counter()
    while after < until and (events := follower.read(db.session(), after, until)):
        sums.update(projection.totals(events))
        after = events[-1].id
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
        now = FOLLOWER.lock(unit.session)
        sums.update(recount(now, after=reached))
        unit.session.execute(delete(EventTotal))
        _add(unit.session, sums)


def _add(session: Session, sums: Mapping[str, int]) -> None:
    if not sums:
        return
    more = insert(EventTotal)
    grown = more.on_conflict_do_update(
        index_elements=[EventTotal.series], set_={"total": EventTotal.total + more.excluded.total}
    )
    session.execute(grown, [{"series": series, "total": total} for series, total in sorted(sums.items())])
