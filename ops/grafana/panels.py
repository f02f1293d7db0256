"""The kinds of panel the dashboards are made of, one function each.

Every function takes the panel's title, its description, and its targets: Graphite expressions. `unit` is one of
Grafana's unit ids (`cpm` is counts per minute), and `steps` are thresholds. The functions ending in `_by` draw one
metric by one label; `chosen` are the values of its other labels. Colors follow from the names of series: see `words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from ops.grafana import graphite as g, words

SOURCE = kinds.DataSourceRef(type_val="graphite", uid="graphite")
MAX_POINTS = 1000
"""Points a panel asks for. Without it Grafana takes the panel's width in pixels, which differs between screens."""
_FILLED = {"type": "color-background", "mode": "basic"}
"""How Grafana's tables show a color; it then chooses a readable color for the text."""
SPANNED_MS = 60_000
"""A line connects points up to this far apart: a job that runs every 10 s has none in between."""

Panel: TypeAlias = timeseries.Panel | stats.Panel | bargauge.Panel | statetimeline.Panel | tables.Panel | heatmaps.Panel
States: TypeAlias = Mapping[int, str]
"""The word for each value of a gauge."""
Steps: TypeAlias = Sequence[tuple[float, str]]
"""Thresholds: from each value on, its color. Below the first it is `GOOD` unless the panel says otherwise."""

GOOD, BAD, WARN, WORSE, QUIET = words.GREEN, words.RED, words.AMBER, words.ORANGE, "text"
NOTHING = "nothing in this range"
"""What a panel says that has no value to show."""


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


def _paint(panel: Panel, targets: Sequence[str]) -> None:
    """Give each series the look of its words. Names that are no words get a color of Grafana's, by the name."""
    for pattern, look in words.overrides(targets):
        settings = [models.DynamicConfigValue(id_val=key, value=value) for key, value in _settings(look)]
        panel.override_by_regexp(pattern, settings)


def _settings(look: words.Look) -> Iterator[tuple[str, object]]:
    if look.color:
        yield "color", {"mode": "fixed", "fixedColor": look.color}
    if look.dash:
        yield "custom.lineStyle", {"fill": "dash", "dash": list(look.dash)}
    if look.width:
        yield "custom.lineWidth", look.width


def _by_name() -> dashboard.FieldColor:
    return dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def named_value(value: float, text: str) -> models.ValueMap:
    """A mapping that shows `text` in place of a value."""
    return models.ValueMap(options={f"{value:g}": models.ValueMappingResult(text=text, index=0)})


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def lines(
    title: str,
    description: str,
    *targets: str,
    unit: str,
    steps: Steps = (),
    calcs: Sequence[str] = ("lastNotNull", "max"),
    decimals: int | None = None,
    below_zero: bool = False,
    none: str = NOTHING,
) -> timeseries.Panel:
    """Values over time; `steps` are drawn as dashed lines. The scale begins at 0, or with `below_zero` includes it."""
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .targets(queries(targets))
        .unit(unit)
        .color_scheme(_by_name())
        .no_value(none)
        .line_width(1)
        .fill_opacity(10)
        .show_points(kinds.VisibilityMode.AUTO)
        .span_nulls(SPANNED_MS)
        .legend(legend(*calcs))
        .tooltip(tooltip)
    )
    panel = panel.axis_soft_min(0) if below_zero else panel.min(0)
    if decimals is not None:
        panel.decimals(decimals)
    if steps:
        dashed = common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
        panel.thresholds(thresholds(steps, "transparent")).thresholds_style(dashed)
    _paint(panel, targets)
    return panel


def bars(title: str, description: str, *targets: str, unit: str = "cpm") -> timeseries.Panel:
    """Counts per minute as stacked bars."""
    stack = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    panel = lines(title, description, *targets, unit=unit, calcs=("max",))
    return (
        panel.draw_style(kinds.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .show_points(kinds.VisibilityMode.NEVER)
        .stacking(stack)
    )


def areas(title: str, description: str, *targets: str, unit: str) -> timeseries.Panel:
    """Gauges as stacked areas."""
    stack = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    panel = lines(title, description, *targets, unit=unit)
    return panel.fill_opacity(40).stacking(stack).line_interpolation(kinds.LineInterpolation.STEP_AFTER)


def bars_by(title: str, description: str, metric: Metric, label: str, **chosen: str) -> timeseries.Panel:
    """A counter per minute as stacked bars, one for each value of `label`."""
    return bars(title, description, g.per_minute_by(metric, label, **chosen))


def areas_by(title: str, description: str, metric: Metric, label: str) -> timeseries.Panel:
    """A gauge as stacked areas, one for each value of `label`."""
    return areas(title, description, g.state(metric, label, how="max"), unit="none")


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
    decimals: int | None = None,
    trend: bool = False,
    none: str = NOTHING,
) -> stats.Panel:
    """The latest value of each series in large figures; `steps` color the background, `none` stands for no value."""
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
        .no_value(none)
    )
    if decimals is not None:
        panel.decimals(decimals)
    return panel


def totals(
    title: str,
    description: str,
    *targets: str,
    unit: str = "short",
    steps: Steps = (),
    below: str = GOOD,
    most: float | None = None,
    none: str = NOTHING,
) -> bargauge.Panel:
    """One horizontal bar for each series, with its total in the range; `most` is the length of a full bar."""
    scheme = dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS) if steps else _by_name()
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
        .no_value(none)
        .legend(legend())
    )
    if most is not None:
        panel.max(most)
    if not steps:
        _paint(panel, targets)
    return panel


def timeline(title: str, description: str, *targets: str, states: States) -> statetimeline.Panel:
    """A state over time, one lane for each series."""
    results = {
        str(value): models.ValueMappingResult(text=words.reads(word), color=words.LOOKS[word].color, index=index)
        for index, (value, word) in enumerate(states.items())
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
        .no_value(NOTHING)
        .legend(legend())
    )


def table(title: str, description: str, *targets: str, unit: str, rows: str) -> tables.Panel:
    """One row for each series with its total in the range, largest first; `rows` is the first column's title."""
    # The reduced rows are no series any more: their names get the colors of their words as values of a column.
    painted = [
        models.RegexMap(
            options=models.DashboardRegexMapOptions(pattern=pattern, result=models.ValueMappingResult(color=look.color))
        )
        for pattern, look in words.overrides(targets)
    ]
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
        .no_value(NOTHING)
        .override_by_name(
            rows,
            [
                models.DynamicConfigValue(id_val="custom.cellOptions", value=_FILLED),
                models.DynamicConfigValue(id_val="mappings", value=[it.to_json() for it in reversed(painted)]),
            ],
        )
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
        .no_value(NOTHING)
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
