"""Where the totals of events and Graphite may be compared, and what may be added where. Standard library only.

Windows end at quiet points, on the step of the whisper tier that answers for them. An event's `at` is taken when it
commits, its measures leave at the latest with the end of the request or job, and StatsD dates them with the second of
its next flush: what Graphite shows is never earlier than the event and, but for a job that works on for seconds after
its last commit, at most two seconds later. What comes later still is seen as late, not as missing: see `shortfalls`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, floor, inf

from app.metrics.catalogue import PREFIX, Kind, Origin, everywhere, of_origin
from app.metrics.projection import EventLike, project

EDGE = 60
"""Seconds that windows and buckets stay away from a tier's edge, or the next tier's step if that is longer."""
SKEW = 1.0
"""Of the quiet seconds around an edge this many lie behind it: two clocks may differ by so much."""
STEPS = 60
"""A window holds at least so many points, so that their number depends on the time compared, not on the events."""
LATE = 60
"""Seconds behind the last edge that are searched for measures that came late, or one step if that is longer."""
DIGITS = 3
"""Differences are rounded to these decimals: StatsD's client sends six."""


@dataclass(frozen=True)
class Tier:
    """One resolution of whisper: seconds from point to point, and for how many seconds it keeps them."""

    step: int
    retention: int


DAY = 86_400
TIERS = (Tier(1, 3_600), Tier(10, DAY), Tier(60, 30 * DAY), Tier(600, 730 * DAY))
"""What ops/graphite/storage-schemas.conf says of StatsD's series."""
_MARGINS = tuple(
    max(EDGE, following.step) for following in (*TIERS[1:], TIERS[-1])
)  # near a tier's edge, points that a rewritten point is rolled up with are gone


def tier_of(at: int, now: int) -> Tier | None:
    """The tier that carbon writes `at` to and graphite-web answers from; None outside of all or too near an edge."""
    for tier, margin in zip(TIERS, _MARGINS, strict=True):
        if abs(now - at - tier.retention) < margin:
            return None
        if now - at < tier.retention:
            return tier
    return None


def _later(at: float, now: int) -> int:
    """The first time from `at` on that has a tier and lies on its step."""
    found = max(ceil(at), now - TIERS[-1].retention + _MARGINS[-1])
    while True:
        tier = tier_of(found, now)
        if tier is not None and found % tier.step == 0:
            return found
        found += 1 if tier is None else -found % tier.step


def _earlier(at: float, step: int, now: int) -> int:
    """The last time up to `at` that has a tier and lies on `step`."""
    found = floor(at) // step * step
    while tier_of(found, now) is None and found > now - TIERS[-1].retention:
        found -= step
    return found


@dataclass
class Window:
    """A span without an event at its ends: [start, end) in epoch seconds, on the step it is read in."""

    start: int
    step: int
    end: int = 0
    last: float = 0.0
    """When its last event happened."""
    events: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    """What its events add up to, by series."""

    def bucket(self, now: int) -> tuple[int, Tier] | None:
        """The point to add missing counts to, in its own tier: that of the last event, or the nearest that is safe."""
        earlier = later = floor(self.last)
        while earlier >= self.start and _point(earlier, now) is None:
            earlier -= 1
        if earlier >= self.start:
            found = _point(earlier, now)
            return found if found and found[0] >= self.start else None
        while later < self.end and _point(later, now) is None:
            later += 1
        found = _point(later, now) if later < self.end else None
        return found if found and found[0] >= self.start else None


def _point(at: int, now: int) -> tuple[int, Tier] | None:
    """The point of its tier that holds the second `at`, unless either is too near an edge."""
    tier = tier_of(at, now)
    start = at // tier.step * tier.step if tier else at
    return (start, tier) if tier is not None and tier_of(start, now) == tier else None


class Cutter:
    """Cuts a stream of events, ordered by time, into windows between `since` and `until`.

    `quiet` and `closed` are seconds: those without events around an edge, and those since the newest edge. Events
    from `quiet` seconds before `since` on are needed, and as many after `until` as `LATE` says.
    """

    def __init__(self, since: float, until: float, now: int, quiet: float, closed: float) -> None:
        self.windows: list[Window] = []
        self.beyond: Counter[str] = Counter()
        """What the first events after the last window add up to, up to `beyond_end`."""
        self.beyond_end = 0
        self.skipped = 0
        """Events from `since` on that no quiet point is before."""
        self.left_out = 0
        """Events before `until` that no quiet point follows."""
        self._since, self._now, self._closed = since, now, closed
        self._until, self._limit = until, min(until, now - closed)
        self._lag = max(quiet - SKEW, 0.0)
        self._current: Window | None = None
        self._pending: Counter[str] = Counter()
        self._previous = -inf

    def add(self, at: float, additions: Iterable[tuple[str, float]]) -> None:
        """Take in the next event and what it adds to which series."""
        self._cut(at)
        self._previous = at
        self.left_out += self._since <= at < self._until
        beyond = at < self.beyond_end
        for series, amount in additions:
            self._pending[series] += amount  # type: ignore[assignment]  # typeshed knows counters of integers only
            if beyond:
                self.beyond[series] += amount  # type: ignore[assignment]  # as above

    def finish(self) -> None:
        """No event follows."""
        self._cut(inf)
        if self._current is not None and self._current.end:
            self.windows.append(self._current)
            self._current = None

    def _cut(self, following: float) -> None:
        """Use the quiet between the last event and the following one, if it is long enough."""
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
        self._current = Window(start, tier.step)
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
            self._current = Window(edge, tier.step)

    def _look_beyond(self, edge: int, tier: Tier) -> None:
        self.beyond, self.beyond_end = Counter(), edge + max(LATE, tier.step)
        if tier is TIERS[0]:
            self.beyond_end = min(self.beyond_end, self._now)
        elif self.beyond_end > self._now - self._closed:
            self.beyond_end = edge  # a coarse point that still grows says nothing


def shortfalls(database: Sequence[float], graphite: Sequence[float], late: float = 0.0) -> list[float]:
    """What to add in each window so that the cumulative totals of Graphite equal those of the database.

    A measure that is dated behind its window is missing in one and too many in a later one: only what is missing up
    to every later edge is missing. `late` is database less Graphite in the time behind the last window.
    """
    cumulative = list(accumulate(there - seen for there, seen in zip(database, graphite, strict=True)))
    lasting, least = [], (cumulative[-1] if cumulative else 0.0) + late
    for missing in reversed(cumulative):
        least = min(least, missing)
        lasting.append(max(round(least, DIGITS), 0.0))
    lasting.reverse()
    return [round(after - before, DIGITS) for before, after in zip([0.0, *lasting], lasting, strict=False)]


def difference(database: Sequence[float], graphite: Sequence[float], late: float = 0.0) -> float:
    """Database less Graphite over all windows; what came late is not missing."""
    total = round(sum(database) - sum(graphite), DIGITS)
    return total if total <= 0 else round(sum(shortfalls(database, graphite, late)), DIGITS)


def additions(event: EventLike) -> Iterator[tuple[str, float]]:
    """What one event adds to which series: counts, and for timers their sums and bins too.

    Percentiles and means are no sums, and cannot be repaired.
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
    """Globs of every series that events can add to, under the prefixes of all StatsD instances."""
    aspects = {Kind.COUNTER: ("count",), Kind.TIMER: ("count", "sum", "histogram.bin_*"), Kind.GAUGE: ()}
    return [everywhere(metric.series(aspect)) for metric in of_origin(Origin.EVENT) for aspect in aspects[metric.kind]]


def canonical(name: str) -> str:
    """The series under StatsD's own prefix that a series of any instance belongs to."""
    return "stats." + name.partition(".")[2]
