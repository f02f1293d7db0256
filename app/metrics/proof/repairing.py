"""Where totals of the event log and of Graphite can be compared, and where a repair may add. Standard library only.

Windows end at quiet points, on the step of the whisper tier that Graphite reads for them. An event's `at` is set when
it commits, its measures are sent at the end of the request or job at the latest, and StatsD dates them with the second
of its next flush. So a point in Graphite is never earlier than its event and usually at most two seconds later; a job
that continues for seconds after its last commit can take longer. Later points count as late, not as missing: see
`shortfalls`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, floor, inf

from app.metrics.catalogue import PREFIX, Kind, Origin, of_origin, under_any_prefix
from app.metrics.projection import EventLike, project

EDGE = 60
"""Distance in seconds of windows and buckets from a tier's edge; the next tier's step if that is longer."""
SKEW = 1.0
"""How many of the quiet seconds around an edge are after it: the tolerated difference of two clocks."""
STEPS = 60
"""Minimum number of points in a window, so that the number of windows depends on the time, not on the events."""
LATE = 60
"""Seconds after the last edge that are searched for late measures, or one step if that is longer."""
DIGITS = 3
"""Decimals that differences are rounded to; StatsD's client sends six."""


@dataclass(frozen=True)
class Tier:
    """One resolution of whisper: seconds between points, and seconds that points are kept."""

    step: int
    retention: int


_DAY = 86_400
TIERS = (Tier(1, 3_600), Tier(10, _DAY), Tier(60, 30 * _DAY), Tier(600, 730 * _DAY))
"""The retention of StatsD's series in ops/graphite/storage-schemas.conf."""
_MARGINS = tuple(
    max(EDGE, following.step) for following in (*TIERS[1:], TIERS[-1])
)  # near a tier's edge, the points with which a rewritten point would be rolled up are gone


def tier_of(at: int, now: int) -> Tier | None:
    """The tier that carbon writes `at` to and graphite-web reads; None outside of all tiers or too near an edge."""
    for tier, margin in zip(TIERS, _MARGINS, strict=True):
        if abs(now - at - tier.retention) < margin:
            return None
        if now - at < tier.retention:
            return tier
    return None


def _later(at: float, now: int) -> int:
    """The first time from `at` on that has a tier and is a multiple of its step."""
    time = max(ceil(at), now - TIERS[-1].retention + _MARGINS[-1])
    while True:
        tier = tier_of(time, now)
        if tier is not None and time % tier.step == 0:
            return time
        time += 1 if tier is None else -time % tier.step


def _earlier(at: float, step: int, now: int) -> int:
    """The last time up to `at` that has a tier and is a multiple of `step`."""
    time = floor(at) // step * step
    while tier_of(time, now) is None and time > now - TIERS[-1].retention:
        time -= step
    return time


@dataclass
class ComparisonWindow:
    """A time [start, end) in epoch seconds without events near its ends; both are multiples of `step`."""

    start: int
    step: int
    end: int = 0
    last: float = 0.0
    """The time of its last event."""
    events: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    """The totals of its events, by series."""

    def bucket(self, now: int) -> tuple[int, Tier] | None:
        """The point, with its tier, to add missing counts to: that of the last event, or the nearest safe one."""
        earlier = later = floor(self.last)
        while earlier >= self.start and _point(earlier, now) is None:
            earlier -= 1
        if earlier >= self.start:
            point = _point(earlier, now)
            return point if point and point[0] >= self.start else None
        while later < self.end and _point(later, now) is None:
            later += 1
        point = _point(later, now) if later < self.end else None
        return point if point and point[0] >= self.start else None


def _point(at: int, now: int) -> tuple[int, Tier] | None:
    """The point of the tier that contains the second `at`; None if either is too near an edge."""
    tier = tier_of(at, now)
    start = at // tier.step * tier.step if tier else at
    return (start, tier) if tier is not None and tier_of(start, now) == tier else None


class Cutter:
    """Cuts a stream of events, ordered by time, into windows between `since` and `until`.

    `quiet` and `closed` are seconds: without events around an edge, and since the last edge. The stream must start
    `quiet` seconds before `since` and end `LATE` seconds after `until`.
    """

    def __init__(self, since: float, until: float, now: int, quiet: float, closed: float) -> None:
        self.windows: list[ComparisonWindow] = []
        self.beyond: Counter[str] = Counter()
        """The totals of the events between the last window and `beyond_end`."""
        self.beyond_end = 0
        self.skipped = 0
        """Events after `since` that are before the first quiet point."""
        self.left_out = 0
        """Events before `until` that are after the last quiet point."""
        self._since, self._now, self._closed = since, now, closed
        self._until, self._limit = until, min(until, now - closed)
        self._lag = max(quiet - SKEW, 0.0)
        self._current: ComparisonWindow | None = None
        self._pending: Counter[str] = Counter()
        self._previous = -inf

    def add(self, at: float, additions: Iterable[tuple[str, float]]) -> None:
        """Process the next event, which adds these amounts to these series."""
        self._cut(at)
        self._previous = at
        self.left_out += self._since <= at < self._until
        beyond = at < self.beyond_end
        for series, amount in additions:
            self._pending[series] += amount  # type: ignore[assignment]  # typeshed knows counters of integers only
            if beyond:
                self.beyond[series] += amount  # type: ignore[assignment]  # as above

    def finish(self) -> None:
        """Process the end of the stream."""
        self._cut(inf)
        if self._current is not None and self._current.end:
            self.windows.append(self._current)
            self._current = None

    def _cut(self, following: float) -> None:
        """Set an edge between the last event and the following one, if the time between them is long enough."""
        first, last = self._previous + self._lag, min(following - SKEW, self._limit)
        if last < first:
            return
        if self._current is None:
            start = _later(max(self._since, first), self._now)
            if start > last:
                return
            self._begin(start)
        self._extend(first, last)

    def _begin(self, start: int) -> None:
        tier = tier_of(start, self._now)
        assert tier is not None
        self._current = ComparisonWindow(start, tier.step)
        self.skipped, self.left_out, self._pending = self.left_out, 0, Counter()
        self._look_beyond(start, tier)

    def _extend(self, first: float, last: float) -> None:
        window = self._current
        assert window is not None
        edge = _earlier(last, window.step, self._now)
        tier = tier_of(edge, self._now)
        if tier is None or edge < first or edge <= max(window.start, window.end):
            return
        window.end = edge
        if self.left_out:
            window.last = self._previous
            window.events += self.left_out
            window.sums.update(self._pending)
        self._pending, self.left_out = Counter(), 0
        self._look_beyond(edge, tier)
        if edge - window.start >= STEPS * window.step:
            self.windows.append(window)
            self._current = ComparisonWindow(edge, tier.step)

    def _look_beyond(self, edge: int, tier: Tier) -> None:
        self.beyond, self.beyond_end = Counter(), edge + max(LATE, tier.step)
        if tier is TIERS[0]:
            self.beyond_end = min(self.beyond_end, self._now)
        elif self.beyond_end > self._now - self._closed:
            self.beyond_end = edge  # a coarse point that still grows cannot be compared


def shortfalls(database: Sequence[float], graphite: Sequence[float], late: float = 0.0) -> list[float]:
    """What to add in each window so that Graphite's cumulative totals equal the database's.

    A measure that is dated after its window is missing there and surplus in a later window. So only what is still
    missing at every later edge counts. `late` is database minus Graphite in the time after the last window.
    """
    cumulative = list(accumulate(logged - measured for logged, measured in zip(database, graphite, strict=True)))
    lasting, least = [], (cumulative[-1] if cumulative else 0.0) + late
    for missing in reversed(cumulative):
        least = min(least, missing)
        lasting.append(max(round(least, DIGITS), 0.0))
    lasting.reverse()
    return [round(after - before, DIGITS) for before, after in zip([0.0, *lasting], lasting, strict=False)]


def difference(database: Sequence[float], graphite: Sequence[float], late: float = 0.0) -> float:
    """Database minus Graphite over all windows, without late measures."""
    total = round(sum(database) - sum(graphite), DIGITS)
    return total if total <= 0 else round(sum(shortfalls(database, graphite, late)), DIGITS)


def additions(event: EventLike) -> Iterator[tuple[str, float]]:
    """The amounts that an event adds to series: counts, and for timers also sums and bins.

    Percentiles and means are not sums, so they cannot be repaired.
    """
    for measure in project(event):
        series = f"stats.{measure.metric.kind.value}.{PREFIX}.{measure.path}."
        if measure.metric.kind is Kind.COUNTER:
            yield series + "count", int(measure.value)
            continue
        value = float(f"{measure.value:.6f}")  # as StatsD's client sends it
        yield series + "count", 1
        yield series + "sum", value
        if measure.metric.bins:
            bound = next((str(bound) for bound in measure.metric.bins if value < bound), "inf")
            yield f"{series}histogram.bin_{bound}", 1


def patterns() -> list[str]:
    """Globs of all series that events can add to, under the prefixes of all StatsD instances."""
    aspects = {Kind.COUNTER: ("count",), Kind.TIMER: ("count", "sum", "histogram.bin_*"), Kind.GAUGE: ()}
    metrics = of_origin(Origin.EVENT)
    return [under_any_prefix(metric.series(aspect)) for metric in metrics for aspect in aspects[metric.kind]]


def canonical(name: str) -> str:
    """The name, under the prefix `stats`, of a series of any StatsD instance."""
    return "stats." + name.partition(".")[2]
