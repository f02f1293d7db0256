"""The catalogue with its current values: sums and quantiles from Graphite, the exact totals from the database.

Graphite is asked twice, whatever the number of metrics, and is given a few seconds; without it the catalogue is stale.
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
from app.metrics.catalogue import Bounded, Kind, Metric, everywhere
from app.metrics.following import totals
from app.metrics.naming import named
from app.metrics.reading.bounded import BoundedGraphite, GraphiteBusy
from app.metrics.reading.graphite import GraphiteUnavailable, Series
from app.metrics.reading.schemas import KindName, MetricQuery
from app.settings import Settings

EXTENSION = "metrics_graphite"
MAX_SERIES = 300
"""Of one metric; the answer says if there are more."""
GAUGE_SECONDS = 60
"""A gauge that nobody has set for so long has no current value: StatsD forgets it after 40 s."""
TIMEOUT_SECONDS = 2.0
"""For each of two questions."""
AT_ONCE = 2
"""Of a process's eight threads, how many may wait here for a Graphite that hangs."""
QUANTILES = {"upper_50": "p50", "upper_95": "p95", "upper_99": "p99"}
ASPECTS = {
    Kind.COUNTER: ("count",),
    Kind.TIMER: ("count", "sum", "mean", "upper", *QUANTILES),
    Kind.GAUGE: (),
}

_SERIES = re.compile(r"stats[\w.-]+")

Found = dict[Metric, dict[tuple[str, ...], dict[str, Any]]]
"""Of each metric and its labels' values what is known."""


@dataclass
class _Reading:
    """What Graphite knows, or why nothing is known."""

    values: Found = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    stale: str | None = None


def install(app: Flask, settings: Settings) -> None:
    """Read metrics from the settings' Graphite."""
    app.extensions[EXTENSION] = BoundedGraphite(settings.graphite_url, at_once=AT_ONCE, timeout=TIMEOUT_SECONDS)


def listing(query: MetricQuery) -> dict[str, Any]:
    """The metrics that are asked for, each with its declaration and its series."""
    metrics, now = query.chosen(), clock.now()
    counted = totals.up_to_date()
    reading = _read(metrics, int(now.timestamp()), query.window)
    for series, total in counted.totals.items():
        found = named(series)
        if found is not None:
            reading.values[found.metric][found.labels]["database_total"] = total
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
        "kind": KindName.of(metric.kind),
        "origin": metric.origin,
        "unit": metric.unit,
        "help": metric.help,
        "by": metric.by,
        "labels": {name: _label(values) for name, values in metric.labels.items()},
        "aspects": _aspects(metric),
        "series": [_shown(metric, labels, series[labels], window) for labels in sorted(series)[:MAX_SERIES]],
        "truncated": len(series) > MAX_SERIES,
    }


def _label(values: Sequence[str]) -> dict[str, Any]:
    bound = values.by if isinstance(values, Bounded) else None
    return {"values": None if bound else list(values), "bounded_by": bound}


def _aspects(metric: Metric) -> list[str]:
    bins = [f"histogram.bin_{bound}" for bound in (*metric.bins, "inf")] if metric.bins else []
    return [*ASPECTS[metric.kind], *bins]


def _shown(metric: Metric, labels: tuple[str, ...], values: Mapping[str, Any], window: int) -> dict[str, Any]:
    given = dict(zip(metric.labels, labels, strict=True))
    aspect = "count" if metric.kind is Kind.COUNTER else ""
    shown: dict[str, Any] = {"labels": given, "graphite": metric.series(aspect, **given)}
    if metric.kind is Kind.GAUGE:
        return {**shown, "value": values.get("value"), "at": values.get("at")}
    total = values.get("total")
    shown |= {"total": total, "rate": None if total is None else round(total / window, 6)}
    if metric.kind is Kind.TIMER:
        shown |= {name: values.get(name) for name in QUANTILES.values()}
    if "database_total" in values:
        shown["database_total"] = values["database_total"]
    return shown


def _read(metrics: Iterable[Metric], now: int, window: int) -> _Reading:
    reading, bounded = _Reading(), current_app.extensions[EXTENSION]
    try:
        with bounded.turn() as graphite:
            if summed := [target for metric in metrics for target in _summed(metric, window)]:
                _note_sums(reading.values, graphite.render(summed, now - window, now))
            if levels := [_few(metric.series("")) for metric in metrics if metric.kind is Kind.GAUGE]:
                _note_levels(reading.values, graphite.render(levels, now - GAUGE_SECONDS, now))
    except (GraphiteBusy, GraphiteUnavailable) as error:
        reading.stale = error.detail
    return reading


def _summed(metric: Metric, window: int) -> list[str]:
    """What to ask of a counter or a timer: one point for the whole window of each series."""
    if metric.kind is Kind.GAUGE:
        return []
    wanted = {"count": "sum", **(dict.fromkeys(QUANTILES, "max") if metric.kind is Kind.TIMER else {})}
    return [f'summarize({_few(metric.series(aspect))}, "{window}s", "{how}", true)' for aspect, how in wanted.items()]


def _few(series: str) -> str:
    """At most one series more than are shown, and none that is silent."""
    return f"limit(sortByName(removeEmptySeries({everywhere(series)})), {MAX_SERIES + 1})"


def _note_sums(values: Found, answered: Iterable[Series]) -> None:
    for series in answered:
        points = [value for value, _ in series.points if value is not None]
        found = named(_name(series))
        if found is None or not points:
            continue
        noted = values[found.metric][found.labels]
        if found.aspect == "count":
            noted["total"] = noted.get("total", 0) + round(sum(points))
        else:
            quantile = QUANTILES[found.aspect]
            noted[quantile] = max(noted.get(quantile, points[0]), *points)


def _note_levels(values: Found, answered: Iterable[Series]) -> None:
    for series in answered:
        points = [(value, at) for value, at in series.points if value is not None]
        found = named(_name(series))
        if found is not None and points:
            value, at = points[-1]
            values[found.metric][found.labels] |= {"value": value, "at": datetime.fromtimestamp(at, UTC)}


def _name(series: Series) -> str:
    """The series without the functions around it."""
    found = _SERIES.search(series.name)
    return found[0] if found else series.name
