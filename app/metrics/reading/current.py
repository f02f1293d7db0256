"""The catalogue with current values: sums and quantiles from Graphite, exact totals from the database.

Two requests to Graphite serve any number of metrics, with a time-out of a few seconds. Without Graphite, the catalogue
is returned as stale.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app

from app import clock
from app.metrics.catalogue import Bounded, Kind, Metric, under_any_prefix
from app.metrics.following import totals
from app.metrics.naming import parse_series
from app.metrics.reading.bounded import BoundedGraphite, GraphiteBusy
from app.metrics.reading.graphite import GraphiteUnavailable, Series
from app.metrics.reading.schemas import MetricKind, MetricQuery
from app.settings import Settings

EXTENSION = "metrics_graphite"
MAX_SERIES = 300
"""Series of one metric that are returned; `truncated` says if there are more."""
GAUGE_SECONDS = 60
"""A gauge that was not set for this long has no current value; StatsD drops it after 40 s."""
TIMEOUT_SECONDS = 2.0
"""For each of the two requests."""
AT_ONCE = 2
"""How many of a process's eight threads may wait here for Graphite."""
QUANTILES = {"upper_50": "p50", "upper_95": "p95", "upper_99": "p99"}
ASPECTS = {
    Kind.COUNTER: ("count",),
    Kind.TIMER: ("count", "sum", "mean", "upper", *QUANTILES),
    Kind.GAUGE: (),
}

_SERIES = re.compile(r"stats[\w.-]+")

CurrentValues = dict[Metric, dict[tuple[str, ...], dict[str, Any]]]
"""The current values of each metric, by the values of its labels."""


@dataclass
class _Reading:
    """What was read; `stale` says why Graphite could not be read."""

    values: CurrentValues = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    stale: str | None = None


def install(app: Flask, settings: Settings) -> None:
    """Read metrics from the settings' Graphite."""
    app.extensions[EXTENSION] = BoundedGraphite(settings.graphite_url, at_once=AT_ONCE, timeout=TIMEOUT_SECONDS)


def listing(query: MetricQuery) -> dict[str, Any]:
    """The requested metrics, each with its declaration and its series."""
    metrics, now = query.metrics(), clock.now()
    counted = totals.up_to_date()
    reading = _read(metrics, int(now.timestamp()), query.window)
    for series, total in counted.totals.items():
        parsed = parse_series(series)
        if parsed is not None:
            reading.values[parsed.metric][parsed.labels]["database_total"] = total
    return {
        "at": now,
        "window_seconds": query.window,
        "stale": reading.stale is not None,
        "reason": reading.stale,
        "events": {"counted_to": counted.event_id, "behind": counted.behind},
        "items": [_described(metric, reading.values[metric], query.window) for metric in metrics],
    }


def _described(metric: Metric, series: Mapping[tuple[str, ...], dict[str, Any]], window: int) -> dict[str, Any]:
    return {
        "name": metric.name,
        "path": metric.path,
        "kind": MetricKind.of(metric.kind),
        "origin": metric.origin,
        "unit": metric.unit,
        "help": metric.help,
        "by": metric.by,
        "labels": {name: _label(values) for name, values in metric.labels.items()},
        "aspects": _aspects(metric),
        "series": [_one_series(metric, labels, series[labels], window) for labels in sorted(series)[:MAX_SERIES]],
        "truncated": len(series) > MAX_SERIES,
    }


def _label(values: Sequence[str]) -> dict[str, Any]:
    bound = values.by if isinstance(values, Bounded) else None
    return {"values": None if bound else list(values), "bounded_by": bound}


def _aspects(metric: Metric) -> list[str]:
    bins = [f"histogram.bin_{bound}" for bound in (*metric.bins, "inf")] if metric.bins else []
    return [*ASPECTS[metric.kind], *bins]


def _one_series(metric: Metric, labels: tuple[str, ...], values: Mapping[str, Any], window: int) -> dict[str, Any]:
    label_values = dict(zip(metric.labels, labels, strict=True))
    aspect = "count" if metric.kind is Kind.COUNTER else ""
    series: dict[str, Any] = {"labels": label_values, "graphite": metric.series(aspect, **label_values)}
    if metric.kind is Kind.GAUGE:
        return {**series, "value": values.get("value"), "at": values.get("at")}
    total = values.get("total")
    series |= {"total": total, "rate": None if total is None else round(total / window, 6)}
    if metric.kind is Kind.TIMER:
        series |= {name: values.get(name) for name in QUANTILES.values()}
    if "database_total" in values:
        series["database_total"] = values["database_total"]
    return series


def _read(metrics: Iterable[Metric], now: int, window: int) -> _Reading:
    reading, bounded = _Reading(), current_app.extensions[EXTENSION]
    try:
        with bounded.turn() as graphite:
            if sums := [target for metric in metrics for target in _sums(metric, window)]:
                _add_sums(reading.values, graphite.render(sums, now - window, now))
            if gauges := [_limited(metric.series("")) for metric in metrics if metric.kind is Kind.GAUGE]:
                _add_gauges(reading.values, graphite.render(gauges, now - GAUGE_SECONDS, now))
    except (GraphiteBusy, GraphiteUnavailable) as error:
        reading.stale = error.detail
    return reading


def _sums(metric: Metric, window: int) -> list[str]:
    """The queries for a counter or a timer: one point per series for the whole window."""
    if metric.kind is Kind.GAUGE:
        return []
    functions = {"count": "sum", **(dict.fromkeys(QUANTILES, "max") if metric.kind is Kind.TIMER else {})}
    return [
        f'summarize({_limited(metric.series(aspect))}, "{window}s", "{function}", true)'
        for aspect, function in functions.items()
    ]


def _limited(series: str) -> str:
    """The non-empty series, at most one more than are returned."""
    return f"limit(sortByName(removeEmptySeries({under_any_prefix(series)})), {MAX_SERIES + 1})"


def _add_sums(values: CurrentValues, rendered: Iterable[Series]) -> None:
    for series in rendered:
        points = [value for value, _ in series.points if value is not None]
        parsed = parse_series(_name(series))
        if parsed is None or not points:
            continue
        current = values[parsed.metric][parsed.labels]
        if parsed.aspect == "count":
            current["total"] = current.get("total", 0) + round(sum(points))
        else:
            quantile = QUANTILES[parsed.aspect]
            current[quantile] = max(current.get(quantile, points[0]), *points)


def _add_gauges(values: CurrentValues, rendered: Iterable[Series]) -> None:
    """Add the newest value of each gauge; if two StatsD instances have one, of the instance that began later."""
    found: dict[tuple[Metric, tuple[str, ...]], tuple[int, int, float]] = {}
    for series in rendered:
        points = [(value, at) for value, at in series.points if value is not None]
        parsed = parse_series(_name(series))
        if parsed is not None and points:
            value, at = points[-1]
            key, candidate = (parsed.metric, parsed.labels), (at, points[0][1], value)
            found[key] = max(candidate, found.get(key, candidate))
    for (metric, labels), (at, _, value) in found.items():
        values[metric][labels] |= {"value": value, "at": datetime.fromtimestamp(at, UTC)}


def _name(series: Series) -> str:
    """The name of the series without the functions around it."""
    match = _SERIES.search(series.name)
    return match[0] if match else series.name
