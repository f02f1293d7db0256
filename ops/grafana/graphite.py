"""Graphite expressions for panels, built from the catalogue's metrics. Each function returns an expression.

StatsD sends nothing for a counter or timer that was idle: an idle second is null, not 0. And graphite-web averages
the points it has too many of, skipping nulls: a rate has its nulls made 0 first, a state is not averaged at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics.catalogue import Metric
from app.metrics.objectives.slos import Slo

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


def state(metric: Metric, label: str, *, how: str, value: str = "*") -> str:
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


def percentile_over_range(samples: str, metric: Metric, *labels: str, percent: int) -> str:
    """A percentile of all points in the range, as a constant; named after the labels' values."""
    nodes = [str(metric.node(label)) for label in labels]
    return call("aliasByNode", call("nPercentile", samples, str(percent)), *nodes)


# -- over the whole range: one point, which no consolidation can touch

WHOLE_RANGE = "2y"
"""Longer than any range shown, so that a range is one bucket."""


def _in_range(counts: str) -> str:
    return call("summarize", counts, text(WHOLE_RANGE), text("sum"), "true")


def total(counts: str, everything: str) -> str:
    """How many in the range, as one point; 0 if `counts` has no series yet but `everything` has."""
    return _in_range(_or_zero(counts, everything))


def totals_by(counts: str, metric: Metric, *labels: str) -> str:
    """How many in the range for each value of some labels, one point each, named after the values."""
    nodes = [str(metric.node(label)) for label in labels]
    return words(call("groupByNodes", _in_range(counts), text("sum"), *nodes))


def share(part: str, whole: str) -> str:
    """part/whole of the range, as one point; null if there was none."""
    return call("divideSeries", total(part, whole), _in_range(call("sumSeries", whole)))


def share_by(metric: Metric, label: str, part: Mapping[str, str], whole: Mapping[str, str]) -> str:
    """part/whole of the range for each value of a label; one without any `part` is 0. Both are labels' values."""
    everything = metric.series("count", **whole)

    def below(**labels: str) -> str:
        nodes = metric.series("count", **labels).split(".")
        return ".".join(["%", *nodes[metric.node(label) + 1 :]])

    ratio = share(below(**{**whole, **part}), below(**whole)).replace("'", '"')
    node = str(metric.node(label))
    return call("aliasByNode", call("applyByNode", everything, node, text(ratio), text("%")), node)


def words(expression: str) -> str:
    """The same series with spaces in place of the dots in their names."""
    return call("aliasSub", expression, text(r"\."), text(" "))


# -- over time


def per_second(counts: str) -> str:
    """Counts per second in one series, evened out over a minute."""
    return call("scaleToSeconds", _per_bucket(call("sumSeries", counts)), "1")


def per_minute_by(counts: str, metric: Metric, *labels: str) -> str:
    """Counts per minute, one series for each value of some labels and named after them."""
    nodes = [str(metric.node(label)) for label in labels]
    return words(call("groupByNodes", _per_bucket(counts), text("sum"), *nodes))


def in_bin(series: str, every_bin: str, name: str) -> str:
    """How many samples fell in one bin of a histogram, per minute and added up where a point holds several."""
    return alias(consolidated(_per_bucket(_or_zero(series, every_bin)), "sum"), name)


def highest(series: str) -> str:
    """The highest of several series, never averaged: of gauges, percentiles, maxima."""
    return worst(series)


def level(series: str, name: str) -> str:
    """One gauge, the newest value where a point holds several."""
    return alias(consolidated(series, "last"), name)


def sum_of_levels(series: str, name: str) -> str:
    """Several gauges of one moment added up, the highest where a point holds several moments."""
    return alias(consolidated(call("sumSeries", series), "max"), name)


def how_many_above_zero(series: str, name: str) -> str:
    """Of several gauges, how many are 1 or more."""
    ones = call("pow", call("removeBelowValue", series, "1"), "0")
    return alias(consolidated(call("sumSeries", call("transformNull", ones, "0")), "max"), name)


def age(beats: str) -> str:
    """Seconds since a counter last counted; since the start of the range if it never did."""
    ones = call("pow", call("transformNull", beats, "0"), "0")
    # Scaled to seconds, a 1 is one over the step; so this is the time that each point stands for, added up.
    elapsed = call("integral", call("pow", call("scaleToSeconds", ones, "1"), "-1"))
    at_beats = call("multiplySeries", elapsed, call("pow", beats, "0"))
    return consolidated(call("diffSeries", elapsed, call("keepLastValue", at_beats)), "max")


def burn(slo: Slo, window: str) -> str:
    """How many times faster than allowed the budget was spent in the `window` that ends at each point."""

    def moving(counts: str) -> str:
        return call("movingSum", counts, text(window))

    ratio = call("divideSeries", moving(_or_zero(slo.bad, slo.total)), moving(call("sumSeries", slo.total)))
    return consolidated(call("scale", ratio, f"{1 / slo.budget:g}"), "max")


def complement(ratio: str) -> str:
    """1 − ratio."""
    return call("offset", call("scale", ratio, "-1"), "1")


def budget_left(slo: Slo) -> str:
    """Of the range's error budget, the share that is left; below 0 when more than all of it was spent."""
    return call("offset", call("scale", share(slo.bad, slo.total), f"{-1 / slo.budget:g}"), "1")


def budget_left_so_far(slo: Slo) -> str:
    """The same at each point, counted from the start of the range."""
    spent = call("scale", share_so_far(slo.bad, slo.total), f"{-1 / slo.budget:g}")
    return consolidated(call("offset", spent, "1"), "last")


# -- what the pipeline tells of itself: series without labels, one for each instance


def counted(series: str) -> str:
    """How many in the range, as one point, of a counter that always tells."""
    return _in_range(call("sumSeries", series))


def counted_per_minute(series: str) -> str:
    """Counts per minute in one series."""
    return _per_bucket(call("sumSeries", series))


def milliseconds(seconds: str) -> str:
    """Times in seconds as Grafana's dates are, in milliseconds."""
    return call("scale", seconds, "1000")
