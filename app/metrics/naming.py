"""Parses a Graphite series into its metric and labels: the inverse of `Metric.series`. Standard library only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from app.metrics.catalogue import METRICS, PREFIX, Kind, Metric

_ASPECT = {Kind.COUNTER: r"\.(?P<_aspect>count)", Kind.TIMER: r"\.(?P<_aspect>.+)", Kind.GAUGE: "(?P<_aspect>)"}


class ParsedSeries(NamedTuple):
    """The parts of a series: `labels` in the metric's order; `aspect` is empty for a gauge."""

    metric: Metric
    labels: tuple[str, ...]
    aspect: str


@lru_cache(maxsize=8192)
def parse_series(series: str) -> ParsedSeries | None:
    """The metric, labels and aspect of a series of any StatsD instance; None if the catalogue does not declare it."""
    _, _, rest = series.partition(".")
    for metric, pattern in _patterns().get(tuple(rest.split(".")[:3]), ()):
        match = pattern.fullmatch(series)
        if match:
            return ParsedSeries(metric, tuple(match[name] for name in metric.labels), match["_aspect"])
    return None


@lru_cache(maxsize=1)
def _patterns() -> dict[tuple[str, ...], list[tuple[Metric, re.Pattern[str]]]]:
    """The pattern of each metric's series, by kind, prefix and the first node of the path."""
    patterns: dict[tuple[str, ...], list[tuple[Metric, re.Pattern[str]]]] = {}
    for metric in METRICS:
        kind, first = metric.kind.value, metric.path.split(".")[0]
        nodes = (_node(node, metric) for node in metric.path.split("."))
        pattern = rf"stats[^.]*\.{kind}\.{PREFIX}\." + r"\.".join(nodes) + _ASPECT[metric.kind]
        patterns.setdefault((kind, PREFIX, first), []).append((metric, re.compile(pattern)))
    return patterns


def _node(node: str, metric: Metric) -> str:
    if not node.startswith("{"):
        return re.escape(node)
    name = node[1:-1]
    values = "|".join(map(re.escape, metric.labels[name])) or r"[^.]+"
    return f"(?P<{name}>{values})"
