"""A Graphite series back to its metric and labels: what `Metric.series` does, the other way. Standard library only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from app.metrics.catalogue import METRICS, PREFIX, Kind, Metric

_ASPECT = {Kind.COUNTER: r"\.(?P<_aspect>count)", Kind.TIMER: r"\.(?P<_aspect>.+)", Kind.GAUGE: "(?P<_aspect>)"}


class Named(NamedTuple):
    """What a series is of: `labels` in the order of the metric's, `aspect` empty for a gauge."""

    metric: Metric
    labels: tuple[str, ...]
    aspect: str


@lru_cache(maxsize=8192)
def named(series: str) -> Named | None:
    """The metric, labels and aspect of a series, of whichever StatsD instance; None if the catalogue knows none."""
    _, _, rest = series.partition(".")
    for metric, pattern in _patterns().get(tuple(rest.split(".")[:3]), ()):
        found = pattern.fullmatch(series)
        if found:
            return Named(metric, tuple(found[name] for name in metric.labels), found["_aspect"])
    return None


@lru_cache(maxsize=1)
def _patterns() -> dict[tuple[str, ...], list[tuple[Metric, re.Pattern[str]]]]:
    """Of each metric the expression its series match, by kind, prefix and the first node of the path."""
    made: dict[tuple[str, ...], list[tuple[Metric, re.Pattern[str]]]] = {}
    for metric in METRICS:
        kind, first = metric.kind.value, metric.path.split(".")[0]
        nodes = (_node(node, metric) for node in metric.path.split("."))
        written = rf"stats[^.]*\.{kind}\.{PREFIX}\." + r"\.".join(nodes) + _ASPECT[metric.kind]
        made.setdefault((kind, PREFIX, first), []).append((metric, re.compile(written)))
    return made


def _node(node: str, metric: Metric) -> str:
    if not node.startswith("{"):
        return re.escape(node)
    name = node[1:-1]
    values = "|".join(map(re.escape, metric.labels[name])) or r"[^.]+"
    return f"(?P<{name}>{values})"
