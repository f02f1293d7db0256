"""Graphite expressions whose answer is one point for the whole window of an alert rule.

An idle counter has no points and a label's value that never occurred no series: what may be absent is added to zeros
of what is there. A share of too few is null, not a number, and so never fires: one failure of one is no alarm.
"""

from __future__ import annotations

from app.metrics.catalogue import Metric
from ops.grafana.graphite import alias, call, one_of, text, upto

LONGEST = "31d"
"""The summary's interval: longer than every window, so that there is one bucket, and the same in all rules."""


def _over_window(expression: str, how: str) -> str:
    return call("summarize", expression, text(LONGEST), text(how), "true")


def _total(series: str, everything: str = "") -> str:
    """The sum of all points of all `series`; with `everything`, 0 where that has points and `series` has none."""
    zeros = [call("scale", call("sumSeries", everything), "0")] if everything else []
    return _over_window(call("sumSeries", series, *zeros), "sum")


def _share(part: str, whole: str, *, at_least: int) -> str:
    return call("divideSeries", _total(part, whole), call("removeBelowValue", _total(whole), str(at_least)))


def share(part: str, whole: str, *, at_least: int, name: str) -> str:
    """part/whole, both added up over the window; null if there were fewer than `at_least` of the whole."""
    return alias(_share(part, whole, at_least=at_least), name)


def share_by(metric: Metric, label: str, *, part: str, whole: str, at_least: int, values: str = "*") -> str:
    """part/whole for each value of a label, named after it; `part` and `whole` are what follows the label's node."""
    node = str(metric.node(label))
    each = _share(f"%.{part}", f"%.{whole}", at_least=at_least)
    everything = f"{_upto(metric, label, values)}.{whole}"
    return call("aliasByNode", call("applyByNode", everything, node, f'"{each}"', '"%"'), node)


def slower(metric: Metric, bound: int) -> str:
    """The bins that hold what took `bound` or longer. A bin is named after its upper bound."""
    if bound not in metric.bins:
        raise ValueError(f"{metric.name} has no bin that ends at {bound}")
    return "histogram.bin_" + one_of(*(str(upper) for upper in metric.bins if upper > bound), "inf")


ALL_BINS = "histogram.bin_*"


def count(series: str, *, name: str) -> str:
    """How many; 0 if the series exists and is silent."""
    return alias(call("transformNull", _total(series), "0"), name)


def count_by(metric: Metric, label: str, *, rest: str) -> str:
    """How many for each value of a label, named after it; `rest` is what follows the label's node."""
    grouped = call("groupByNode", f"{upto(metric, label)}.{rest}", str(metric.node(label)), text("sum"))
    return call("aliasByNode", _over_window(grouped, "sum"), "0")


def level(series: str, *, how: str, name: str) -> str:
    """A gauge's `last`, `max` or `min` over the window."""
    return alias(_over_window(series, how), name)


def level_by(metric: Metric, label: str, *, how: str) -> str:
    """The same of a gauge for each value of a label, named after it."""
    return call("aliasByNode", _over_window(metric.series(""), how), str(metric.node(label)))


def _upto(metric: Metric, label: str, values: str) -> str:
    return ".".join([*upto(metric, label).split(".")[:-1], values])
