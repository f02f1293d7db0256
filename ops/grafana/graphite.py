"""Graphite expressions for panels, built from the catalogue's metrics. Each function returns an expression.

StatsD sends nothing for an idle counter or timer, so an idle second is null, not 0. When a series has more points than
a panel asks for, graphite-web averages neighbouring points and skips nulls. Rates therefore replace null by 0 first;
states and percentiles choose a consolidation that does not average.

`series` and `counts` are paths of series, with globs; a label that is not given matches all its values.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics.catalogue import Metric
from app.metrics.objectives.slos import Slo
from ops.grafana.words import misread, reads

BUCKET = "1min"
"""The width of a counted bucket. Never `1m`: graphite-web answers 500."""
WHOLE_RANGE = "2y"
"""Longer than any range a dashboard shows, so the whole range is one bucket, which is never consolidated."""


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


def suffixed(expression: str, suffix: str) -> str:
    """The same series with a space and `suffix` after their names."""
    return call("aliasSub", expression, text("$"), text(f" {suffix}"))


def readable(expression: str, metric: Metric, *labels: str) -> str:
    """The same series, which are named after the values of these labels, with the names that people read."""
    for value in misread(metric, *labels):
        expression = call("aliasSub", expression, text(rf"\b{value}\b"), text(reads(value)))
    return call("aliasSub", expression, text("[._]"), text(" "))


def consolidated(expression: str, how: str) -> str:
    """The same series, consolidated by `how` (`max`, `min`, `last`, `sum`) instead of by average."""
    return call("consolidateBy", expression, text(how))


def or_zero(series: str, everything: str) -> str:
    """The sum of `series`, which may not exist yet: then 0 wherever `everything` has a point."""
    return call("sumSeries", series, call("scale", call("sumSeries", everything), "0"))


def one_bucket(expression: str, width: str, how: str) -> str:
    """One point that combines all points of the range by `how`, given a `width` longer than the range."""
    return call("summarize", expression, text(width), text(how), "true")


def by_node(series: str, node: int, template: str, *name: str) -> str:
    """`applyByNode` on the series of all StatsD instances together: `%` in the template matches each of them."""
    together = call("aliasSub", series, text("^stats[^.]*"), text("stats*"))
    return call("aliasByNode", call("applyByNode", together, str(node), template, *name), str(node))


def _nodes(metric: Metric, labels: tuple[str, ...]) -> list[str]:
    return [str(metric.node(label)) for label in labels]


def _per_bucket(expression: str) -> str:
    """Counts per bucket, 0 for an idle one: a rate per minute at every resolution, also after averaging."""
    return call("transformNull", call("summarize", expression, text(BUCKET), text("sum")), "0")


# -- counters over time


def per_minute(metric: Metric, label: str, **chosen: str) -> str:
    """Counts per minute, one series for each value of `label` and named after it; `chosen` are other labels' values."""
    counts = _per_bucket(metric.series("count", **chosen))
    return readable(call("groupByNode", counts, *_nodes(metric, (label,)), text("sum")), metric, label)


def per_minute_by(metric: Metric, *labels: str, **chosen: str) -> str:
    """Counts per minute, one series for each combination of the labels' values and named after them."""
    counts = _per_bucket(metric.series("count", **chosen))
    return readable(call("groupByNodes", counts, text("sum"), *_nodes(metric, labels)), metric, *labels)


def per_minute_each(metric: Metric, label: str, everything: str, **chosen: str) -> list[str]:
    """Counts per minute for each value of a label, named after it: 0 for what never happened, not absent."""
    return [
        alias(total_per_minute(metric.series("count", **{label: value}, **chosen), everything), reads(value))
        for value in metric.labels[label]
    ]


def total_per_minute(counts: str, everything: str) -> str:
    """Counts per minute in one series; `everything` is a counter that always exists."""
    return _per_bucket(or_zero(counts, everything))


def per_second(counts: str) -> str:
    """Counts per second in one series, averaged over a minute."""
    return call("scaleToSeconds", _per_bucket(call("sumSeries", counts)), "1")


def in_bin(series: str, every_bin: str, name: str) -> str:
    """How many samples fell into one bin of a histogram per minute; summed where a point covers several minutes."""
    return alias(consolidated(_per_bucket(or_zero(series, every_bin)), "sum"), name)


def share_per_minute(part: str, whole: str) -> str:
    """part/whole of each minute; null for a minute without any."""
    buckets = [
        call("summarize", counts, text(BUCKET), text("sum"))
        for counts in (or_zero(part, whole), call("sumSeries", whole))
    ]
    return consolidated(call("divideSeries", *buckets), "max")


def share_so_far(part: str, whole: str, *, at_least: int = 0) -> str:
    """part/whole, both summed since the start of the range; null before the whole is `at_least` so large."""

    def running_total(expression: str) -> str:
        return call("integral", call("transformNull", expression, "0"))

    ratio = call(
        "divideSeries", running_total(or_zero(part, whole)), _enough(running_total(call("sumSeries", whole)), at_least)
    )
    return consolidated(ratio, "last")


def age(beats: str) -> str:
    """Seconds since a counter last counted; since the start of the range if it never did."""
    ones = call("pow", call("transformNull", beats, "0"), "0")
    # Scaled to seconds, a 1 becomes 1/step. Its inverse, the seconds each point covers, adds up to the elapsed time.
    elapsed = call("integral", call("pow", call("scaleToSeconds", ones, "1"), "-1"))
    at_beats = call("multiplySeries", elapsed, call("pow", beats, "0"))
    return consolidated(call("diffSeries", elapsed, call("keepLastValue", at_beats)), "max")


# -- gauges and percentiles over time


def state(metric: Metric, label: str, *, how: str, value: str = "*") -> str:
    """A gauge for each value of a label, named after it and never averaged."""
    gauge = consolidated(metric.series("", **{label: value}), how)
    return readable(call("aliasByNode", gauge, *_nodes(metric, (label,))), metric, label)


def level(series: str, name: str) -> str:
    """One gauge; its latest value where a point covers several."""
    return alias(consolidated(series, "last"), name)


def sum_of_levels(series: str, name: str) -> str:
    """The sum of several gauges; its highest value where a point covers several."""
    return alias(consolidated(call("sumSeries", series), "max"), name)


def how_many_above_zero(series: str, name: str) -> str:
    """How many of several gauges are 1 or more."""
    ones = call("pow", call("removeBelowValue", series, "1"), "0")
    return alias(consolidated(call("sumSeries", call("transformNull", ones, "0")), "max"), name)


def highest(series: str) -> str:
    """The highest of several series, never averaged: percentiles can be neither summed nor averaged."""
    return consolidated(call("maxSeries", series), "max")


def p95_by(metric: Metric, label: str, **chosen: str) -> str:
    """StatsD's 95th percentile of a timer, the highest for each value of a label and named after it."""
    grouped = call("groupByNode", metric.series("upper_95", **chosen), *_nodes(metric, (label,)), text("max"))
    return readable(call("aliasByNode", consolidated(grouped, "max"), "0"), metric, label)


def percentile_over_range(samples: str, metric: Metric, *labels: str, percent: int) -> str:
    """A percentile of all points in the range, as a constant; named after the labels' values."""
    grouped = call("groupByNodes", samples, text("max"), *_nodes(metric, labels))
    named = call("aliasByNode", call("nPercentile", grouped, str(percent)), *map(str, range(len(labels))))
    return readable(named, metric, *labels)


# -- the whole range as one point


def _in_range(counts: str) -> str:
    return one_bucket(counts, WHOLE_RANGE, "sum")


def total(counts: str, everything: str) -> str:
    """The count in the range; 0 if `counts` does not exist yet but `everything` does."""
    return _in_range(or_zero(counts, everything))


def totals_by(metric: Metric, *labels: str, **chosen: str) -> str:
    """The count in the range for each combination of the labels' values, named after them."""
    counts = _in_range(metric.series("count", **chosen))
    return readable(call("groupByNodes", counts, text("sum"), *_nodes(metric, labels)), metric, *labels)


def share(part: str, whole: str, *, at_least: int = 0) -> str:
    """part/whole of the range; null without any, or if the whole is less than `at_least`."""
    return call("divideSeries", total(part, whole), _enough(_in_range(call("sumSeries", whole)), at_least))


def _enough(counts: str, at_least: int) -> str:
    return call("removeBelowValue", counts, str(at_least)) if at_least else counts


def rest(part: str, whole: str) -> str:
    """Whole − part of the range."""
    return call("diffSeries", _in_range(call("sumSeries", whole)), total(part, whole))


def share_by(metric: Metric, label: str, part: Mapping[str, str], whole: Mapping[str, str]) -> str:
    """part/whole of the range for each value of `label`; 0 for a value without any `part`. Both map label to value."""
    everything = metric.series("count", **whole)

    def below(**labels: str) -> str:
        nodes = metric.series("count", **labels).split(".")
        return ".".join(["%", *nodes[metric.node(label) + 1 :]])

    ratio = share(below(**{**whole, **part}), below(**whole)).replace("'", '"')
    return readable(by_node(everything, metric.node(label), text(ratio), text("%")), metric, label)


# -- objectives


def burn(slo: Slo, window: str) -> str:
    """The burn rate over the `window` that ends at each point, where it can be judged: 1 spends the budget exactly."""

    def moving(counts: str) -> str:
        return call("movingSum", counts, text(window))

    ratio = call(
        "divideSeries", moving(or_zero(slo.bad, slo.total)), _enough(moving(call("sumSeries", slo.total)), slo.at_least)
    )
    return consolidated(call("scale", ratio, f"{1 / slo.budget:g}"), "max")


def complement(ratio: str) -> str:
    """1 − ratio."""
    return call("offset", call("scale", ratio, "-1"), "1")


def budget_left(slo: Slo) -> str:
    """The share of the range's error budget that is left; negative when more than all of it was spent."""
    return call("offset", call("scale", share(slo.bad, slo.total, at_least=slo.one_bad), f"{-1 / slo.budget:g}"), "1")


def budget_left_so_far(slo: Slo) -> str:
    """The same at each point, counted from the start of the range."""
    spent = call("scale", share_so_far(slo.bad, slo.total, at_least=slo.one_bad), f"{-1 / slo.budget:g}")
    return consolidated(call("offset", spent, "1"), "last")


# -- what StatsD and carbon report about themselves: series without labels, one for each instance


def counted(series: str) -> str:
    """The count in the range, of a counter that is always reported."""
    return _in_range(call("sumSeries", series))


def counted_per_minute(series: str) -> str:
    """Counts per minute in one series."""
    return _per_bucket(call("sumSeries", series))


def milliseconds(seconds: str) -> str:
    """Times in seconds converted to milliseconds, as Grafana's dates are."""
    return call("scale", seconds, "1000")
