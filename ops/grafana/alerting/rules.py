"""The alert rules, by group. Each is a sentence about series of the catalogue; the words are in docs/runbook.md."""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics import catalogue as m, foreign
from app.metrics.metric import DAY, SECOND
from app.metrics.objectives import slos as slo
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.burn import BURNING
from ops.grafana.alerting.rule import OnFailure, Query, Rule, Severity, above, below, between
from ops.grafana.graphite import call, one_of

MINUTES, HOURS, DAYS = 60, 3600, 86_400
OPERATIONS, ROLLOUTS, CONNECTORS = "eucora-operations", "eucora-rollouts", "eucora-connectors"
JOBS, PIPELINE, CAPACITY = "eucora-jobs", "eucora-pipeline", "eucora-capacity"
PERCENT = "{{ humanizePercentage $values.RA.Value }}"
NAME = "{{ $labels.name }}"

RING_LIMITS = {
    one_of("lab", "canary"): 1 * DAY,
    one_of("pilot"): 3 * DAY,
    one_of(*(ring for ring in m.RINGS if ring not in ("lab", "canary", "pilot"))): 7 * DAY,
}
"""How long a ring may take to its minimum coverage, as the plan `standard` has it for devices to become compliant."""


def _slow_rings() -> str:
    metric = m.DEPLOYMENT_DURATION
    return call(
        "group",
        *(
            w.share_by(metric, "ring", f"*.{w.slower(metric, limit)}", f"*.{w.ALL_BINS}", 5, rings)
            for rings, limit in RING_LIMITS.items()
        ),
    )


RULES_OF_ROLLOUTS = (
    Rule(
        "eucora-deployment-success",
        "Deployment success below 97 %",
        Severity.WARNING,
        (Query(w.share(slo.DEPLOYMENT_SUCCESS.bad, slo.DEPLOYMENT_SUCCESS.total, 5, "failed"), DAYS),),
        above(0.03),
        f"{PERCENT} of the deployments of the last 24 hours failed.",
        "Of at least 5 deployments that completed or failed within 24 hours more than 3 % failed.",
        (OPERATIONS, "Deployment and promotion success rates"),
    ),
    Rule(
        "eucora-approvals-pile-up",
        "Approvals pile up",
        Severity.INFO,
        (Query(w.level(m.APPROVAL_WAITING.series(""), "min", "waiting"), 10 * MINUTES),),
        above(10),
        "{{ $values.RA.Value }} deployments wait for sign-off.",
        "More than 10 deployments have been waiting for sign-off for half an hour.",
        (OPERATIONS, "Waiting for sign-off"),
        minutes=20,
    ),
    Rule(
        "eucora-approval-old",
        "An approval has waited for a day",
        Severity.WARNING,
        (Query(w.level(m.APPROVAL_OLDEST.series(""), "last", "oldest"), 5 * MINUTES),),
        above(24 * HOURS),
        "A deployment has been waiting for sign-off for {{ humanizeDuration $values.RA.Value }}.",
        "The oldest sign-off that was asked for and is not complete is older than 24 hours.",
        (ROLLOUTS, "Oldest sign-off waits"),
        minutes=5,
    ),
    Rule(
        "eucora-ring-slow",
        "Rings take too long",
        Severity.WARNING,
        (Query(_slow_rings(), 7 * DAYS),),
        above(0.05),
        f"{PERCENT} of the rings {NAME} were slower than their limit; p95 is above it.",
        "Of at least 5 rings of this name that ended within a week more than 5 % took longer to their minimum coverage "
        "than a day (lab, canary), three (pilot) or seven (all others).",
        (ROLLOUTS, "Ring durations"),
    ),
    Rule(
        "eucora-deployment-stalled",
        "Deployments are stalled",
        Severity.WARNING,
        (Query(w.level(m.HOLD_ACTIVE.series("", hold="stalled"), "last", "stalled"), 2 * MINUTES),),
        above(0),
        "{{ $values.RA.Value }} deployments stand still until a person looks.",
        "A ring has waited longer than its patience, and its deployment was paused.",
        (ROLLOUTS, "Deployments held"),
        minutes=2,
    ),
    Rule(
        "eucora-risk-high",
        "Risky releases: p75 above 75",
        Severity.INFO,
        (
            Query(
                w.share(
                    m.RISK_SCORE.series(w.slower(m.RISK_SCORE, 75)), m.RISK_SCORE.series(w.ALL_BINS), 4, "75 or more"
                ),
                7 * DAYS,
            ),
        ),
        above(0.25),
        f"{PERCENT} of the week's risk scores are 75 or more.",
        "Of at least 4 assessments within a week more than a quarter came to a score of 75 or more: p75 is above 75.",
        (ROLLOUTS, "Risk scores"),
    ),
    Rule(
        "eucora-gate-success-low",
        "Devices fail in a ring",
        Severity.WARNING,
        (Query(w.level_by(m.GATE_SUCCESS_RATE, "ring", "last"), 2 * MINUTES),),
        below(0.95),
        f"Only {PERCENT} of the devices that reported in ring {NAME} succeeded.",
        "The worst live deployment's success rate in this ring has been below 95 %, the lowest target of the plan "
        "`standard`, for ten minutes.",
        (ROLLOUTS, "Success rate at the gates"),
        minutes=10,
        neutral=1,
    ),
)

_CALLS = m.CONNECTOR_OPERATION
_FAILED_CALLS = one_of(*(outcome for outcome in _CALLS.labels["outcome"] if outcome != "ok"))
RULES_OF_CONNECTORS = (
    Rule(
        "eucora-breaker-open",
        "Circuit breaker open",
        Severity.CRITICAL,
        (
            Query(
                call(
                    "aliasByNode",
                    call(
                        "summarize",
                        call("removeAboveValue", m.BREAKER_STATE.series(""), "1"),
                        f"'{w.LONGEST}'",
                        "'max'",
                        "true",
                    ),
                    str(m.BREAKER_STATE.node("connector")),
                ),
                2 * MINUTES,
            ),
        ),
        between(0.5, 1.5),
        f"The breaker of {NAME} is open: nothing is sent to it.",
        "The connector's breaker has been open, but for probes, for five minutes.",
        (CONNECTORS, "Breakers"),
        minutes=5,
    ),
    Rule(
        "eucora-breaker-half-open",
        "Circuit breaker stays half-open",
        Severity.INFO,
        (Query(w.level_by(m.BREAKER_STATE, "connector", "min"), 2 * MINUTES),),
        between(1.5, 2.5),
        f"The breaker of {NAME} stays half-open.",
        "For five minutes the breaker has been neither open nor closed: its probes neither fail nor succeed.",
        (CONNECTORS, "Breakers"),
        minutes=5,
    ),
    Rule(
        "eucora-connector-unhealthy",
        "Connector unhealthy",
        Severity.WARNING,
        (Query(w.level_by(m.CONNECTOR_HEALTH, "connector", "max"), 2 * MINUTES),),
        below(0.5),
        f"{NAME} says that it is not well, or says nothing.",
        "No health check of the connector has been answered well for four minutes.",
        (CONNECTORS, "Health"),
        minutes=2,
        neutral=1,
    ),
    Rule(
        "eucora-connector-slow",
        "Connector slow: p95 above 30 s",
        Severity.WARNING,
        (
            Query(
                w.share_by(_CALLS, "connector", f"*.*.{w.slower(_CALLS, 30 * SECOND)}", f"*.*.{w.ALL_BINS}", 20),
                15 * MINUTES,
            ),
        ),
        above(0.05),
        f"{PERCENT} of the calls to {NAME} took 30 s or longer.",
        "Of at least 20 calls within 15 minutes more than 5 % took 30 s or longer: p95 is above 30 s.",
        (CONNECTORS, "Call durations"),
        minutes=5,
    ),
    Rule(
        "eucora-connector-failures",
        "Connector calls fail",
        Severity.WARNING,
        (Query(w.share_by(_CALLS, "connector", f"*.{_FAILED_CALLS}.count", "*.*.count", 20), 15 * MINUTES),),
        above(0.05),
        f"{PERCENT} of the calls to {NAME} failed.",
        "Of at least 20 calls within 15 minutes more than 5 % failed, for whatever reason.",
        (CONNECTORS, "Calls by outcome"),
        minutes=5,
    ),
)

RULES_OF_API = (
    Rule(
        "eucora-api-slow",
        "API slow: p95 above 1 s",
        Severity.WARNING,
        (Query(w.share(slo.API_LATENCY.bad, slo.API_LATENCY.total, 100, "slow"), 10 * MINUTES),),
        above(0.05),
        f"{PERCENT} of the requests took a second or longer.",
        "Of at least 100 requests within 10 minutes more than 5 % took a second or longer: p95 is above 1 s.",
        (CAPACITY, "API latency"),
        minutes=5,
    ),
    Rule(
        "eucora-api-errors",
        "API errors above 1 %",
        Severity.CRITICAL,
        (Query(w.share(slo.API_AVAILABILITY.bad, slo.API_AVAILABILITY.total, 100, "5xx"), 10 * MINUTES),),
        above(0.01),
        f"{PERCENT} of the requests were answered with 5xx.",
        "Of at least 100 requests within 10 minutes more than 1 % were answered with 5xx.",
        (CAPACITY, "Requests by answer"),
        minutes=5,
    ),
    Rule(
        "eucora-sql-slow",
        "SQL is slow",
        Severity.WARNING,
        (Query(w.share_by(m.DB_QUERY, "verb", w.slower(m.DB_QUERY, 500), w.ALL_BINS, 100), 15 * MINUTES),),
        above(0.01),
        f"{PERCENT} of the {NAME} statements took half a second or longer.",
        "Of at least 100 statements of this verb within 15 minutes more than 1 % took half a second or longer.",
        (CAPACITY, "SQL durations"),
        minutes=5,
    ),
)

RULES_OF_JOBS = (
    Rule(
        "eucora-heartbeat-missing",
        "The sweep has stopped",
        Severity.CRITICAL,
        (Query(w.count(m.SWEEP_HEARTBEAT.series("count"), "sweeps"), 2 * MINUTES),),
        below(1),
        "No sweep in two minutes: rollouts stand still, or nothing of them is measured.",
        "The sweep runs every 2 s. It has not been seen for two minutes, or Graphite does not answer.",
        (JOBS, "Sweeps"),
        minutes=1,
        no_data=OnFailure.ALERTING,
        on_error=OnFailure.ALERTING,
    ),
    Rule(
        "eucora-job-failures",
        "Jobs fail",
        Severity.WARNING,
        (
            Query(
                w.share_by(
                    m.JOB_DURATION, "job", one_of("error", "timeout", "killed") + ".count", "*.count", at_least=10
                ),
                30 * MINUTES,
            ),
        ),
        above(0.05),
        f"{PERCENT} of the jobs {NAME} failed.",
        "Of at least 10 runs of this job within 30 minutes more than 5 % failed, ran too long or were killed.",
        (JOBS, "How jobs ended"),
        minutes=5,
    ),
    Rule(
        "eucora-job-timeouts",
        "Jobs run too long",
        Severity.WARNING,
        (Query(w.count_by(m.JOB_DURATION, "job", "timeout.count"), 15 * MINUTES),),
        above(0),
        f"{{{{ $values.RA.Value }}}} jobs {NAME} were stopped because they ran too long.",
        "A job was stopped at its time-out within the last 15 minutes.",
        (JOBS, "Failing jobs"),
    ),
)


def _loses(uid: str, title: str, severity: Severity, series: str, panel: str, words: str, limit: float = 0) -> Rule:
    return Rule(
        f"eucora-{uid}",
        title,
        severity,
        (Query(w.count(series, uid), 15 * MINUTES),),
        above(limit),
        "{{ $values.RA.Value }} in 15 minutes: " + words,
        f"In the last 15 minutes there were {'any' if not limit else f'more than {limit:.0f}'}: {words}",
        (PIPELINE, panel),
    )


_F = foreign
RULES_OF_PIPELINE = (
    _loses(
        "measures-dropped",
        "Processes could not send measures",
        Severity.WARNING,
        m.EMITTER_DROPPED.series("count"),
        "Losses on the way",
        "measures that a process could not send.",
    ),
    _loses(
        "statsd-kernel-dropped",
        "The kernel drops datagrams for StatsD",
        Severity.WARNING,
        m.STATSD_KERNEL_DROPPED.series("count"),
        "Losses on the way",
        "datagrams that found StatsD's receive buffer full.",
    ),
    _loses(
        "statsd-bad-lines",
        "StatsD cannot read lines",
        Severity.WARNING,
        f"{_F.STATSD_BAD_LINES.series},{m.STATSD_MALFORMED.series('count')}",
        "StatsD refuses",
        "lines that StatsD could not read.",
    ),
    _loses(
        "statsd-external-dropped",
        "Lines of other programs are refused",
        Severity.INFO,
        m.STATSD_EXTERNAL_DROPPED.series("count"),
        "StatsD refuses",
        "lines that the port for other programs refused.",
        limit=100,
    ),
    _loses(
        "carbon-dropped-creates",
        "carbon refuses new series",
        Severity.CRITICAL,
        _F.CARBON_DROPPED_CREATES.series,
        "carbon's losses",
        "new series that carbon made no file for.",
    ),
    _loses(
        "carbon-errors",
        "carbon cannot write",
        Severity.CRITICAL,
        _F.CARBON_ERRORS.series,
        "carbon's losses",
        "writes of carbon's that failed.",
    ),
    _loses(
        "carbon-cache-overflow",
        "carbon's cache overflows",
        Severity.CRITICAL,
        _F.CARBON_CACHE_OVERFLOW.series,
        "carbon's losses",
        "points that carbon refused because too many were waiting.",
    ),
)

GROUPS: Mapping[str, tuple[Rule, ...]] = {
    "rollouts": RULES_OF_ROLLOUTS,
    "connectors": RULES_OF_CONNECTORS,
    "api": RULES_OF_API,
    "jobs": RULES_OF_JOBS,
    "pipeline": RULES_OF_PIPELINE,
    "slo": BURNING,
}
