"""Every metric this program emits, as declared objects. Standard library only.

A metric is called with its labels and answers with its path: `DEPLOYMENT_TOTAL(ring="lab", status="passed")`. A
missing, extra or unknown label raises. Timers are milliseconds. Paths are those after StatsD's `stats.<kind>.eucora.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType

PREFIX = "eucora"
"""The client's prefix, before every path."""
SAMPLE_SECONDS = 10
"""Between two samples of the gauges; StatsD keeps a gauge for four times this."""


class Kind(StrEnum):
    """How StatsD treats a measure; the value is the folder of its series in Graphite."""

    COUNTER = "counters"
    TIMER = "timers"
    GAUGE = "gauges"


class Origin(StrEnum):
    """Where a metric is born: an event's projection, a seam that measures time, the scheduler's sample."""

    EVENT = "event"
    SEAM = "seam"
    SAMPLE = "sample"


RINGS = ("lab", "canary", "pilot", "department", "global", "ring_6", "ring_7", "ring_8", "ring_9")
OUTCOMES = (
    "installing",
    "deferred",
    "succeeded",
    "already_compliant",
    "failed",
    "not_applicable",
    "unreachable",
    "expired",
    "cancelled",
    "superseded",
    "retired",
)
HOLDS = ("approval", "breaker", "freeze", "window", "emergency_stop", "rate", "stalled")
SEVERITIES = ("P0", "P1", "P2", "P3")
DRIFT_KINDS = ("missing", "extra", "version", "scope")
OTHER = "_other"
OPEN: tuple[str, ...] = ()
"""A label whose values are not known here: configured applications, connectors, Flask endpoints."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_MAX_LABEL = 64


@cache
def label(value: str) -> str:
    """A label's value as one node of a path: what is not a letter, digit, `_` or `-` becomes `_`."""
    return _UNSAFE.sub("_", value)[:_MAX_LABEL] or "_"


@dataclass(frozen=True, eq=False)
class Metric:
    """One declared metric; `name` is the one the Prometheus world knows it by."""

    name: str
    path: str
    kind: Kind
    origin: Origin
    help: str
    unit: str = "1"
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    bins: tuple[int, ...] = ()
    """Upper bounds of the histogram's bins, in the timer's unit, which is milliseconds but for counts and points."""

    def __post_init__(self) -> None:
        placeholders = re.findall(r"{(\w+)}", self.path)
        if sorted(placeholders) != sorted(self.labels):
            raise ValueError(f"{self.name}: the path names {placeholders}, the labels are {sorted(self.labels)}")

    def __call__(self, **labels: str) -> str:
        """The path for these labels. Raises ValueError unless they are exactly the declared ones."""
        return _path(self, tuple(labels.items()))

    def series(self, aspect: str, **labels: str) -> str:
        """The Graphite series of one aspect (`count`, `upper_95`; empty for a gauge); a label left out is `*`."""
        unknown = set(labels) - set(self.labels)
        if unknown:
            raise ValueError(f"{self.name} has no label {sorted(unknown)}")
        path = self.path.format(**{name: labels.get(name, "*") for name in self.labels})
        return ".".join(part for part in ("stats", self.kind.value, PREFIX, path, aspect) if part)

    def node(self, name: str) -> int:
        """The position of a label in its series' path, as Graphite's aliasByNode counts."""
        return 3 + self.path.split(".").index("{" + name + "}")

    @property
    def stem(self) -> str:
        """The part of the path before the first label."""
        return self.path.split(".{", 1)[0]


@cache
def _path(metric: Metric, labels: tuple[tuple[str, str], ...]) -> str:
    given = dict(labels)
    if given.keys() != metric.labels.keys():
        raise ValueError(f"{metric.name} takes the labels {sorted(metric.labels)}, not {sorted(given)}")
    for name, allowed in metric.labels.items():
        if allowed and given[name] not in allowed:
            raise ValueError(f"{metric.name}: {name} is one of {', '.join(allowed)}, not {given[name]!r}")
    return metric.path.format(**{name: label(value) for name, value in given.items()})


def application_label(name: str, configured: Iterable[str]) -> str:
    """An application's own name if it is configured to have metrics, else `_other`."""
    return label(name) if name in set(configured) else OTHER


_all: list[Metric] = []


def _declare(
    name: str,
    path: str,
    kind: Kind,
    origin: Origin,
    help: str,
    *,
    unit: str = "1",
    bins: Sequence[int] = (),
    **labels: tuple[str, ...],
) -> Metric:
    metric = Metric(name, path, kind, origin, help, unit, MappingProxyType(labels), tuple(bins))
    _all.append(metric)
    return metric


_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000

DEPLOYMENT_TOTAL = _declare(
    "deployment_total",
    "deployment.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of deployments that came to an end, by how; one that failed and was waived counts in both.",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_DEPLOYMENTS = _declare(
    "application_deployments_total",
    "application.{app}.deployments.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole deployments by application: created, and how they ended.",
    app=OPEN,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
DEPLOYMENT_DURATION = _declare(
    "deployment_duration_seconds",
    "deployment.duration.{ring}.{status}",
    Kind.TIMER,
    Origin.EVENT,
    "From a ring's first dispatch to its minimum coverage, holds excluded; sent when the ring ends.",
    unit="ms",
    bins=(
        *(n * _SECOND for n in (1, 5, 10, 30, 60, 300, 600, 1800)),
        *(n * _HOUR for n in (1, 4, 12)),
        *(n * _DAY for n in (1, 2, 3, 7, 14)),
    ),
    ring=RINGS,
    status=("passed", "failed"),
)
RING_PROMOTION = _declare(
    "ring_promotion_total",
    "ring.promotion.{source}.{target}.{how}",
    Kind.COUNTER,
    Origin.EVENT,
    "Promotions from one ring to the next; `blocked` when the source failed its gate, `waived` when a person let it.",
    source=RINGS,
    target=RINGS,
    how=("auto", "blocked", "waived"),
)
GATE_VERDICT = _declare(
    "gate_verdict_total",
    "gate.verdict.{ring}.{verdict}",
    Kind.COUNTER,
    Origin.EVENT,
    "Gate evaluations that were stored: the first of a ring, and each whose verdict or reason is a new one.",
    ring=RINGS,
    verdict=("pass", "fail", "wait", "error"),
)
GATE_SUCCESS_RATE = _declare(
    "promotion_gate_success_rate",
    "gate.success_rate.{ring}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "S/(S+F) of the ring, the worst of the active deployments; absent while none has reported.",
    unit="ratio",
    ring=RINGS,
)
RISK_SCORE = _declare(
    "risk_score_distribution",
    "deployment.risk_score",
    Kind.TIMER,
    Origin.EVENT,
    "Risk scores of deployments, 0 to 100, one sample for each assessment: a timer for the sake of its histogram.",
    unit="points",
    bins=(10, 25, 50, 75, 90, 100),
)
APPROVAL = _declare(
    "approval_total",
    "approval.{what}",
    Kind.COUNTER,
    Origin.EVENT,
    "Sign-offs of deployments: asked for, given, refused, and struck because what they were for has changed.",
    what=("requested", "given", "rejected", "invalidated"),
)
ANALYSIS_TOTAL = _declare(
    "analysis_total",
    "analysis.{ring}.{phase}",
    Kind.COUNTER,
    Origin.EVENT,
    "Measurements of rings' metric analyses, by what they say; `error` when Graphite could not be read.",
    ring=RINGS,
    phase=("success", "failure", "inconclusive", "error"),
)
ASSIGNMENT_OUTCOME = _declare(
    "assignment_outcome_total",
    "assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments that moved, by the state they moved to.",
    ring=RINGS,
    connector=OPEN,
    outcome=OUTCOMES,
)
DISPATCH_TOTAL = _declare(
    "assignment_dispatched_total",
    "dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments whose command a connector has confirmed.",
    ring=RINGS,
    connector=OPEN,
)
ASSIGNMENT_JOINED = _declare(
    "assignment_joined_total",
    "assignment.{ring}.joined",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that came into a running deployment, by the ring they went to.",
    ring=RINGS,
)
ROLLBACK_TOTAL = _declare(
    "rollback_total",
    "rollback.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of rollbacks that came to an end, by how.",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_ROLLBACKS = _declare(
    "application_rollbacks_total",
    "application.{app}.rollbacks.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole rollbacks by application: created, and how they ended. They never count as deployments.",
    app=OPEN,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
ROLLBACK_OUTCOME = _declare(
    "rollback_outcome_total",
    "rollback.assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks that moved, by the state they moved to.",
    ring=RINGS,
    connector=OPEN,
    outcome=OUTCOMES,
)
ROLLBACK_DISPATCH = _declare(
    "rollback_dispatched_total",
    "rollback.dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks whose command a connector has confirmed.",
    ring=RINGS,
    connector=OPEN,
)
VALIDATION_TOTAL = _declare(
    "rollback_validation_total",
    "rollback.validation.{ring}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices on which a ring tried whether its release can be rolled back and installed again.",
    ring=RINGS,
    result=("passed", "failed"),
)
HOLD_TOTAL = _declare(
    "hold_total",
    "hold.began.{hold}",
    Kind.COUNTER,
    Origin.EVENT,
    "Times a live deployment began to be held, by why.",
    hold=HOLDS,
)
HOLD_ACTIVE = _declare(
    "hold_active",
    "hold.active.{hold}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Live deployments that are held now, by why.",
    hold=HOLDS,
)
REPORT_TOTAL = _declare(
    "report_total",
    "report.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Device reports: stored, stored without effect because too late, seen before, or refused.",
    result=("received", "rejected", "late", "duplicate"),
)
DEVICE_REGISTERED = _declare(
    "device_registered_total",
    "device.registered.{connector}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that a registration created or changed.",
    connector=OPEN,
    result=("created", "updated"),
)
DEVICE_RETIRED = _declare(
    "device_retired_total",
    "device.retired.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that were taken out of use.",
    connector=OPEN,
)
INCIDENT_TOTAL = _declare(
    "incident_total",
    "incident.{action}.{severity}",
    Kind.COUNTER,
    Origin.EVENT,
    "Incidents that were opened and closed, by severity.",
    action=("opened", "closed"),
    severity=SEVERITIES,
)
INCIDENT_OPEN = _declare(
    "incident_open",
    "incident.open.{severity}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Incidents that are open, by severity.",
    severity=SEVERITIES,
)
CONTROL_TOTAL = _declare(
    "control_total",
    "control.{control}.{action}",
    Kind.COUNTER,
    Origin.EVENT,
    "Freezes and emergency stops that were declared and lifted; an end that comes by itself is no lift.",
    control=("freeze", "emergency_stop"),
    action=("declared", "lifted"),
)
DRIFT_FOUND = _declare(
    "drift_found_total",
    "drift.found.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices found to differ from what they should have, by how.",
    connector=OPEN,
    drift=DRIFT_KINDS,
)
DRIFT_RESOLVED = _declare(
    "drift_resolved_total",
    "drift.resolved.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Findings that an inventory no longer shows.",
    connector=OPEN,
    drift=DRIFT_KINDS,
)
DRIFT_REMEDIATION = _declare(
    "drift_remediation_total",
    "drift.remediation.{connector}.{step}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices told again by the program itself, and findings that it left to a person.",
    connector=OPEN,
    step=("sent", "needs_person"),
)
DRIFT_OPEN = _declare(
    "drift_open",
    "drift.open.{drift}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Findings that are neither resolved nor accepted, by kind.",
    drift=DRIFT_KINDS,
)
BREAKER_STATE = _declare(
    "circuit_breaker_state",
    "breaker.state.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "The connector's circuit breaker: 0 closed, 1 open, 2 half-open.",
    connector=OPEN,
)
BREAKER_FAILURES = _declare(
    "circuit_breaker_failures_total",
    "breaker.failures.{connector}.{error_class}",
    Kind.COUNTER,
    Origin.EVENT,
    "Connector calls that failed, by class of error.",
    connector=OPEN,
    error_class=("transient", "permanent", "policy_violation", "unknown"),
)
BREAKER_TRANSITIONS = _declare(
    "circuit_breaker_transitions_total",
    "breaker.transitions.{connector}.{to}",
    Kind.COUNTER,
    Origin.EVENT,
    "Circuit breakers that came to another state, by themselves or by hand.",
    connector=OPEN,
    to=("closed", "open", "half_open"),
)
CONNECTOR_HEALTH = _declare(
    "connector_health",
    "connector.health.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "1 if the connector's health check answered well, else 0.",
    connector=OPEN,
)
CONNECTOR_OPERATION = _declare(
    "connector_operation_duration_seconds",
    "connector.operation.{connector}.{operation}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "Calls to connectors, by operation and outcome.",
    unit="ms",
    bins=(10, 50, 100, 500, 1 * _SECOND, 5 * _SECOND, 10 * _SECOND, 30 * _SECOND, 1 * _MINUTE, 5 * _MINUTE),
    connector=OPEN,
    operation=("publish", "withdraw", "find", "results", "inventory", "health"),
    outcome=("ok", "transient", "permanent", "policy_violation", "unknown"),
)
DB_POOL_SIZE = _declare(
    "db_connection_pool_size",
    "db.pool.size",
    Kind.TIMER,
    Origin.SEAM,
    "Connections the process's pool may hold; one sample for each request or job that used the database.",
    unit="connections",
)
DB_POOL_CHECKED_OUT = _declare(
    "db_connection_pool_checked_out",
    "db.pool.checked_out",
    Kind.TIMER,
    Origin.SEAM,
    "Connections in use when a request or job took one: the highest it saw.",
    unit="connections",
)
DB_QUERY = _declare(
    "db_query_duration_seconds",
    "db.query.{verb}",
    Kind.TIMER,
    Origin.SEAM,
    "SQL statements by their first word.",
    unit="ms",
    verb=("select", "insert", "update", "delete", "other"),
)
JOB_DURATION = _declare(
    "job_duration_seconds",
    "job.duration.{job}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "RQ jobs; `killed` is told by the parent of a work-horse that died.",
    unit="ms",
    job=OPEN,
    outcome=("ok", "error", "killed"),
)
JOB_WAIT = _declare(
    "job_wait_seconds",
    "job.wait.{queue}",
    Kind.TIMER,
    Origin.SEAM,
    "From a job's enqueueing to its start.",
    unit="ms",
    queue=("control", "bulk"),
)
QUEUE_DEPTH = _declare(
    "queue_depth",
    "queue.depth.{queue}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Jobs waiting.",
    queue=("control", "bulk"),
)
WORKERS_ALIVE = _declare(
    "workers_alive", "worker.alive", Kind.GAUGE, Origin.SAMPLE, "RQ workers that are registered in Redis."
)
SWEEP_HEARTBEAT = _declare(
    "sweep_heartbeat_total",
    "sweep.heartbeat",
    Kind.COUNTER,
    Origin.SEAM,
    "Sweeps that ran: the clock of every rollout beats.",
)
HTTP_REQUEST = _declare(
    "http_request_duration_seconds",
    "http.request.{endpoint}.{method}.{status_class}",
    Kind.TIMER,
    Origin.SEAM,
    "HTTP requests by Flask endpoint; `.count` is the total.",
    unit="ms",
    bins=(5, 10, 25, 50, 100, 250, 500, 1000, 2500),
    endpoint=OPEN,
    method=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"),
    status_class=("1xx", "2xx", "3xx", "4xx", "5xx"),
)
EMITTER_DROPPED = _declare(
    "emitter_dropped_total",
    "emitter.dropped",
    Kind.COUNTER,
    Origin.SEAM,
    "Measures this process could not send, told by the next batch that leaves.",
)
AFTER_COMMIT_FAILED = _declare(
    "after_commit_failed_total",
    "unit.after_commit_failed.{step}",
    Kind.COUNTER,
    Origin.SEAM,
    "Steps after COMMIT that failed and were left to the sweep or to repair.",
    step=("listener", "enqueue"),
)

METRICS: tuple[Metric, ...] = tuple(_all)


def of_origin(origin: Origin) -> tuple[Metric, ...]:
    """The metrics born in one way."""
    return tuple(metric for metric in METRICS if metric.origin is origin)
