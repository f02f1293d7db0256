"""Writes the operations dashboard from the catalogue: `python ops/grafana/build.py [--check]`.

With `--check` it writes nothing; if the committed dashboard is not what it would write, it says so and exits 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from grafana_foundation_sdk.builders import bargauge, common, dashboard, statetimeline, timeseries
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds, dashboard as models

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from app.metrics import catalogue as m  # noqa: E402  # the checkout is no installed package: its path comes first
from ops.grafana import graphite as g  # noqa: E402

FILE = ROOT / "ops" / "grafana" / "dashboards" / "operations.json"
UID = "eucora-operations"
SOURCE = kinds.DataSourceRef(type_val="graphite", uid="graphite")
RING, CONNECTOR = "${ring}", "${connector}"
MAX_POINTS = 1000
"""Points a panel asks for. Left open it would be the panel's width in pixels, another one on every screen."""
SPANNED_MS = 60_000
"""A line goes on over idle times up to this long: a job that runs every 10 s has no points in between."""
WIDTH, HEIGHT = 12, 8

Panel: TypeAlias = timeseries.Panel | statetimeline.Panel | bargauge.Panel
State: TypeAlias = Mapping[int, tuple[str, str]]
BREAKER: State = {0: ("closed", "green"), 1: ("open", "red"), 2: ("half-open", "orange")}
HEALTH: State = {1: ("healthy", "green"), 0: ("unhealthy", "red")}


class GraphiteQuery(variants.Dataquery):
    """One target of a panel. The SDK has none for Graphite."""

    def __init__(self, ref_id: str, target: str) -> None:
        self.ref_id, self.target = ref_id, target

    def to_json(self) -> dict[str, object]:
        """As Grafana stores it; `textEditor` keeps the visual editor from rewriting the target."""
        return {"refId": self.ref_id, "datasource": SOURCE, "target": self.target, "textEditor": True}


class _Query(builder.Builder[variants.Dataquery]):
    def __init__(self, query: GraphiteQuery) -> None:
        self._query = query

    def build(self) -> GraphiteQuery:
        return self._query


def _queries(*targets: str) -> list[builder.Builder[variants.Dataquery]]:
    return [_Query(GraphiteQuery(chr(ord("A") + index), target)) for index, target in enumerate(targets)]


def _legend(*calcs: str) -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
        .calcs(list(calcs))
    )


def _lines(unit: str, *targets: str) -> timeseries.Panel:
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    return (
        timeseries.Panel()
        .targets(_queries(*targets))
        .unit(unit)
        .min(0)
        .line_width(1)
        .fill_opacity(10)
        .show_points(kinds.VisibilityMode.AUTO)
        .span_nulls(SPANNED_MS)
        .legend(_legend("lastNotNull", "max"))
        .tooltip(tooltip)
    )


def _states(values: State, *targets: str) -> statetimeline.Panel:
    results = {
        str(value): models.ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(values.items())
    }
    return (
        statetimeline.Panel()
        .targets(_queries(*targets))
        .mappings([models.ValueMap(options=results)])
        .merge_values(True)
        .show_value(kinds.VisibilityMode.AUTO)
        .row_height(0.8)
        .legend(_legend())
    )


def deployment_rate() -> Panel:
    """Panel 1."""
    whole, rings = m.APPLICATION_DEPLOYMENTS, m.DEPLOYMENT_TOTAL
    return (
        _lines(
            "cpm",
            g.prefixed("deployments", g.per_minute(whole.series("count"), whole, "status")),
            g.prefixed("rings", g.per_minute(rings.series("count", ring=RING), rings, "status")),
        )
        .title("Deployment rate")
        .description(
            "Per minute: deployments created and ended, and rings that ended (of the rings chosen above), by how they "
            "ended. The current minute is still being counted."
        )
    )


def connector_health() -> Panel:
    """Panel 2."""
    return (
        _states(HEALTH, g.state(m.CONNECTOR_HEALTH, "connector", CONNECTOR, "min"))
        .title("Connector health")
        .description(
            "What each connector's health check answered, asked every 10 s; the worst where one pixel holds several "
            "answers. A gap: nobody asked, for the scheduler or its worker is down."
        )
    )


def success_rates() -> Panel:
    """Panel 3."""
    whole, rings, promotions = m.APPLICATION_DEPLOYMENTS, m.DEPLOYMENT_TOTAL, m.RING_PROMOTION
    gates = g.state(m.GATE_SUCCESS_RATE, "ring", RING, "min")

    def ended(status: str) -> str:
        return whole.series("count", status=status)

    def ring_ended(status: str) -> str:
        return rings.series("count", ring=RING, status=status)

    def promoted(how: str) -> str:
        return promotions.series("count", source=RING, how=how)

    return (
        _lines(
            "percentunit",
            g.alias(
                g.share_so_far(ended("completed"), ended(g.one_of("completed", "aborted", "failed"))),
                "deployments completed",
            ),
            g.alias(
                g.share_so_far(ring_ended("passed"), ring_ended(g.one_of("passed", "failed"))),
                "rings passed",
            ),
            g.alias(g.share_so_far(promoted("auto"), promoted("*")), "promotions not blocked"),
            g.prefixed("devices in", gates),
        )
        .max(1)
        .legend(_legend("lastNotNull", "min"))
        .title("Deployment and promotion success rates")
        .description(
            "Deployments, rings and promotions: the share that went well of all since the start of the range. "
            "Devices in a ring: succeeded of all that reported, the worst of the deployments under way; "
            "this is what the ring's gate judges."
        )
    )


def breaker_state() -> Panel:
    """Panel 4."""
    return (
        _states(BREAKER, g.state(m.BREAKER_STATE, "connector", CONNECTOR, "last"))
        .title("Circuit breaker state")
        .description("Each connector's breaker, sampled every 10 s. While it is open no call is made.")
    )


def deployment_duration() -> Panel:
    """Panel 5."""
    metric = m.DEPLOYMENT_DURATION
    samples = metric.series("upper", ring=RING)
    reduce = common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)
    targets = (
        g.prefixed(f"p{percent}", g.percentile_over_range(samples, percent, metric, "ring", "status"))
        for percent in (95, 99)
    )
    return (
        bargauge.Panel()
        .targets(_queries(*targets))
        .unit("ms")
        .min(0)
        .reduce_options(reduce)
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .legend(_legend())
        .title("Deployment duration p95 / p99")
        .description(
            "From a ring's first dispatch to its minimum coverage, holds excluded: percentiles of all rings that "
            "ended within the range, by ring and by how they ended. Rings that end within one point of the data "
            "(1 s in a range under an hour, 10 s under a day) count as the slowest of them."
        )
    )


def api_latency() -> Panel:
    """Panel 6."""
    lines = [
        g.alias(g.worst(m.HTTP_REQUEST.series(f"upper_{percent}")), f"p{percent} of the slowest endpoint")
        for percent in (50, 95, 99)
    ]
    return (
        _lines("ms", *lines)
        .title("API latency p50 / p95 / p99")
        .description(
            "StatsD's percentiles of each second, of the endpoint that was slowest then, for percentiles of "
            "several endpoints cannot be averaged: every endpoint is at least as fast as this."
        )
    )


def job_time() -> Panel:
    """Panel 7."""
    return (
        _lines("ms", g.worst_by(m.JOB_DURATION.series("upper_95"), m.JOB_DURATION, "job"))
        .title("Job time p95")
        .description("StatsD's 95th percentile of each second for each job, the slowest of its outcomes.")
    )


def error_rates() -> Panel:
    """Panel 8."""
    http, jobs, calls = m.HTTP_REQUEST, m.JOB_DURATION, m.CONNECTOR_OPERATION
    failed_jobs = jobs.series("count", outcome=g.one_of("error", "killed"))
    outcomes = g.one_of(*(outcome for outcome in calls.labels["outcome"] if outcome != "ok"))
    failed_calls = g.total_per_minute(calls.series("count", outcome=outcomes), calls.series("count"))
    dropped = g.total_per_minute(m.EMITTER_DROPPED.series("count"), m.SWEEP_HEARTBEAT.series("count"))
    per_minute = [
        models.DynamicConfigValue(id_val="unit", value="cpm"),
        models.DynamicConfigValue(id_val="custom.axisPlacement", value="right"),
        models.DynamicConfigValue(id_val="custom.axisLabel", value="per minute"),
        models.DynamicConfigValue(id_val="custom.axisSoftMax", value=1),
    ]
    return (
        _lines(
            "percentunit",
            g.alias(g.share_per_minute(http.series("count", status_class="5xx"), http.series("count")), "HTTP 5xx"),
            g.alias(g.share_per_minute(failed_jobs, jobs.series("count")), "jobs failed or killed"),
            g.alias(failed_calls, "connector calls failed"),
            g.alias(dropped, "metrics dropped"),
        )
        .axis_soft_max(0.01)
        .override_by_name("connector calls failed", per_minute)
        .override_by_name("metrics dropped", per_minute)
        .title("System error rates")
        .description(
            "Left: the share of HTTP requests answered with 5xx and of jobs that failed or were killed, in each "
            "minute; a gap is a minute without any. Right, per minute: connector calls that failed, and metrics "
            "that a process could not send."
        )
    )


PANELS = (
    deployment_rate,
    connector_health,
    success_rates,
    breaker_state,
    deployment_duration,
    api_latency,
    job_time,
    error_rates,
)


def _variable(name: str, metric: m.Metric) -> dashboard.QueryVariable:
    target = g.upto(metric, name)
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(SOURCE)
        .query({"refId": name, "queryType": "Default", "target": target})
        .definition(target)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value("*")
        .current(models.VariableOption(text=["All"], value=["$__all"]))
        .options([])
    )


def _placed() -> Iterator[Panel]:
    for index, make in enumerate(PANELS):
        row, column = divmod(index, 24 // WIDTH)
        place = models.GridPos(h=HEIGHT, w=WIDTH, x=column * WIDTH, y=row * HEIGHT)
        yield (make().id(index + 1).datasource(SOURCE).max_data_points(MAX_POINTS).interval("1s").grid_pos(place))


def operations() -> models.Dashboard:
    """The dashboard."""
    marks = (
        dashboard.AnnotationQuery()
        .name("Annotations & Alerts")
        .datasource(kinds.DataSourceRef(type_val="grafana", uid="-- Grafana --"))
        .built_in(1)
        .enable(True)
        .hide(True)
        .icon_color("rgba(0, 211, 255, 1)")
        .type("dashboard")
    )
    made = (
        dashboard.Dashboard("EUCORA operations")
        .uid(UID)
        .description("Generated by ops/grafana/build.py from the metrics catalogue: change it there.")
        .tags(["eucora"])
        .timezone("utc")
        .time("now-1h", "now")
        .refresh("10s")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([_variable("ring", m.DEPLOYMENT_TOTAL), _variable("connector", m.CONNECTOR_HEALTH)])
        .annotations([marks])
    )
    for panel in _placed():
        made.with_panel(panel)
    return made.build()


def render() -> str:
    """The dashboard's file."""
    return JSONEncoder(sort_keys=True, indent=2).encode(operations()) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or check it; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the Grafana dashboard from the metrics catalogue.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is stale")
    wanted = render()
    if not parser.parse_args(arguments).check:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(wanted)
        return 0
    if FILE.exists() and FILE.read_text() == wanted:
        return 0
    print(f"{os.path.relpath(FILE, ROOT)} is stale: run `make dashboards` and commit it.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
