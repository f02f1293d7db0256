"""Every metric this program emits: the event-born ones, and those of `seams.py` by import. Standard library only."""

from __future__ import annotations

from app.metrics.metric import (
    DAY,
    HOUR,
    SECOND,
    declare,
    declared,
)
from app.metrics.metric import (
    DRIFT_KINDS as DRIFT_KINDS,
)
from app.metrics.metric import (
    HOLDS as HOLDS,
)
from app.metrics.metric import (
    OPEN as OPEN,
)
from app.metrics.metric import (
    OTHER as OTHER,
)
from app.metrics.metric import (
    OUTCOMES as OUTCOMES,
)
from app.metrics.metric import (
    PREFIX as PREFIX,
)
from app.metrics.metric import (
    RINGS as RINGS,
)
from app.metrics.metric import (
    SAMPLE_SECONDS as SAMPLE_SECONDS,
)
from app.metrics.metric import (
    SEVERITIES as SEVERITIES,
)
from app.metrics.metric import (
    Kind as Kind,
)
from app.metrics.metric import (
    Metric as Metric,
)
from app.metrics.metric import (
    Origin as Origin,
)
from app.metrics.metric import (
    application_label as application_label,
)
from app.metrics.metric import (
    label as label,
)
from app.metrics.seams import (
    AFTER_COMMIT_FAILED as AFTER_COMMIT_FAILED,
)
from app.metrics.seams import (
    BREAKER_STATE as BREAKER_STATE,
)
from app.metrics.seams import (
    CONNECTOR_HEALTH as CONNECTOR_HEALTH,
)
from app.metrics.seams import (
    CONNECTOR_OPERATION as CONNECTOR_OPERATION,
)
from app.metrics.seams import (
    DB_POOL_CHECKED_OUT as DB_POOL_CHECKED_OUT,
)
from app.metrics.seams import (
    DB_POOL_SIZE as DB_POOL_SIZE,
)
from app.metrics.seams import (
    DB_QUERY as DB_QUERY,
)
from app.metrics.seams import (
    DRIFT_OPEN as DRIFT_OPEN,
)
from app.metrics.seams import (
    EMITTER_DROPPED as EMITTER_DROPPED,
)
from app.metrics.seams import (
    GATE_SUCCESS_RATE as GATE_SUCCESS_RATE,
)
from app.metrics.seams import (
    HOLD_ACTIVE as HOLD_ACTIVE,
)
from app.metrics.seams import (
    HTTP_REQUEST as HTTP_REQUEST,
)
from app.metrics.seams import (
    INCIDENT_OPEN as INCIDENT_OPEN,
)
from app.metrics.seams import (
    JOB_DURATION as JOB_DURATION,
)
from app.metrics.seams import (
    JOB_WAIT as JOB_WAIT,
)
from app.metrics.seams import (
    QUEUE_DEPTH as QUEUE_DEPTH,
)
from app.metrics.seams import (
    SWEEP_HEARTBEAT as SWEEP_HEARTBEAT,
)
from app.metrics.seams import (
    WORKERS_ALIVE as WORKERS_ALIVE,
)

DEPLOYMENT_TOTAL = declare(
    "deployment_total",
    "deployment.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of deployments that came to an end, by how; one that failed and was waived counts in both.",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_DEPLOYMENTS = declare(
    "application_deployments_total",
    "application.{app}.deployments.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole deployments by application: created, and how they ended.",
    app=OPEN,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
DEPLOYMENT_DURATION = declare(
    "deployment_duration_seconds",
    "deployment.duration.{ring}.{status}",
    Kind.TIMER,
    Origin.EVENT,
    "From a ring's first dispatch to its minimum coverage, holds excluded; sent when the ring ends.",
    unit="ms",
    bins=(
        *(n * SECOND for n in (1, 5, 10, 30, 60, 300, 600, 1800)),
        *(n * HOUR for n in (1, 4, 12)),
        *(n * DAY for n in (1, 2, 3, 7, 14)),
    ),
    ring=RINGS,
    status=("passed", "failed"),
)
RING_PROMOTION = declare(
    "ring_promotion_total",
    "ring.promotion.{source}.{target}.{how}",
    Kind.COUNTER,
    Origin.EVENT,
    "Promotions from one ring to the next; `blocked` when the source failed its gate, `waived` when a person let it.",
    source=RINGS,
    target=RINGS,
    how=("auto", "blocked", "waived"),
)
GATE_VERDICT = declare(
    "gate_verdict_total",
    "gate.verdict.{ring}.{verdict}",
    Kind.COUNTER,
    Origin.EVENT,
    "Gate evaluations that were stored: the first of a ring, and each whose verdict or reason is a new one.",
    ring=RINGS,
    verdict=("pass", "fail", "wait", "error"),
)
RISK_SCORE = declare(
    "risk_score_distribution",
    "deployment.risk_score",
    Kind.TIMER,
    Origin.EVENT,
    "Risk scores of deployments, 0 to 100, one sample for each assessment: a timer for the sake of its histogram.",
    unit="points",
    bins=(10, 25, 50, 75, 90, 100),
)
APPROVAL = declare(
    "approval_total",
    "approval.{what}",
    Kind.COUNTER,
    Origin.EVENT,
    "Sign-offs of deployments: asked for, given, refused, and struck because what they were for has changed.",
    what=("requested", "given", "rejected", "invalidated"),
)
ANALYSIS_TOTAL = declare(
    "analysis_total",
    "analysis.{ring}.{phase}",
    Kind.COUNTER,
    Origin.EVENT,
    "Measurements of rings' metric analyses, by what they say; `error` when Graphite could not be read.",
    ring=RINGS,
    phase=("success", "failure", "inconclusive", "error"),
)
ASSIGNMENT_OUTCOME = declare(
    "assignment_outcome_total",
    "assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments that moved, by the state they moved to.",
    ring=RINGS,
    connector=OPEN,
    outcome=OUTCOMES,
)
DISPATCH_TOTAL = declare(
    "assignment_dispatched_total",
    "dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments whose command a connector has confirmed.",
    ring=RINGS,
    connector=OPEN,
)
ASSIGNMENT_JOINED = declare(
    "assignment_joined_total",
    "assignment.{ring}.joined",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that came into a running deployment, by the ring they went to.",
    ring=RINGS,
)
ROLLBACK_TOTAL = declare(
    "rollback_total",
    "rollback.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of rollbacks that came to an end, by how.",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_ROLLBACKS = declare(
    "application_rollbacks_total",
    "application.{app}.rollbacks.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole rollbacks by application: created, and how they ended. They never count as deployments.",
    app=OPEN,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
ROLLBACK_OUTCOME = declare(
    "rollback_outcome_total",
    "rollback.assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks that moved, by the state they moved to.",
    ring=RINGS,
    connector=OPEN,
    outcome=OUTCOMES,
)
ROLLBACK_DISPATCH = declare(
    "rollback_dispatched_total",
    "rollback.dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks whose command a connector has confirmed.",
    ring=RINGS,
    connector=OPEN,
)
VALIDATION_TOTAL = declare(
    "rollback_validation_total",
    "rollback.validation.{ring}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices on which a ring tried whether its release can be rolled back and installed again.",
    ring=RINGS,
    result=("passed", "failed"),
)
HOLD_TOTAL = declare(
    "hold_total",
    "hold.began.{hold}",
    Kind.COUNTER,
    Origin.EVENT,
    "Times a live deployment began to be held, by why.",
    hold=HOLDS,
)
REPORT_TOTAL = declare(
    "report_total",
    "report.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Device reports: stored, stored without effect because too late, seen before, or refused.",
    result=("received", "rejected", "late", "duplicate"),
)
DEVICE_REGISTERED = declare(
    "device_registered_total",
    "device.registered.{connector}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that a registration created or changed.",
    connector=OPEN,
    result=("created", "updated"),
)
DEVICE_RETIRED = declare(
    "device_retired_total",
    "device.retired.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that were taken out of use.",
    connector=OPEN,
)
INCIDENT_TOTAL = declare(
    "incident_total",
    "incident.{action}.{severity}",
    Kind.COUNTER,
    Origin.EVENT,
    "Incidents that were opened and closed, by severity.",
    action=("opened", "closed"),
    severity=SEVERITIES,
)
CONTROL_TOTAL = declare(
    "control_total",
    "control.{control}.{action}",
    Kind.COUNTER,
    Origin.EVENT,
    "Freezes and emergency stops that were declared and lifted; an end that comes by itself is no lift.",
    control=("freeze", "emergency_stop"),
    action=("declared", "lifted"),
)
DRIFT_FOUND = declare(
    "drift_found_total",
    "drift.found.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices found to differ from what they should have, by how.",
    connector=OPEN,
    drift=DRIFT_KINDS,
)
DRIFT_RESOLVED = declare(
    "drift_resolved_total",
    "drift.resolved.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Findings that an inventory no longer shows.",
    connector=OPEN,
    drift=DRIFT_KINDS,
)
DRIFT_REMEDIATION = declare(
    "drift_remediation_total",
    "drift.remediation.{connector}.{step}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices told again by the program itself, and findings that it left to a person.",
    connector=OPEN,
    step=("sent", "needs_person"),
)
BREAKER_FAILURES = declare(
    "circuit_breaker_failures_total",
    "breaker.failures.{connector}.{error_class}",
    Kind.COUNTER,
    Origin.EVENT,
    "Connector calls that failed, by class of error.",
    connector=OPEN,
    error_class=("transient", "permanent", "policy_violation", "unknown"),
)
BREAKER_TRANSITIONS = declare(
    "circuit_breaker_transitions_total",
    "breaker.transitions.{connector}.{to}",
    Kind.COUNTER,
    Origin.EVENT,
    "Circuit breakers that came to another state, by themselves or by hand.",
    connector=OPEN,
    to=("closed", "open", "half_open"),
)

METRICS: tuple[Metric, ...] = tuple(declared)


def of_origin(origin: Origin) -> tuple[Metric, ...]:
    """The metrics born in one way."""
    return tuple(metric for metric in METRICS if metric.origin is origin)
