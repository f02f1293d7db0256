"""Graphite expressions for panels, built from the catalogue's metrics. Each function returns an expression.

StatsD sends nothing for a counter or timer that was idle: an idle second is null, not 0. And graphite-web averages
the points it has too many of, skipping nulls: a rate has its nulls made 0 first, a state is not averaged at all.
"""

from __future__ import annotations

from app.metrics.catalogue import Metric

BUCKET = "1min"
"""The width of a counted bucket. Never `1m`, which graphite-web refuses."""


def call(function: str, *arguments: str) -> str:
    """One function call."""
    return f"{function}({','.join(arguments)})"


def text(value: str) -> str:
    """A string argument."""
    return f"'{value}'"


def upto(metric: Metric, label: str) -> str:
    """The path whose last node holds a label's values, as `/metrics/find` lists them."""
    return ".".join(metric.series("").split(".")[: metric.node(label) + 1])


def one_of(*values: str) -> str:
    """A glob for some values of a label."""
    return "{" + ",".join(values) + "}"


def alias(expression: str, name: str) -> str:
    """The same series under another name."""
    return call("alias", expression, text(name))


def prefixed(prefix: str, expression: str) -> str:
    """The same series with `prefix` and a space before their names."""
    return call("aliasSub", expression, text("^"), text(f"{prefix} "))


def consolidated(expression: str, how: str) -> str:
    """The same series, with `how` in place of the average when there are more points than the panel is wide."""
    return call("consolidateBy", expression, text(how))


def _per_bucket(expression: str) -> str:
    """Counts per bucket, 0 where nothing was counted: a rate per minute at every resolution, also when averaged."""
    return call("transformNull", call("summarize", expression, text(BUCKET), text("sum")), "0")


def per_minute(counts: str, metric: Metric, label: str) -> str:
    """Counts per minute, one series for each value of a label and named after it."""
    return call("groupByNode", _per_bucket(counts), str(metric.node(label)), text("sum"))


def _or_zero(counts: str, everything: str) -> str:
    """The sum of `counts`, which may have no series yet; then 0 wherever `everything` has a point."""
    return call("sumSeries", counts, call("scale", call("sumSeries", everything), "0"))


def total_per_minute(counts: str, everything: str) -> str:
    """Counts per minute in one series; `everything` is a counter that always exists."""
    return _per_bucket(_or_zero(counts, everything))


def share_so_far(part: str, whole: str) -> str:
    """part/whole, both added up since the start of the range; null before the first of them."""

    def added_up(expression: str) -> str:
        return call("integral", call("transformNull", expression, "0"))

    ratio = call("divideSeries", added_up(_or_zero(part, whole)), added_up(call("sumSeries", whole)))
    return consolidated(ratio, "last")


def share_per_minute(part: str, whole: str) -> str:
    """part/whole of each minute; null where there was none."""
    buckets = [
        call("summarize", counts, text(BUCKET), text("sum"))
        for counts in (_or_zero(part, whole), call("sumSeries", whole))
    ]
    return consolidated(call("divideSeries", *buckets), "max")


def state(metric: Metric, label: str, value: str, how: str) -> str:
    """A gauge for each value of a label, named after it and never averaged."""
    gauge = consolidated(metric.series("", **{label: value}), how)
    return call("aliasByNode", gauge, str(metric.node(label)))


def worst(timer: str) -> str:
    """The highest of several percentile series: they can be neither added nor averaged."""
    return consolidated(call("maxSeries", timer), "max")


def worst_by(timer: str, metric: Metric, label: str) -> str:
    """The highest percentile for each value of a label, named after it."""
    grouped = call("groupByNode", timer, str(metric.node(label)), text("max"))
    return call("aliasByNode", consolidated(grouped, "max"), "0")


def percentile_over_range(samples: str, percent: int, metric: Metric, *labels: str) -> str:
    """A percentile of all points in the range, as a constant; named after the labels' values."""
    nodes = [str(metric.node(label)) for label in labels]
    return call("aliasByNode", call("nPercentile", samples, str(percent)), *nodes)
