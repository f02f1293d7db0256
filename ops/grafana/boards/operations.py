"""The dashboard to open first: what needs attention now, then rollouts, connectors and the service."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.cog import builder
from grafana_foundation_sdk.models import dashboard as models

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import APPLICATION, CONNECTOR, RING, Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import FAILED_CALLS, FAILED_JOBS, HEARTBEAT


class DataLink(models.DashboardLink, builder.Builder[models.DashboardLink]):
    """The link of a figure, by its stored fields; the SDK has only the links of dashboards and panels."""

    def to_json(self) -> dict[str, object]:
        """The fields as Grafana stores them."""
        return {"title": self.title, "url": self.url, "targetBlank": True}

    def build(self) -> DataLink:
        """Itself: it has no parts to assemble."""
        return self


def _by_name(name: str, panel: stat.Panel) -> p.Panel:
    """A figure that the database knows too: `GET /attention` counts and lists it under that name.

    In Grafana it links to that list. The API's own page shows the database's figure in its place.
    """
    return panel.data_links([DataLink(title="By name", url=f"${{api}}/dashboards/eucora-operations#{name}")])


def _live() -> stat.Panel:
    return p.figures(
        "Live deployments",
        "Deployments and rollbacks that are running.",
        g.sum_of_levels(m.DEPLOYMENT_LIVE.series("", state="running"), "running"),
        unit="none",
        trend=True,
    )


def _paused() -> stat.Panel:
    return p.figures(
        "Paused",
        "Deployments paused by a person, by a gate, or because they stalled. Each waits for a person to resume it.",
        g.sum_of_levels(m.DEPLOYMENT_LIVE.series("", state="paused"), "paused"),
        unit="none",
        steps=((1, p.WARN),),
        trend=True,
    )


def _stalled() -> stat.Panel:
    return p.figures(
        "Stalled",
        "Deployments that waited for their gate longer than the ring plan allows.",
        g.sum_of_levels(m.HOLD_ACTIVE.series("", hold="stalled"), "stalled"),
        unit="none",
        steps=((1, p.BAD),),
        trend=True,
    )


def _waiting() -> stat.Panel:
    return p.figures(
        "Waiting for approval",
        "Deployments whose approval is requested but not complete.",
        g.level(m.APPROVAL_WAITING.series(""), "waiting"),
        unit="none",
        steps=((1, p.WARN), (5, p.WORSE)),
        trend=True,
    )


def _incidents() -> stat.Panel:
    return p.figures(
        "Open incidents",
        "Open incidents of every severity. Those above the limit of a ring's gate fail the gate.",
        g.sum_of_levels(m.INCIDENT_OPEN.series(""), "open"),
        unit="none",
        steps=((1, p.WORSE), (3, p.BAD)),
        trend=True,
    )


def _breakers() -> stat.Panel:
    return p.figures(
        "Breakers not closed",
        "Connectors that receive no calls, or only probes, because their breaker is open or half-open.",
        g.how_many_above_zero(m.BREAKER_STATE.series(""), "not closed"),
        unit="none",
        steps=((1, p.BAD),),
        trend=True,
    )


def _heartbeat() -> p.Panel:
    return common.heartbeat_age(
        "Heartbeat age",
        "Seconds since the last sweep, which advances all deployments and runs every 2 s. Red: rollouts have stopped.",
    )


def _errors_now() -> p.Panel:
    return p.figures(
        "API errors",
        "The share of requests in this range that failed with 5xx.",
        g.alias(g.share(m.HTTP_REQUEST.series("count", status_class="5xx"), m.HTTP_REQUEST.series("count")), "5xx"),
        unit="percentunit",
        steps=((0.001, p.WARN), (0.01, p.BAD)),
        decimals=2,
    )


def _holds() -> p.Panel:
    return p.areas_by(
        "Active holds",
        "Deployments that are not dispatching, by reason. A deployment with two reasons counts in both.",
        m.HOLD_ACTIVE,
        "hold",
    )


def _states() -> p.Panel:
    return p.areas_by("Deployments by state", "Live deployments, including rollbacks.", m.DEPLOYMENT_LIVE, "state")


def _incidents_open() -> p.Panel:
    return p.areas_by("Incidents by severity", "Open incidents.", m.INCIDENT_OPEN, "severity")


def _interventions() -> p.Panel:
    what, control = m.INCIDENT_TOTAL, m.CONTROL_TOTAL
    return p.totals(
        "Incidents and controls",
        "In this range: incidents opened and closed, by severity; freezes and emergency stops declared and lifted.",
        g.prefixed("incidents", g.totals_by(what, "action", "severity")),
        g.totals_by(control, "control", "action"),
    )


def _deployment_rate() -> p.Panel:
    whole, rings = m.APPLICATION_DEPLOYMENTS, m.DEPLOYMENT_TOTAL
    return p.lines(
        "Deployment rate",
        "Per minute: deployments created and ended, and rings of the selected names that ended, by result. The current "
        "minute is incomplete.",
        g.prefixed("deployments", g.per_minute(whole, "status", app=APPLICATION)),
        g.prefixed("rings", g.per_minute(rings, "status", ring=RING)),
        unit="cpm",
    )


def _connector_health() -> p.Panel:
    return common.connector_health(
        "Connector health",
        "The result of each connector's health check, which runs every 10 s; the worst where a pixel covers several. "
        "A gap means that no check ran: the scheduler or its worker is down.",
    )


def _success_rates() -> p.Panel:
    whole, rings, promotions = m.APPLICATION_DEPLOYMENTS, m.DEPLOYMENT_TOTAL, m.RING_PROMOTION

    def ended(status: str) -> str:
        return whole.series("count", app=APPLICATION, status=status)

    def ring_ended(status: str) -> str:
        return rings.series("count", ring=RING, status=status)

    def promoted(how: str) -> str:
        return promotions.series("count", source=RING, how=how)

    all_ended = g.one_of("completed", "aborted", "failed")
    return p.lines(
        "Deployment and promotion success rates",
        "Deployments, rings and promotions: the share that succeeded since the start of the range. Devices in a ring: "
        "the share of reporting devices that succeeded, in the worst live deployment; the ring's gate judges this "
        "value.",
        g.alias(g.share_so_far(ended("completed"), ended(all_ended)), "deployments completed"),
        g.alias(g.share_so_far(ring_ended("passed"), ring_ended(g.one_of("passed", "failed"))), "rings passed"),
        g.alias(
            g.share_so_far(promoted(g.one_of("auto", "manual", "waived")), promoted("*")), "promotions not blocked"
        ),
        g.prefixed("devices in", g.state(m.GATE_SUCCESS_RATE, "ring", value=RING, how="min")),
        unit="percentunit",
        calcs=("lastNotNull", "min"),
    ).max(1)


def _breaker_state() -> p.Panel:
    return common.breaker_state(
        "Circuit breaker state",
        "Each connector's circuit breaker, sampled every 10 s. While it is open, no calls are made.",
    )


def _deployment_duration() -> p.Panel:
    metric = m.DEPLOYMENT_DURATION
    samples = metric.series("upper", ring=RING)
    targets = (
        g.prefixed(f"p{percent}", g.percentile_over_range(samples, metric, "ring", "status", percent=percent))
        for percent in (95, 99)
    )
    return p.totals(
        "Deployment duration p95 / p99",
        "From a ring's first dispatch to its minimum coverage, excluding holds: percentiles of all rings that ended in "
        "this range, by ring and result. Rings that end within one data point (1 s in ranges under an hour, 10 s under "
        "a day) count as the slowest of them.",
        *targets,
        unit="ms",
    )


def _api_latency() -> p.Panel:
    slowest = [
        g.alias(g.highest(m.HTTP_REQUEST.series(f"upper_{percent}")), f"p{percent} of the slowest endpoint")
        for percent in (50, 95, 99)
    ]
    return p.lines(
        "API latency p50 / p95 / p99",
        "StatsD's percentiles for each second, of the endpoint that was slowest in that second. Percentiles of several "
        "endpoints cannot be averaged; every endpoint is at least as fast as this.",
        *slowest,
        unit="ms",
        steps=((1000, p.BAD),),
    )


def _job_time() -> p.Panel:
    return common.job_p95("Job time p95")


def _error_rates() -> p.Panel:
    http, jobs, calls = m.HTTP_REQUEST, m.JOB_DURATION, m.CONNECTOR_OPERATION
    failed_jobs = jobs.series("count", outcome=FAILED_JOBS)
    failed_calls = g.total_per_minute(calls.series("count", outcome=FAILED_CALLS), calls.series("count"))
    dropped = g.total_per_minute(m.EMITTER_DROPPED.series("count"), HEARTBEAT)
    per_minute = [
        models.DynamicConfigValue(id_val="unit", value="cpm"),
        models.DynamicConfigValue(id_val="custom.axisPlacement", value="right"),
        models.DynamicConfigValue(id_val="custom.axisLabel", value="per minute"),
        models.DynamicConfigValue(id_val="custom.axisSoftMax", value=1),
    ]
    return (
        p.lines(
            "System error rates",
            "Left axis: the share of HTTP requests that failed with 5xx, and of jobs that failed, timed out or were "
            "killed, in each minute; a gap is a minute without any. Right axis, per minute: failed connector calls, "
            "and metrics that a process could not send.",
            g.alias(g.share_per_minute(http.series("count", status_class="5xx"), http.series("count")), "HTTP 5xx"),
            g.alias(g.share_per_minute(failed_jobs, jobs.series("count")), "jobs failed or killed"),
            g.alias(failed_calls, "connector calls failed"),
            g.alias(dropped, "metrics dropped"),
            unit="percentunit",
        )
        .axis_soft_max(0.01)
        .override_by_name("connector calls failed", per_minute)
        .override_by_name("metrics dropped", per_minute)
    )


KNOWN = {
    "running": _live,
    "paused": _paused,
    "stalled": _stalled,
    "approval": _waiting,
    "incident": _incidents,
    "breaker": _breakers,
}
NOW = (*(_by_name(name, make()) for name, make in KNOWN.items()), _heartbeat(), _errors_now())

BOARD = Board(
    uid="eucora-operations",
    title="EUCORA operations",
    description="What needs attention now, and the state of rollouts, connectors, API and jobs.",
    rows=(
        Row("Now", [Tile(panel, width=3, height=4) for panel in NOW]),
        Row(
            "What blocks rollouts",
            [Tile(make(), width=6) for make in (_holds, _states, _incidents_open, _interventions)],
        ),
        Row(
            "Rollouts and connectors",
            [Tile(make()) for make in (_deployment_rate, _connector_health, _success_rates, _breaker_state)],
        ),
        Row("Service", [Tile(make()) for make in (_deployment_duration, _api_latency, _job_time, _error_rates)]),
    ),
    variables=(APPLICATION, RING, CONNECTOR),
)
