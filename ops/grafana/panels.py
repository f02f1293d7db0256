"""The kinds of panel the dashboards are made of, one function each.

Every function takes the panel's title, its description, and its targets: Graphite expressions. `unit` is one of
Grafana's unit ids (`cpm` is counts per minute), `words` are series names that have a color in `COLORS`, and `steps`
are thresholds. The functions ending in `_by` draw one metric by one label; `chosen` are the values of its other labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap as heatmaps,
    stat as stats,
    statetimeline,
    table as tables,
    timeseries,
)
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models import common as kinds, dashboard as models, heatmap as heat

from app.metrics.metric import Metric, everywhere
from ops.grafana import graphite as g

SOURCE = kinds.DataSourceRef(type_val="graphite", uid="graphite")
MAX_POINTS = 1000
"""Points a panel asks for. Without it Grafana takes the panel's width in pixels, which differs between screens."""
SPANNED_MS = 60_000
"""A line connects points up to this far apart: a job that runs every 10 s has none in between."""

Panel: TypeAlias = timeseries.Panel | stats.Panel | bargauge.Panel | statetimeline.Panel | tables.Panel | heatmaps.Panel
States: TypeAlias = Mapping[int, tuple[str, str]]
"""The word and the color of each value of a gauge."""
Steps: TypeAlias = Sequence[tuple[float, str]]
"""Thresholds: from each value on, its color. Below the first it is `GOOD` unless the panel says otherwise."""

GOOD, BAD, WARN, WORSE, CALM, QUIET = "green", "red", "yellow", "orange", "blue", "text"
COLORS: Mapping[str, str] = {
    **dict.fromkeys(("passed", "pass", "completed", "succeeded", "success", "ok", "in_time", "given", "auto"), GOOD),
    **dict.fromkeys(("failed", "fail", "failure", "blocked", "killed", "late", "5xx", "stalled", "P0"), BAD),
    **dict.fromkeys(("error", "expired", "timeout", "transient", "aborted", "open", "P1", "emergency_stop"), WORSE),
    **dict.fromkeys(("waived", "wait", "unreachable", "paused", "4xx", "P2", "half_open", "breaker"), WARN),
    **dict.fromkeys(("created", "running", "requested", "received", "2xx", "installing", "closed", "manual"), CALM),
    **dict.fromkeys(("already_compliant", "3xx", "P3", "freeze", "window"), "semi-dark-blue"),
    **dict.fromkeys(("rejected", "conflict", "permanent", "policy_violation", "approval", "invalidated"), "purple"),
    **dict.fromkeys(
        ("skipped", "planning", "not_applicable", "cancelled", "superseded", "retired", "deferred"), "#8e8e8e"
    ),
    **dict.fromkeys(("inconclusive", "unknown", "duplicate", "1xx", "rate", "other"), "#b0b0b0"),
}
"""The color of each series name, the same on every panel of every dashboard."""


class GraphiteQuery(variants.Dataquery, builder.Builder[variants.Dataquery]):
    """A query of Grafana's Graphite data source, by its stored fields; the SDK has no such class."""

    def __init__(self, **stored: object) -> None:
        self._stored = stored

    def to_json(self) -> dict[str, object]:
        """The fields as Grafana stores them."""
        return self._stored

    def build(self) -> GraphiteQuery:
        """Itself: it has no parts to assemble."""
        return self


def queries(targets: Sequence[str]) -> list[builder.Builder[variants.Dataquery]]:
    """Targets as a panel takes them, with refIds A, B, C; `textEditor` keeps the visual editor from rewriting them."""
    return [
        GraphiteQuery(refId=chr(ord("A") + index), datasource=SOURCE, target=everywhere(target), textEditor=True)
        for index, target in enumerate(targets)
    ]


def legend(*calcs: str, placement: str = "bottom") -> common.VizLegendOptions:
    """A list below the panel, or a table to its right."""
    mode = kinds.LegendDisplayMode.LIST if placement == "bottom" else kinds.LegendDisplayMode.TABLE
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(mode)
        .placement(kinds.LegendPlacement(placement))
        .calcs(list(calcs))
    )


def thresholds(steps: Steps, below: str = GOOD) -> dashboard.ThresholdsConfig:
    """Thresholds as Grafana stores them."""
    bottom = models.Threshold(value=None, color=below)
    above = [models.Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps([bottom, *above])


def _paint(panel: Panel, words: Sequence[str]) -> None:
    for word in words:
        if word in COLORS:
            fixed = {"mode": "fixed", "fixedColor": COLORS[word]}
            panel.override_by_name(word, [models.DynamicConfigValue(id_val="color", value=fixed)])


def _palette() -> dashboard.FieldColor:
    return dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def lines(
    title: str,
    description: str,
    *targets: str,
    unit: str,
    words: Sequence[str] = (),
    steps: Steps = (),
    calcs: Sequence[str] = ("lastNotNull", "max"),
    decimals: int | None = None,
) -> timeseries.Panel:
    """Values over time; `steps` are drawn as dashed lines."""
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .unit(unit)
        .min(0)
        .line_width(1)
        .fill_opacity(10)
        .show_points(kinds.VisibilityMode.AUTO)
        .span_nulls(SPANNED_MS)
        .legend(legend(*calcs))
        .tooltip(tooltip)
    )
    if decimals is not None:
        panel.decimals(decimals)
    if steps:
        dashed = common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
        panel.thresholds(thresholds(steps, "transparent")).thresholds_style(dashed)
    _paint(panel, words)
    return panel


def bars(title: str, description: str, *targets: str, words: Sequence[str] = (), unit: str = "cpm") -> timeseries.Panel:
    """Counts per minute as stacked bars."""
    stack = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    panel = lines(title, description, *targets, unit=unit, words=words, calcs=("max",))
    return (
        panel.draw_style(kinds.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .show_points(kinds.VisibilityMode.NEVER)
        .stacking(stack)
    )


def areas(title: str, description: str, *targets: str, unit: str, words: Sequence[str] = ()) -> timeseries.Panel:
    """Gauges as stacked areas."""
    stack = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    panel = lines(title, description, *targets, unit=unit, words=words)
    return panel.fill_opacity(40).stacking(stack).line_interpolation(kinds.LineInterpolation.STEP_AFTER)


def bars_by(title: str, description: str, metric: Metric, label: str, **chosen: str) -> timeseries.Panel:
    """A counter per minute as stacked bars, one for each value of `label`."""
    return bars(title, description, g.per_minute_by(metric, label, **chosen), words=metric.labels[label])


def areas_by(title: str, description: str, metric: Metric, label: str) -> timeseries.Panel:
    """A gauge as stacked areas, one for each value of `label`."""
    return areas(title, description, g.state(metric, label, how="max"), unit="none", words=metric.labels[label])


def p95_by(
    title: str, description: str, metric: Metric, label: str, *, limit: float | None = None, **chosen: str
) -> timeseries.Panel:
    """A timer's 95th percentile, one line for each value of `label`; `limit`, in milliseconds, is drawn in red."""
    steps: Steps = () if limit is None else ((limit, BAD),)
    return lines(title, description, g.p95_by(metric, label, **chosen), unit="ms", steps=steps)


def figures(
    title: str,
    description: str,
    *targets: str,
    unit: str,
    steps: Steps = (),
    below: str = GOOD,
    words: Sequence[str] = (),
    decimals: int | None = None,
    trend: bool = False,
) -> stats.Panel:
    """The latest value of each series in large figures; `steps` color the background."""
    panel = (
        stats.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .unit(unit)
        .reduce_options(_last())
        .color_mode(kinds.BigValueColorMode.BACKGROUND if steps else kinds.BigValueColorMode.VALUE)
        .graph_mode(kinds.BigValueGraphMode.AREA if trend else kinds.BigValueGraphMode.NONE)
        .justify_mode(kinds.BigValueJustifyMode.CENTER)
        .text_mode(kinds.BigValueTextMode.AUTO)
        .orientation(kinds.VizOrientation.AUTO)
        .thresholds(thresholds(steps, below if steps else QUIET))
    )
    if decimals is not None:
        panel.decimals(decimals)
    _paint(panel, words)
    return panel


def totals(
    title: str,
    description: str,
    *targets: str,
    unit: str = "short",
    words: Sequence[str] = (),
    steps: Steps = (),
    below: str = GOOD,
    most: float | None = None,
) -> bargauge.Panel:
    """One horizontal bar for each series, with its total in the range; `most` is the length of a full bar."""
    scheme = dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS) if steps else _palette()
    panel = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .unit(unit)
        .min(0)
        .reduce_options(_last())
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .value_mode(kinds.BarGaugeValueMode.TEXT)
        .show_unfilled(True)
        .color_scheme(scheme)
        .thresholds(thresholds(steps, below))
        .no_value("none in this range")
        .legend(legend())
    )
    if most is not None:
        panel.max(most)
    _paint(panel, words)
    return panel


def timeline(title: str, description: str, *targets: str, states: States) -> statetimeline.Panel:
    """A state over time, one lane for each series."""
    results = {
        str(value): models.ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(states.items())
    }
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .mappings([models.ValueMap(options=results)])
        .merge_values(True)
        .show_value(kinds.VisibilityMode.AUTO)
        .row_height(0.8)
        .legend(legend())
    )


def table(title: str, description: str, *targets: str, unit: str, rows: str) -> tables.Panel:
    """One row for each series with its total in the range, largest first; `rows` is the first column's title."""
    newest = models.DataTransformerConfig(id_val="reduce", options={"reducers": ["lastNotNull"]})
    named = models.DataTransformerConfig(
        id_val="organize", options={"renameByName": {"Field": rows, "Last *": "In this range"}}
    )
    return (
        tables.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .unit(unit)
        .show_header(True)
        .cell_height(kinds.TableCellHeight.SM)
        .sort_by([common.TableSortByFieldState().display_name("In this range").desc(True)])
        .transformations([newest, named])
    )


def heatmap(title: str, description: str, metric: Metric, **labels: str) -> heatmaps.Panel:
    """A timer's histogram over time: one row for each bin, darker with more samples."""
    all_bins = metric.series("histogram.bin_*", **labels)
    names = [*(f"< {_amount(bound, metric.unit)}" for bound in metric.bins), "longer"]
    if metric.unit != "ms":
        names[-1] = f"{metric.bins[-1]}"
    bounds = [*map(str, metric.bins), "inf"]
    rows = (
        g.in_bin(metric.series(f"histogram.bin_{bound}", **labels), all_bins, name)
        for bound, name in zip(bounds, names, strict=True)
    )
    color = heatmaps.HeatmapColorOptions().mode(heat.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    return (
        heatmaps.Panel()
        .title(title)
        .description(description)
        .targets(queries(list(rows)))
        .calculate(False)
        .color(color)
        .cell_gap(1)
        .rows_frame(heatmaps.RowsHeatmapOptions().layout(kinds.HeatmapCellLayout.AUTO))
        .filter_values(heatmaps.FilterValueRange().le(1e-9))
        .y_axis(heatmaps.YAxisConfig().unit("short").axis_placement(kinds.AxisPlacement.LEFT))
        .tooltip(heatmaps.HeatmapTooltip().mode(kinds.TooltipDisplayMode.SINGLE))
        .show_legend()
    )


def _amount(bound: int, unit: str) -> str:
    if unit != "ms":
        return str(bound)
    for size, name in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")):
        if bound >= size:
            return f"{bound / size:g} {name}"
    return f"{bound} ms"
