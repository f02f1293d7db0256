"""What becomes of points as they age: tiers and their aggregation, on the real carbon and whisper."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from app.metrics.catalogue import METRICS, PREFIX, Kind
from app.metrics.foreign import FOREIGN
from app.metrics.reading.graphite import Graphite
from ops.local import processes
from ops.local.paths import HOME
from ops.local.stack import Stack

ASPECTS = ("count", "sum", "mean", "upper", "upper_50", "upper_95", "upper_99")
CARBON_TOTALS = {
    "carbon_metrics_received",
    "carbon_committed_points",
    "carbon_update_operations",
    "carbon_creates",
    "carbon_dropped_creates",
    "carbon_errors",
    "carbon_cache_overflow",
    "carbon_cache_queries",
    "carbon_blacklist_matches",
}
STATSD_COSTS = {"statsd_processing_time", "statsd_calculation_time", "statsd_flush_time", "statsd_flush_length"}

# -- which rule


def expected() -> Iterator[tuple[str, str, str]]:
    """Every series that is declared, with the retention and the aggregation meant for it."""
    for metric in METRICS:
        if metric.kind is Kind.COUNTER:
            yield metric.series("count"), "statsd", "totals"
        elif metric.kind is Kind.GAUGE:
            yield metric.series(""), "statsd", "gauges"
        else:
            for aspect in ASPECTS:
                meant = "totals" if aspect in ("count", "sum") else "means" if aspect == "mean" else "upper"
                yield metric.series(aspect), "statsd", meant
            for bound in (*metric.bins, "inf"):
                yield metric.series(f"histogram.bin_{bound}"), "statsd", "bins"
    for foreign in FOREIGN:
        if foreign.name.startswith("carbon_"):
            averages = foreign.name in ("carbon_cpu", "carbon_update_time")
            totals = foreign.name in CARBON_TOTALS
            yield foreign.series, "carbon", f"carbon-{'averages' if averages else 'totals' if totals else 'levels'}"
        elif foreign.series.startswith("stats*.counters."):
            yield foreign.series, "statsd", "totals"
        elif foreign.series.startswith("stats*.gauges."):
            yield foreign.series, "statsd", "gauges"
        else:
            yield foreign.series, "statsd", "statsd-costs" if foreign.name in STATSD_COSTS else "statsd-levels"


OTHERS = {
    f"stats.gauges.{PREFIX}.external.shop.count": "gauges",
    f"stats.gauges.{PREFIX}.external.shop.lower_5": "gauges",
    f"stats.sets.{PREFIX}.external.visitors.count": "sets",
    f"stats.timers.{PREFIX}.external.upper.lower_10": "lower",
    f"stats.timers.{PREFIX}.external.sum.upper": "upper",
    f"stats.counters.{PREFIX}.external.upper.count": "totals",
    f"stats_second.counters.{PREFIX}.sweep.heartbeat.count": "totals",
    "something.else": "default",
}
"""Other programs' names, some of which look like aspects; a second StatsD's; and what is nobody's."""

ASK_CARBON = """
import json, sys
from carbon.conf import settings
settings["CONF_DIR"] = sys.argv[1]
from carbon import storage
schemas, rules = storage.loadStorageSchemas(), storage.loadAggregationSchemas()
first = lambda among, name: next(one for one in among if one.matches(name))
answer = {}
for name in json.load(sys.stdin):
    schema, rule = first(schemas, name), first(rules, name)
    answer[name] = [schema.name, [str(a.getTuple()) for a in schema.archives], rule.name, *rule.archives]
json.dump(answer, sys.stdout)
"""


def carbons_choice(names: Iterable[str]) -> Mapping[str, tuple[str, list[str], str, float, str]]:
    """What carbon's own code makes of the committed files."""
    done = subprocess.run(
        [
            str(HOME / "graphite" / "bin" / "python"),
            "-W",
            "ignore",
            "-c",
            ASK_CARBON,
            str(Path("ops/graphite").resolve()),
        ],
        input=json.dumps(list(names)),
        env=os.environ | {"PYTHONPATH": str(Path("ops/graphite/shims").resolve())},
        capture_output=True,
        text=True,
        check=True,
    )
    answered: Mapping[str, tuple[str, list[str], str, float, str]] = json.loads(done.stdout)
    return answered


def as_stored(series: str) -> str:
    """A series with a plain node in place of each `*`."""
    return series.replace("stats*.", "stats.").replace("*", "node")


def test_every_declared_series_has_the_retention_and_the_aggregation_meant_for_it() -> None:
    meant = {as_stored(series): (schema, rule) for series, schema, rule in expected()}
    chosen = carbons_choice(meant)
    assert {name: (chosen[name][0], chosen[name][2]) for name in meant} == meant
    methods = {rule: method for _, _, rule, _, method in chosen.values()}
    assert methods == {
        "gauges": "last",
        "totals": "sum",
        "bins": "sum",
        "upper": "max",
        "means": "average",
        "statsd-costs": "max",
        "statsd-levels": "last",
        "carbon-totals": "sum",
        "carbon-averages": "average",
        "carbon-levels": "last",
    }
    assert {factor for _, _, _, factor, _ in chosen.values()} == {0.0}
    tiers = {schema: archives for schema, archives, *_ in chosen.values()}
    assert tiers["statsd"] == ["(1, 3600)", "(10, 8640)", "(60, 43200)", "(600, 105120)"]


def test_names_that_look_like_aspects_are_judged_by_their_kind() -> None:
    assert {name: choice[2] for name, choice in carbons_choice(OTHERS).items()} == OTHERS


# -- what it does


SPARSE = {2: 4.0, 3: 9.0, 8: 1.0, 25: 7.0, 59: 2.0}
"""Seconds of a minute that have a point; most have none, and four of the six buckets of 10 s have a few."""
NODE = f"{PREFIX}.test.aged"
AGED = {
    f"stats.counters.{NODE}.count": ({0: 14.0, 20: 7.0, 50: 2.0}, 23.0),
    f"stats.timers.{NODE}.count": ({0: 14.0, 20: 7.0, 50: 2.0}, 23.0),
    f"stats.timers.{NODE}.sum": ({0: 14.0, 20: 7.0, 50: 2.0}, 23.0),
    f"stats.timers.{NODE}.histogram.bin_250": ({0: 14.0, 20: 7.0, 50: 2.0}, 23.0),
    f"stats.timers.{NODE}.histogram.bin_inf": ({0: 14.0, 20: 7.0, 50: 2.0}, 23.0),
    f"stats.timers.{NODE}.upper": ({0: 9.0, 20: 7.0, 50: 2.0}, 9.0),
    f"stats.timers.{NODE}.upper_95": ({0: 9.0, 20: 7.0, 50: 2.0}, 9.0),
    f"stats.timers.{NODE}.lower": ({0: 1.0, 20: 7.0, 50: 2.0}, 1.0),
    f"stats.timers.{NODE}.mean": ({0: 14 / 3, 20: 7.0, 50: 2.0}, (14 / 3 + 7 + 2) / 3),
    f"stats.gauges.{NODE}": ({0: 1.0, 20: 7.0, 50: 2.0}, 2.0),
    f"stats.gauges.{NODE}.count": ({0: 1.0, 20: 7.0, 50: 2.0}, 2.0),
    f"stats.sets.{NODE}.count": ({0: 9.0, 20: 7.0, 50: 2.0}, 9.0),
    "stats.statsd.test.numStats": ({0: 1.0, 20: 7.0, 50: 2.0}, 2.0),
}
"""What the minute is after a roll-up: by 10 s, and by 60 s."""


@pytest.fixture(scope="module")
def minute(stack: Stack) -> int:
    """A full minute, half an hour ago, in which each series got its points: they are on disk."""
    start = int(time.time() - 1800) // 600 * 600
    lines = [f"{series} {value} {start + second}\n" for series in AGED for second, value in SPARSE.items()]
    with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as carbon:
        carbon.sendall("".join(lines).encode())
    graphite = Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])

    def arrived() -> bool:
        return all(len(points(graphite, series, start, 1)) == len(SPARSE) for series in AGED)

    assert processes.wait_until(arrived, 20)
    return start


STEP_FROM = {1: 3_000, 10: 7_200, 60: 100_000}
"""A window that reaches so far back is served by the tier of this step."""


def points(graphite: Graphite, series: str, start: int, step: int) -> dict[int, float]:
    """The points of the minute as the tier of `step` seconds has them, by second; graphite-web excludes its `from`."""
    now = int(time.time())
    for one in graphite.render([series], now - STEP_FROM[step], now):
        times = [at for _, at in one.points]
        assert {after - before for before, after in pairwise(times)} == {step}
        return {at - start: v for v, at in one.points if v is not None and start <= at < start + 60}
    return {}


@pytest.mark.parametrize("series", AGED)
def test_sparse_points_survive_their_roll_ups(minute: int, stack: Stack, series: str) -> None:
    graphite = Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])
    by_10, by_60 = AGED[series]
    assert points(graphite, series, minute, 1) == SPARSE
    assert points(graphite, series, minute, 10) == pytest.approx(by_10)
    assert points(graphite, series, minute, 60) == pytest.approx({0: by_60})


def test_a_rate_is_not_stored_and_a_count_is(stack: Stack) -> None:
    """The blacklist keeps rates out; what only looks like one comes in."""
    now = int(time.time())
    with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as carbon:
        for name in ("counters.{}.rate", "counters.{}.count", "gauges.{}.rate"):
            carbon.sendall(f"stats.{name.format(NODE + '2')} 1 {now}\n".encode())
    graphite = Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])
    wanted = [f"stats.counters.{NODE}2.count", f"stats.gauges.{NODE}2.rate"]

    def found() -> set[str]:
        asked = [*wanted, f"stats.counters.{NODE}2.rate"]
        return {one.name for one in graphite.render(asked, now - 5, now + 2) if one.total}

    assert processes.wait_until(lambda: found() == set(wanted), 10)
