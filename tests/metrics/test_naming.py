"""Series named back: what `Metric.series` writes, `parse_series` reads."""

from __future__ import annotations

import random

import pytest

from app.metrics import catalogue as m
from app.metrics.naming import parse_series
from app.metrics.reading import current


@pytest.mark.parametrize("metric", m.METRICS, ids=lambda metric: metric.name)
def test_a_series_is_named_back(metric: m.Metric) -> None:
    rng = random.Random(metric.name)
    for _ in range(20):
        labels = {name: rng.choice(values or ("simulated", "a-b_c")) for name, values in metric.labels.items()}
        for aspect in current._aspects(metric) or [""]:
            found = parse_series(metric.series(aspect, **labels))
            assert found == (metric, tuple(labels.values()), aspect)
            assert parse_series(metric.series(aspect, **labels).replace("stats.", "stats_host2.", 1)) == found


@pytest.mark.parametrize(
    "series",
    [
        "stats.counters.eucora.deployment.total.lab.passed",
        "stats.counters.eucora.deployment.total.attic.passed.count",
        "stats.counters.eucora.external.mine.count",
        "stats.gauges.statsd.timestamp_lag",
        "carbon.agents.a.cpuUsage",
        "",
    ],
)
def test_what_the_catalogue_does_not_know_has_no_name(series: str) -> None:
    assert parse_series(series) is None
