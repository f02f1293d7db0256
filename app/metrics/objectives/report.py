"""The monthly report: how well the objectives were met, from Graphite's series and, where possible, from the event log.

Graphite returns sums per day, calculated from stored points: nothing is averaged on the way. The last hour is read by
the second, because carbon's cache hides the rest of a coarser bucket that is still being filled. Events are dated when
they happen and points when StatsD flushes, up to two seconds later, so an event at the very edge of a month may count
in the other month.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.audit import archives
from app.db import db
from app.events.models import Event
from app.metrics import catalogue as m
from app.metrics.objectives.slos import SLOS, Slo
from app.metrics.projection import totals
from app.metrics.reading.graphite import Graphite

DAY_SECONDS = 86_400
COARSEST_SECONDS = 600
"""The widest bucket of the retention; this and a day are multiples of all buckets."""
FINE_SECONDS = 2_400
"""Graphite certainly keeps a point per second for this long, and for `COARSEST_SECONDS` more."""
FLUSH_SECONDS = 2
"""After this time, StatsD has flushed what was sent to it."""
ATTEMPTS = 5
"""How often Graphite is read, a second apart, while counts may still be in flight."""
EVENTS_PER_FETCH = 1_000


@dataclass(frozen=True)
class Count:
    """What violates an objective, and what counts in total."""

    bad: int
    total: int

    @property
    def good(self) -> int:
        return self.total - self.bad

    @property
    def bad_share(self) -> float | None:
        """`bad` divided by `total`; None if `total` is 0."""
        return self.bad / self.total if self.total else None


@dataclass(frozen=True)
class ObjectiveResult:
    """How one objective was met. If nothing was counted, there is no result."""

    slo: Slo
    days: dict[date, Count]
    """From Graphite; only days on which something was counted."""
    database: Count | None
    """From the event log; None if the objective is not derived from events."""

    @property
    def count(self) -> Count:
        """The count of the whole month."""
        return Count(sum(it.bad for it in self.days.values()), sum(it.total for it in self.days.values()))

    @property
    def ratio(self) -> float | None:
        """The share that was good; None if nothing was counted."""
        share = self.count.bad_share
        return None if share is None else 1 - share

    @property
    def budget_left(self) -> float | None:
        """The part of the error budget that is left: 1 is unused, 0 is used up, below 0 is overdrawn."""
        share = self.count.bad_share
        return None if share is None else 1 - share / self.slo.budget

    @property
    def is_met(self) -> bool | None:
        """Whether the objective was met; None if nothing was counted."""
        share = self.count.bad_share
        # Rounded, because 1 - 0.97 is a little more than 0.03.
        return None if share is None else round(share, 12) <= round(self.slo.budget, 12)

    @property
    def worst_day(self) -> date | None:
        """The first day with the largest share of bad; None if nothing was bad."""
        shares = {day: count.bad_share or 0.0 for day, count in sorted(self.days.items())}
        worst = max(shares, key=lambda day: shares[day], default=None)
        return worst if worst is not None and shares[worst] else None

    @property
    def is_in_flight(self) -> bool:
        """Whether the event log has counts that Graphite does not show yet."""
        return self.database is not None and self.database.total > self.count.total

    @property
    def is_equal(self) -> bool | None:
        """Whether Graphite and the event log agree; None without a count from the event log."""
        return None if self.database is None else self.database == self.count


@dataclass(frozen=True)
class MonthlyReport:
    """Every objective in a month, up to `until`."""

    month: date
    until: datetime
    results: Sequence[ObjectiveResult]


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def report(graphite: Graphite, month: date, now: datetime) -> MonthlyReport:
    """The report of the month that starts on this day; if the month is not over, up to `now`.

    Raises GraphiteUnavailable, and SQLAlchemy's errors if the database does not respond.
    """
    start, end = _epoch(month), min(_epoch(month_after(month)), int(now.timestamp()))
    logged = {slo.key: _logged(slo, start, end) for slo in SLOS}
    is_over = end < int(now.timestamp())
    results: list[ObjectiveResult] = []
    for attempt in range(ATTEMPTS):
        until = end if is_over else end + FLUSH_SECONDS
        results = [ObjectiveResult(slo, _days(graphite, slo, start, until, now), logged[slo.key]) for slo in SLOS]
        if is_over or attempt == ATTEMPTS - 1 or not any(result.is_in_flight for result in results):
            break
        time.sleep(1)
    return MonthlyReport(month, datetime.fromtimestamp(end, UTC), results)


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _days(graphite: Graphite, slo: Slo, start: int, end: int, now: datetime) -> dict[date, Count]:
    """The count of each day; days on which nothing was counted are left out."""
    sums: dict[str, Counter[date]] = {"bad": Counter(), "total": Counter()}
    for since, until in parts(start, end, int(now.timestamp())):
        targets = [
            f"alias(summarize(sumSeries({m.everywhere(series)}), '1d', 'sum', true), '{name}')"
            for name, series in (("bad", slo.bad), ("total", slo.total))
        ]
        # graphite-web excludes the start and includes the end.
        for series in graphite.render(targets, since - 1, until - 1):
            for value, at in series.points:
                sums[series.name][datetime.fromtimestamp(at, UTC).date()] += round(value or 0)
    return {day: Count(sums["bad"][day], total) for day, total in sorted(sums["total"].items()) if total}


def parts(start: int, end: int, now: int) -> Iterator[tuple[int, int]]:
    """The window in parts, each read from one tier and, except for the first, within one day."""
    edge = max((now - FINE_SECONDS) // COARSEST_SECONDS * COARSEST_SECONDS, start)
    if end <= edge:
        yield start, end
        return
    if edge > start:
        yield start, edge
    while edge < end:
        midnight = (edge // DAY_SECONDS + 1) * DAY_SECONDS
        yield edge, min(midnight, end)
        edge = midnight


def _logged(slo: Slo, start: int, end: int) -> Count | None:
    """The count from the event log; None unless the objective's series are derived from events that are all there."""
    metrics = [
        metric for metric in m.of_origin(m.Origin.EVENT) if slo.total.startswith(f"{metric.series('').split('*')[0]}")
    ]
    since, until = (datetime.fromtimestamp(at, UTC) for at in (start, end))
    if not metrics or archives.comparable_from(db.session(), since, until) > since:
        return None
    types = sorted({type for metric in metrics for type in metric.by.split(", ")})
    events = select(Event.type, Event.payload).where(Event.at >= since, Event.at < until).where(Event.type.in_(types))
    with db.engine.connect().execution_options(yield_per=EVENTS_PER_FETCH) as connection:
        sums = totals(connection.execute(events))
    return Count(*(sum(n for name, n in sums.items() if matches(glob, name)) for glob in (slo.bad, slo.total)))


def matches(glob: str, series: str) -> bool:
    """Whether Graphite's glob, with `*` and `{a,b}`, matches a series."""
    pattern = re.sub(
        r"\\\{(.*?)\\\}",
        lambda group: f"(?:{group[1].replace(',', '|')})",
        re.escape(glob).replace(r"\*", "[^.]*"),
    )
    return re.fullmatch(pattern, series) is not None
