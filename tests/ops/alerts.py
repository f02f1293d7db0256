"""What each alert rule must see to fire, and what it must not fire at: series as StatsD writes them.

A value stands at sixty moments spread over the rule's longest window and what it waits, so a series' share of the sum
is its share of the values. Idle seconds have no points, as StatsD leaves them out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.metrics import catalogue as m, foreign
from app.metrics.metric import DAY, HOUR
from app.metrics.objectives import slos as slo
from ops.grafana.alerting.rules.slos import BURNS


@dataclass(frozen=True)
class Once:
    """A single point, within every window of the rule."""

    value: float = 1


@dataclass(frozen=True)
class Stopped:
    """Points up to so many seconds ago."""

    value: float
    ago: int


Series: TypeAlias = Mapping[str, "float | Once | Stopped"]


@dataclass(frozen=True)
class Case:
    """Series at which a rule fires, for the instances of these names, and series at which it stays silent."""

    fires: Series
    names: frozenset[str]
    silent: Mapping[str, Series] = field(default_factory=dict)


def _case(names: str, fires: Series, **silent: Series) -> Case:
    return Case(fires, frozenset(names.split(",")), silent)


def deployments(status: str) -> str:
    return m.APPLICATION_DEPLOYMENTS.series("count", app="_other", status=status)


def duration(ring: str, bound: int) -> str:
    return m.DEPLOYMENT_DURATION.series(f"histogram.bin_{bound}", ring=ring, status="passed")


def risk(bound: str) -> str:
    return m.RISK_SCORE.series(f"histogram.bin_{bound}")


def gate(ring: str) -> str:
    return m.GATE_SUCCESS_RATE.series("", ring=ring)


def breaker(connector: str) -> str:
    return m.BREAKER_STATE.series("", connector=connector)


def health(connector: str) -> str:
    return m.CONNECTOR_HEALTH.series("", connector=connector)


def calls(connector: str, outcome: str, aspect: str = "count") -> str:
    return m.CONNECTOR_OPERATION.series(aspect, connector=connector, operation="publish", outcome=outcome)


def http(status: str, aspect: str = "count") -> str:
    return m.HTTP_REQUEST.series(aspect, endpoint="deployments_list", method="GET", status_class=status)


def sql(verb: str, bound: int) -> str:
    return m.DB_QUERY.series(f"histogram.bin_{bound}", verb=verb)


def jobs(job: str, outcome: str) -> str:
    return m.JOB_DURATION.series("count", job=job, outcome=outcome)


def oldest(queue: str) -> str:
    return m.QUEUE_OLDEST.series("", queue=queue)


def compliance(result: str) -> str:
    return m.COMPLIANCE_TOTAL.series("count", ring="pilot", site_class="online", result=result)


APPROVALS_WAITING, APPROVALS_OLDEST = m.APPROVAL_WAITING.series(""), m.APPROVAL_OLDEST.series("")
LEFT_BEHIND = m.LEFT_BEHIND.series("")
STALLED = m.HOLD_ACTIVE.series("", hold="stalled")
HEARTBEAT = m.SWEEP_HEARTBEAT.series("count")
SECOND, MINUTE = 1000, 60_000
MANY: Series = {http("2xx", "histogram.bin_100"): 1}


def _counted(uid: str, series: str, **silent: Series) -> tuple[str, Case]:
    return f"eucora-{uid}", _case(uid, {series: 1}, **(silent or {"none": {series: 0}}))


CASES: dict[str, Case] = {
    "eucora-deployment-success": _case(
        "failed",
        {deployments("completed"): 96, deployments("failed"): 4},
        at_the_limit={deployments("completed"): 97, deployments("failed"): 3},
        one_of_one={deployments("failed"): Once()},
        people_abort={deployments("completed"): 50, deployments("aborted"): 50},
    ),
    "eucora-approvals-pile-up": _case("waiting", {APPROVALS_WAITING: 11}, at_the_limit={APPROVALS_WAITING: 10}),
    "eucora-approval-old": _case("oldest", {APPROVALS_OLDEST: 86_401}, at_the_limit={APPROVALS_OLDEST: 86_400}),
    "eucora-ring-slow": _case(
        "lab,department",
        {
            duration("lab", 4 * HOUR): 94,
            duration("lab", 2 * DAY): 6,
            duration("pilot", 3 * DAY): 100,
            duration("department", 14 * DAY): 100,
            duration("global", 7 * DAY): 100,
        },
        at_the_limit={duration("lab", 1 * DAY): 95, duration("lab", 2 * DAY): 5},
        one_of_one={duration("lab", 2 * DAY): Once()},
    ),
    "eucora-deployment-stalled": _case("stalled", {STALLED: 1}, none={STALLED: 0}),
    "eucora-left-behind": _case("left behind", {LEFT_BEHIND: 1}, none={LEFT_BEHIND: 0}),
    "eucora-risk-high": _case(
        "75 or more",
        {risk("50"): 74, risk("90"): 20, risk("inf"): 6},
        at_the_limit={risk("75"): 75, risk("90"): 25},
        one_of_one={risk("90"): Once()},
    ),
    "eucora-gate-success-low": _case(
        "lab", {gate("lab"): 0.949, gate("canary"): 0.99}, at_the_limit={gate("lab"): 0.95}
    ),
    "eucora-breaker-open": _case(
        "intune",
        {breaker("intune"): 1, breaker("jamf"): 0, breaker("sccm"): 2},
        closed={breaker("intune"): 0},
        once_briefly={breaker("intune"): Once(1)},
    ),
    "eucora-breaker-half-open": _case(
        "sccm",
        {breaker("intune"): 1, breaker("jamf"): 0, breaker("sccm"): 2},
        a_probe={breaker("sccm"): 1},
    ),
    "eucora-connector-unhealthy": _case("jamf", {health("jamf"): 0, health("intune"): 1}, healthy={health("jamf"): 1}),
    "eucora-connector-slow": _case(
        "intune",
        {
            calls("intune", "ok", "histogram.bin_500"): 94,
            calls("intune", "ok", "histogram.bin_60000"): 4,
            calls("intune", "transient", "histogram.bin_inf"): 2,
            calls("jamf", "ok", "histogram.bin_30000"): 100,
        },
        at_the_limit={
            calls("intune", "ok", "histogram.bin_500"): 95,
            calls("intune", "ok", "histogram.bin_60000"): 5,
        },
        one_of_one={calls("intune", "ok", "histogram.bin_60000"): Once()},
    ),
    "eucora-connector-failures": _case(
        "intune",
        {
            calls("intune", "ok"): 94,
            calls("intune", "transient"): 3,
            calls("intune", "permanent"): 3,
            calls("jamf", "ok"): 100,
        },
        at_the_limit={calls("intune", "ok"): 95, calls("intune", "transient"): 5},
        one_of_one={calls("intune", "transient"): Once()},
    ),
    "eucora-api-slow": _case(
        "slow",
        {http("2xx"): 100, http("2xx", "histogram.bin_2500"): 6},
        at_the_limit={http("2xx"): 100, http("2xx", "histogram.bin_1000"): 95, http("2xx", "histogram.bin_inf"): 5},
        one_of_one={http("2xx"): Once(), http("2xx", "histogram.bin_2500"): Once()},
    ),
    "eucora-api-errors": _case(
        "5xx",
        {http("2xx"): 97, http("5xx"): 2, http("4xx"): 1},
        at_the_limit={http("2xx"): 99, http("5xx"): 1},
        callers_errors={http("2xx"): 50, http("4xx"): 50},
        one_of_one={http("5xx"): Once()},
    ),
    "eucora-sql-slow": _case(
        "select",
        {sql("select", 5): 98, sql("select", 1000): 2, sql("insert", 500): 100},
        at_the_limit={sql("select", 5): 99, sql("select", 1000): 1},
        one_of_one={sql("select", 5000): Once()},
    ),
    "eucora-heartbeat-missing": _case("sweeps", {HEARTBEAT: Stopped(1, ago=240)}, beats={HEARTBEAT: 1}),
    "eucora-job-failures": _case(
        "plan",
        {
            jobs("plan", "ok"): 94,
            jobs("plan", "error"): 2,
            jobs("plan", "timeout"): 2,
            jobs("plan", "killed"): 2,
            jobs("sweep", "ok"): 1000,
        },
        at_the_limit={jobs("plan", "ok"): 95, jobs("plan", "error"): 5},
        one_of_one={jobs("plan", "error"): Once()},
    ),
    "eucora-job-timeouts": _case(
        "plan",
        {jobs("plan", "timeout"): Once(), jobs("plan", "ok"): 1, jobs("sweep", "ok"): 1},
        other_failures={jobs("plan", "error"): 1},
    ),
    "eucora-queue-behind": _case(
        "control,bulk",
        {oldest("control"): 61, oldest("bulk"): 4_000, oldest("drift"): 4_000},
        at_the_limit={oldest("control"): 60, oldest("bulk"): 0},
        drift_can_wait={oldest("drift"): 4_000},
    ),
    "eucora-drift-behind": _case(
        "drift",
        {oldest("drift"): 1_801, oldest("bulk"): 4_000},
        at_the_limit={oldest("drift"): 1_800},
        others={oldest("bulk"): 4_000},
    ),
    **dict(
        (
            _counted("measures-dropped", m.EMITTER_DROPPED.series("count")),
            _counted("statsd-kernel-dropped", m.STATSD_KERNEL_DROPPED.series("count")),
            _counted("statsd-bad-lines", foreign.STATSD_BAD_LINES.series),
            _counted("carbon-dropped-creates", foreign.CARBON_DROPPED_CREATES.series),
            _counted("carbon-errors", foreign.CARBON_ERRORS.series),
            _counted("carbon-cache-overflow", foreign.CARBON_CACHE_OVERFLOW.series),
        )
    ),
    "eucora-statsd-external-dropped": _case(
        "statsd-external-dropped",
        {m.STATSD_EXTERNAL_DROPPED.series("count"): 3},
        a_few={m.STATSD_EXTERNAL_DROPPED.series("count"): 1},
    ),
}
MALFORMED: Series = {m.STATSD_MALFORMED.series("count"): 1}
"""The other way in which StatsD cannot read a line; StatsD's own counter of bad lines need not exist."""

GOOD_AND_BAD = {
    slo.API_AVAILABILITY.key: (http("2xx"), [http("5xx")]),
    slo.API_LATENCY.key: (http("2xx"), [http("4xx"), http("4xx", "histogram.bin_2500")]),
    slo.DEPLOYMENT_SUCCESS.key: (deployments("completed"), [deployments("failed")]),
    slo.COMPLIANCE_IN_TIME.key: (compliance("in_time"), [compliance("late")]),
}
"""The series in which what is good counts, and those in which what is bad does."""
WHOLE = 100_000
for _slo in slo.SLOS:
    for _burn in BURNS:
        _good, _bad = GOOD_AND_BAD[_slo.key]
        _most = math.floor(WHOLE * _slo.budget * _burn.rate + 1e-6)
        _until = _burn.short_seconds + 60 * _burn.minutes + 60
        CASES[f"eucora-slo-{_slo.key.replace('_', '-')}-{_burn.key}"] = _case(
            _slo.key,
            {_good: WHOLE - _most - 100, **dict.fromkeys(_bad, _most + 100)},
            at_the_limit={_good: WHOLE - _most, **dict.fromkeys(_bad, _most)},
            one_of_one=dict.fromkeys(_bad, Once()),
            over={_good: WHOLE - 4 * _most // 3, **dict.fromkeys(_bad, Stopped(4 * _most // 3, ago=_until))},
        )

HEALTHY: Series = {
    deployments("completed"): 1,
    APPROVALS_WAITING: 2,
    APPROVALS_OLDEST: 3600,
    **{duration(ring, 4 * HOUR): 1 for ring in m.RINGS},
    risk("25"): 1,
    risk("50"): 1,
    LEFT_BEHIND: 0,
    **{m.HOLD_ACTIVE.series("", hold=hold): 0 for hold in m.HOLDS},
    **{gate(ring): 0.99 for ring in m.RINGS},
    **{breaker(name): 0 for name in ("intune", "jamf", "simulated")},
    **{health(name): 1 for name in ("intune", "jamf", "simulated")},
    **{calls(name, "ok"): 10 for name in ("intune", "jamf", "simulated")},
    **{calls(name, "ok", "histogram.bin_500"): 10 for name in ("intune", "jamf", "simulated")},
    http("2xx"): 1000,
    http("4xx"): 50,
    http("2xx", "histogram.bin_25"): 1000,
    http("4xx", "histogram.bin_10"): 50,
    **{sql(verb, 5): 100 for verb in m.DB_QUERY.labels["verb"]},
    HEARTBEAT: 5,
    **{oldest(queue): 2 for queue in m.QUEUE_OLDEST.labels["queue"]},
    **{jobs(job, "ok"): 5 for job in ("sweep", "plan", "advance", "deliver", "collect")},
    compliance("in_time"): 100,
    foreign.STATSD_BAD_LINES.series: 0,
    foreign.CARBON_DROPPED_CREATES.series: 0,
    foreign.CARBON_ERRORS.series: 0,
    foreign.CARBON_CACHE_OVERFLOW.series: 0,
}
