"""Where windows end, which point gets what is missing, and how much: whatever events there are."""

from __future__ import annotations

import configparser
import random
import re
from itertools import pairwise
from math import inf, nextafter
from pathlib import Path

from hypothesis import given, strategies as st

from app.metrics import catalogue as m
from app.metrics.catalogue import METRICS, Origin
from app.metrics.projection import Measure, totals
from app.metrics.proof import repairing
from app.metrics.proof.repairing import ComparisonWindow, Cutter, Tier, additions, difference, shortfalls, tier_of

NOW = 1_800_000_007
HOUR, DAY = 3_600, 86_400
QUIET, CLOSED = 5.0, 15.0
UNITS = {"s": 1, "m": 60, "h": HOUR, "d": DAY, "y": 365 * DAY}

ages = st.one_of(*(st.integers(1, limit) for limit in (300, 2 * HOUR, 3 * DAY, 60 * DAY, 731 * DAY)))


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(\w)", text).groups()  # type: ignore[union-attr]  # or the file is not ours
    return int(number) * UNITS[unit]


def test_the_tiers_are_those_of_the_storage_schemas() -> None:
    schemas = configparser.ConfigParser()
    schemas.read(Path("ops/graphite/storage-schemas.conf"))
    tiers = [Tier(*map(seconds, tier.split(":"))) for tier in schemas["statsd"]["retentions"].split(",")]
    assert tuple(tiers) == repairing.TIERS


@given(age=ages)
def test_a_time_has_the_tier_that_whisper_chooses_or_none_near_an_edge(age: int) -> None:
    found = tier_of(NOW - age, NOW)
    for tier in repairing.TIERS:
        if abs(age - tier.retention) < repairing.EDGE:
            assert found is None
    if found is not None:
        # carbon and graphite-web both take the first whose retention is not less than the age; a minute later too
        for later in (0, repairing.EDGE - 1):
            assert found == next(tier for tier in repairing.TIERS if tier.retention >= age + later)
        following = repairing.TIERS.index(found) + 1
        if following < len(repairing.TIERS):  # the whole point it is rolled up in is still in this tier
            assert age + repairing.TIERS[following].step <= found.retention


@st.composite
def histories(draw: st.DrawFn) -> tuple[float, float, list[float]]:
    """A span to compare, and events in and around it: bursts, gaps, and silence."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    age = draw(ages)
    since = NOW - age + chance.random()
    until = min(since + chance.choice((age, age, chance.uniform(1, age))), NOW)
    at, times = since - QUIET, list[float]()
    longest = chance.choice((20, 300, max((until - since) / 20, 20)))
    while at < min(until + 700, NOW) and len(times) < 300:
        for _ in range(chance.choice((1, 1, 3, 20))):
            times.append(at)
            at += chance.uniform(0, chance.choice((0.5, 4, 6)))
        at += chance.uniform(3, longest)
    return since, until, [at for at in times if at < min(until + 700, NOW)]


def cut(since: float, until: float, times: list[float]) -> Cutter:
    cutter = Cutter(since, until, NOW, QUIET, CLOSED)
    for number, at in enumerate(times):
        cutter.add(at, [("all", 1), (f"series_{number % 3}", 1 + number)])
    cutter.finish()
    return cutter


@given(history=histories())
def test_windows_follow_one_another_and_end_in_quiet_on_the_step_of_their_tier(
    history: tuple[float, float, list[float]],
) -> None:
    since, until, times = history
    cutter = cut(since, until, times)
    for window in cutter.windows:
        tier = tier_of(window.start, NOW)
        assert tier is not None
        assert tier.step == window.step
        assert window.start % window.step == window.end % window.step == 0
        assert since <= window.start < window.end <= min(until, NOW - CLOSED)
        for edge in (window.start, window.end):
            assert tier_of(edge, NOW) is not None
            assert not [at for at in times if edge - QUIET + 1 < at < edge + 1]
    for one, two in pairwise(cutter.windows):
        assert one.end == two.start
        assert one.step >= two.step
        assert one.end - one.start >= repairing.STEPS * one.step


@given(history=histories())
def test_every_event_is_in_its_window_or_reported_as_left_out(history: tuple[float, float, list[float]]) -> None:
    since, until, times = history
    cutter = cut(since, until, times)
    for window in cutter.windows:
        inside = [(number, at) for number, at in enumerate(times) if window.start <= at < window.end]
        assert window.sums["all"] == window.events == len(inside)
        assert window.sums["series_1"] == sum(1 + number for number, _ in inside if number % 3 == 1)
        assert not inside or window.last == inside[-1][1]
    compared = sum(window.events for window in cutter.windows)
    asked = [at for at in times if since <= at < until]
    if cutter.windows:
        end = cutter.windows[-1].end
        assert compared + cutter.skipped + cutter.left_out == len(asked)
        assert cutter.left_out == len([at for at in asked if at >= end])
        assert cutter.beyond["all"] == len([at for at in times if end <= at < cutter.beyond_end])
        assert end <= cutter.beyond_end <= NOW
    else:
        assert compared == 0


@given(history=histories())
def test_the_number_of_windows_depends_on_the_time_and_not_on_the_events(
    history: tuple[float, float, list[float]],
) -> None:
    cutter = cut(*history)
    assert len(cutter.windows) <= 1 + sum(
        tier.retention // (repairing.STEPS * tier.step) + 1 for tier in repairing.TIERS
    )


@given(age=ages, length=st.integers(1, 300), share=st.floats(0, 1, exclude_max=True))
def test_a_point_to_add_to_lies_in_its_window_on_the_step_of_its_own_tier(age: int, length: int, share: float) -> None:
    tier = tier_of(NOW - age, NOW)
    if tier is None:
        return
    start = (NOW - age) // tier.step * tier.step
    if tier_of(start, NOW) != tier:
        return
    window = ComparisonWindow(start, tier.step, start + length * tier.step)
    window.last = min(start + share * (window.end - start), nextafter(window.end, start))  # the sum may round up to it
    found = window.bucket(NOW)
    if found is None:
        safe = [at for at in range(window.start, window.end, 7) if tier_of(at, NOW) is not None]
        assert len(safe) * 7 <= 1_200  # only what lies next to an edge can be without
        return
    point, its = found
    assert point % its.step == 0
    assert window.start <= point
    assert point + its.step <= window.end
    assert tier_of(point, NOW) == its
    if its.step == window.step and tier_of(int(window.last), NOW) == its:
        assert point <= window.last < point + its.step or tier_of(int(window.last) // its.step * its.step, NOW) != its


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12)


@given(rows=counts, late=st.integers(-20, 20))
def test_a_repair_makes_what_is_missing_equal_and_nothing_too_many(rows: list[tuple[int, int]], late: int) -> None:
    database, graphite = ([float(row[side]) for row in rows] for side in (0, 1))
    added = shortfalls(database, graphite, late)
    assert min(added) >= 0
    missing = sum(database) - sum(graphite)
    assert sum(added) == max(min(missing, missing + late), 0)
    assert difference(database, graphite, late) == (missing if missing <= 0 else sum(added))
    repaired = [seen + more for seen, more in zip(graphite, added, strict=True)]
    assert max(shortfalls(database, repaired, late)) == 0  # a second run changes nothing
    # at no edge does the repair make Graphite's total exceed the events' by more than it did
    for end in range(1, len(rows) + 1):
        before, after = (sum(database[:end]) - sum(side[:end]) for side in (graphite, repaired))
        assert after >= min(before, 0)


@given(
    losses=st.lists(st.integers(0, 9), min_size=1, max_size=12),
    delays=st.lists(st.integers(0, 5), min_size=13, max_size=13),
)
def test_a_measure_that_is_late_is_never_taken_for_a_lost_one(losses: list[int], delays: list[int]) -> None:
    """Each window's last few counts are dated in the next one; the last window's behind the end."""
    database = [20.0 + loss for loss in losses]
    graphite = [20.0 - delays[number + 1] + (delays[number] if number else 0) for number in range(len(losses))]
    added = shortfalls(database, graphite, late=-delays[len(losses)])
    assert sum(added) == sum(losses)
    if not any(delays[1 : len(losses) + 1]):
        assert added == losses


class Seen:
    """An event as the projection reads it."""

    def __init__(self, type: str, payload: dict[str, object]) -> None:
        self.type, self.payload = type, payload


@given(score=st.floats(0, 100), milliseconds=st.integers(0, 3_000_000_000))
def test_additions_are_the_projections_totals_with_sums_and_bins(score: float, milliseconds: int) -> None:
    events = [
        Seen("deployment.assessed", {"score": score}),
        Seen("ring.passed", {"ring": "lab", "next_ring": "canary", "duration_ms": milliseconds}),
        Seen("reports.ingested", {"received": 4, "late": 1, "duplicate": 0, "rejected": 0, "tallies": []}),
    ]
    found: dict[str, float] = {}
    for event in events:
        for series, amount in additions(event):
            found[series] = found.get(series, 0) + amount
    assert {name: amount for name, amount in found.items() if name.endswith(".count")} == totals(events)
    assert abs(found[m.RISK_SCORE.series("sum")] - score) < 1e-6
    bins = [name for name in found if ".risk_score.histogram." in name]
    assert len(bins) == 1
    bound = float(bins[0].rpartition("_")[2])
    lower = max((it for it in m.RISK_SCORE.bins if it < bound), default=-inf)
    assert lower <= round(score, 6) < bound
    assert set(found) == {name for name in found if any(fits(pattern, name) for pattern in repairing.patterns())}


def fits(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]*"), name) is not None


def test_the_patterns_fit_no_series_of_another_origin() -> None:
    for metric in METRICS:
        if metric.origin is Origin.EVENT:
            continue
        path = metric(**{name: values[0] if values else "some" for name, values in metric.labels.items()})
        for aspect in ("count", "sum", "histogram.bin_5", ""):
            name = ".".join(filter(None, ("stats", metric.kind.value, m.PREFIX, path, aspect)))
            assert not [pattern for pattern in repairing.patterns() if fits(pattern, name)]


def test_measures_that_are_too_fine_for_the_client_are_rounded_as_it_does() -> None:
    measure = Measure(m.RISK_SCORE, m.RISK_SCORE(), 9.99999999)
    found = dict(additions(Seen("deployment.assessed", {"score": measure.value})))
    assert found == {
        m.RISK_SCORE.series("count"): 1,
        m.RISK_SCORE.series("sum"): 10.0,
        m.RISK_SCORE.series("histogram.bin_25"): 1,
    }
