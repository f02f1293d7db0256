"""How well the objectives were kept in one month: sums of Graphite's series, and of the event log where it has them.

Graphite is only asked for sums of a day, which it makes of its points as they are stored: nothing is averaged on the
way. The last hour is asked for by the second, since carbon's cache hides what else is in a coarser bucket that is still
being filled. Events are stamped when they happen and points when StatsD flushes, up to two seconds later: what happens
at the very edge of a month may count in the other one.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.db import db
from app.events.models import Event
from app.metrics import catalogue as m
from app.metrics.objectives.slos import SLOS, Slo
from app.metrics.projection import totals
from app.metrics.reading.graphite import Graphite

DAY = 86_400
COARSEST = 600
"""Seconds in the widest bucket of the retention; days and this are whole numbers of all of them."""
FINE = 2_400
"""Seconds before the present that Graphite surely keeps by the second, and `COARSEST` more."""
FLUSH = 2
"""Seconds after which StatsD has told what was pushed to it."""
PATIENCE = 5
"""Times to ask again, a second apart, while counts may still be on their way."""
BATCH = 1_000


@dataclass(frozen=True)
class Count:
    """What counts against an objective, and what counts at all."""

    bad: int
    total: int

    @property
    def good(self) -> int:
        return self.total - self.bad

    @property
    def bad_share(self) -> float | None:
        """Bad by total; None where nothing counts."""
        return self.bad / self.total if self.total else None


@dataclass(frozen=True)
class Kept:
    """One objective and what became of it; without anything that counts, nothing is known of it."""

    slo: Slo
    days: dict[date, Count]
    """Of Graphite, those on which something counted."""
    database: Count | None
    """Of the event log; None for what no event gives birth to."""

    @property
    def count(self) -> Count:
        """Of the whole month."""
        return Count(sum(it.bad for it in self.days.values()), sum(it.total for it in self.days.values()))

    @property
    def ratio(self) -> float | None:
        """The share that was good; None where nothing counted."""
        share = self.count.bad_share
        return None if share is None else 1 - share

    @property
    def budget_left(self) -> float | None:
        """The part of the error budget that is left: 1 untouched, 0 used up, below 0 overdrawn."""
        share = self.count.bad_share
        return None if share is None else 1 - share / self.slo.budget

    @property
    def is_met(self) -> bool | None:
        """Whether the objective is kept; None where nothing counted."""
        share = self.count.bad_share
        # Rounded, because 1 - 0.97 is a little more than 0.03.
        return None if share is None else round(share, 12) <= round(self.slo.budget, 12)

    @property
    def worst_day(self) -> date | None:
        """The first of the days with the largest share of bad; None if there was nothing bad."""
        shares = {day: count.bad_share or 0.0 for day, count in sorted(self.days.items())}
        worst = max(shares, key=lambda day: shares[day], default=None)
        return worst if worst is not None and shares[worst] else None

    @property
    def is_on_its_way(self) -> bool:
        """Whether the event log has what Graphite does not show yet."""
        return self.database is not None and self.database.total > self.count.total

    @property
    def is_equal(self) -> bool | None:
        """Whether Graphite and the event log agree; None where there is no such log."""
        return None if self.database is None else self.database == self.count


@dataclass(frozen=True)
class Report:
    """Every objective in a month, as far as it has passed."""

    month: date
    until: datetime
    kept: Sequence[Kept]


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def report(graphite: Graphite, month: date, now: datetime) -> Report:
    """The report of the month that begins with this day; a month that is not over is reported until now.

    Raises GraphiteUnavailable, and SQLAlchemy's errors when the database does not answer.
    """
    start, end = _epoch(month), min(_epoch(month_after(month)), int(now.timestamp()))
    logged = {slo.key: _logged(slo, start, end) for slo in SLOS}
    is_over = end < int(now.timestamp())
    kept: list[Kept] = []
    for attempt in range(PATIENCE):
        until = end if is_over else end + FLUSH
        kept = [Kept(slo, _days(graphite, slo, start, until, now), logged[slo.key]) for slo in SLOS]
        if is_over or attempt == PATIENCE - 1 or not any(it.is_on_its_way for it in kept):
            break
        time.sleep(1)
    return Report(month, datetime.fromtimestamp(end, UTC), kept)


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _days(graphite: Graphite, slo: Slo, start: int, end: int, now: datetime) -> dict[date, Count]:
    """The sums of each day; a day on which nothing counted is left out."""
    sums: dict[str, Counter[date]] = {"bad": Counter(), "total": Counter()}
    for since, until in parts(start, end, int(now.timestamp())):
        targets = [
            f"alias(summarize(sumSeries({m.everywhere(series)}), '1d', 'sum', true), '{name}')"
            for name, series in (("bad", slo.bad), ("total", slo.total))
        ]
        # The first second is excluded, the last is not.
        for answered in graphite.render(targets, since - 1, until - 1):
            for value, at in answered.points:
                sums[answered.name][datetime.fromtimestamp(at, UTC).date()] += round(value or 0)
    return {day: Count(sums["bad"][day], total) for day, total in sorted(sums["total"].items()) if total}


def parts(start: int, end: int, now: int) -> Iterator[tuple[int, int]]:
    """The window in pieces that are each answered from one tier and, but for the first, lie within a day."""
    edge = max((now - FINE) // COARSEST * COARSEST, start)
    if end <= edge:
        yield start, end
        return
    if edge > start:
        yield start, edge
    while edge < end:
        midnight = (edge // DAY + 1) * DAY
        yield edge, min(midnight, end)
        edge = midnight


def _logged(slo: Slo, start: int, end: int) -> Count | None:
    """What the event log adds up to; None unless the objective's series are born of events."""
    born = [
        metric for metric in m.of_origin(m.Origin.EVENT) if slo.total.startswith(f"{metric.series('').split('*')[0]}")
    ]
    if not born:
        return None
    types = sorted({type for metric in born for type in metric.by.split(", ")})
    events = (
        select(Event.type, Event.payload)
        .where(Event.at >= datetime.fromtimestamp(start, UTC), Event.at < datetime.fromtimestamp(end, UTC))
        .where(Event.type.in_(types))
    )
    with db.engine.connect().execution_options(yield_per=BATCH) as connection:
        sums = totals(connection.execute(events))
    return Count(*(sum(n for name, n in sums.items() if matches(glob, name)) for glob in (slo.bad, slo.total)))


def matches(glob: str, series: str) -> bool:
    """Whether a series is one of those that Graphite finds by a path with `*` and `{a,b}`."""
    pattern = re.sub(
        r"\\\{(.*?)\\\}",
        lambda found: f"(?:{found[1].replace(',', '|')})",
        re.escape(glob).replace(r"\*", "[^.]*"),
    )
    return re.fullmatch(pattern, series) is not None
