"""Graphite expressions that answer with one point for the whole window of an alert rule.

An idle counter has no points, and a label value that never occurred has no series; either is counted as 0 as long as
the whole it belongs to exists. A share of too few events is null rather than a number, so a single failure never fires.
"""

from __future__ import annotations

from app.metrics.catalogue import Metric
from ops.grafana.graphite import alias, by_node, call, one_bucket, one_of, or_zero, text, upto

LONGEST = "31d"
"""The bucket's width: longer than every window, and the same in all rules, so that alerts keep their labels."""
ALL_BINS = "histogram.bin_*"


def _over_window(expression: str, how: str) -> str:
    return one_bucket(expression, LONGEST, how)


def _total(series: str) -> str:
    """The sum of all points of all `series`."""
    return _over_window(call("sumSeries", series), "sum")


def _share(part: str, whole: str, *, at_least: int) -> str:
    enough = call("removeBelowValue", _total(whole), str(at_least))
    return call("divideSeries", _over_window(or_zero(part, whole), "sum"), enough)


def share(part: str, whole: str, *, at_least: int, name: str) -> str:
    """part/whole, both summed over the window; null if the whole is less than `at_least`."""
    return alias(_share(part, whole, at_least=at_least), name)


def share_by(metric: Metric, label: str, *, part: str, whole: str, at_least: int, values: str = "*") -> str:
    """part/whole for each value of a label, named after it; `part` and `whole` are what follows the label's node."""
    ratio = _share(f"%.{part}", f"%.{whole}", at_least=at_least)
    *before, _ = upto(metric, label).split(".")
    everything = ".".join([*before, values, whole])
    return by_node(everything, metric.node(label), f'"{ratio}"', '"%"')


def slower(metric: Metric, bound: int) -> str:
    """The bins of samples of `bound` or more. A bin is named after its upper bound."""
    if bound not in metric.bins:
        raise ValueError(f"{metric.name} has no bin that ends at {bound}")
    return "histogram.bin_" + one_of(*(str(upper) for upper in metric.bins if upper > bound), "inf")


def count(series: str, *, name: str) -> str:
    """The count in the window; 0 if the series exists but is idle."""
    return alias(call("transformNull", _total(series), "0"), name)


def count_by(metric: Metric, label: str, *, rest: str) -> str:
    """The count for each value of a label, named after it; `rest` is what follows the label's node."""
    grouped = call("groupByNode", f"{upto(metric, label)}.{rest}", str(metric.node(label)), text("sum"))
    return call("aliasByNode", _over_window(grouped, "sum"), "0")


def level(series: str, *, how: str, name: str) -> str:
    """A gauge's `last`, `max` or `min` over the window."""
    return alias(_over_window(series, how), name)


def level_by(metric: Metric, label: str, *, how: str, at_most: int | None = None, values: str = "*") -> str:
    """The same for each of a label's `values`, named after it; levels above `at_most` are ignored."""
    series = metric.series("", **{label: values})
    if at_most is not None:
        series = call("removeAboveValue", series, str(at_most))
    return call("aliasByNode", _over_window(series, how), str(metric.node(label)))
