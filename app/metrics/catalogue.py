"""Every metric this program emits: the event-born ones, and those of `seams.py` by import. Standard library only."""

from __future__ import annotations

from app.metrics.metric import (
    APPLICATIONS,
    CONNECTORS,
    DAY,
    DRIFT_KINDS as DRIFT_KINDS,
    HOLDS as HOLDS,
    HOUR,
    OTHER as OTHER,
    OUTCOMES as OUTCOMES,
    PREFIX as PREFIX,
    RINGS as RINGS,
    SECOND,
    SEVERITIES as SEVERITIES,
    SITE_CLASSES as SITE_CLASSES,
    Bounded as Bounded,
    Kind as Kind,
    Metric as Metric,
    Origin as Origin,
    application_label as application_label,
    declare,
    declared,
    everywhere as everywhere,
    label as label,
)
from app.metrics.seams import (
    AFTER_COMMIT_FAILED as AFTER_COMMIT_FAILED,
    APPROVAL_OLDEST as APPROVAL_OLDEST,
    APPROVAL_WAITING as APPROVAL_WAITING,
    BREAKER_STATE as BREAKER_STATE,
    CONNECTOR_HEALTH as CONNECTOR_HEALTH,
    CONNECTOR_OPERATION as CONNECTOR_OPERATION,
    DB_POOL_CHECKED_OUT as DB_POOL_CHECKED_OUT,
    DB_POOL_SIZE as DB_POOL_SIZE,
    DB_QUERY as DB_QUERY,
    DB_SIZE as DB_SIZE,
    DEPLOYMENT_LIVE as DEPLOYMENT_LIVE,
    DOCTOR_CANARY as DOCTOR_CANARY,
    DRIFT_OPEN as DRIFT_OPEN,
    EMITTER_DROPPED as EMITTER_DROPPED,
    EVENT_HEAD as EVENT_HEAD,
    GATE_SUCCESS_RATE as GATE_SUCCESS_RATE,
    HOLD_ACTIVE as HOLD_ACTIVE,
    HTTP_REQUEST as HTTP_REQUEST,
    INCIDENT_OPEN as INCIDENT_OPEN,
    JOB_DURATION as JOB_DURATION,
    JOB_RETRIES as JOB_RETRIES,
    JOB_WAIT as JOB_WAIT,
    QUEUE_DEPTH as QUEUE_DEPTH,
    REDIS_MEMORY as REDIS_MEMORY,
    STATSD_EXTERNAL_DROPPED as STATSD_EXTERNAL_DROPPED,
    STATSD_KERNEL_DROPPED as STATSD_KERNEL_DROPPED,
    STATSD_MALFORMED as STATSD_MALFORMED,
    SWEEP_HEARTBEAT as SWEEP_HEARTBEAT,
    TIME_TO_COMPLIANCE as TIME_TO_COMPLIANCE,
    WORKERS_ALIVE as WORKERS_ALIVE,
    WORKERS_BUSY as WORKERS_BUSY,
)

DEPLOYMENT_TOTAL = declare(
    "deployment_total",
    "deployment.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of deployments that came to an end, by how; one that failed and was waived counts in both.",
    "ring.passed, ring.failed, ring.waived, ring.skipped",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_DEPLOYMENTS = declare(
    "application_deployments_total",
    "application.{app}.deployments.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole deployments by application: created, and how they ended.",
    "deployment.created, deployment.completed, deployment.aborted, deployment.failed, deployment.rejected",
    app=APPLICATIONS,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
DEPLOYMENT_DURATION = declare(
    "deployment_duration_seconds",
    "deployment.duration.{ring}.{status}",
    Kind.TIMER,
    Origin.EVENT,
    "From a ring's first dispatch to its minimum coverage, holds excluded; sent when the ring ends.",
    "ring.passed, ring.failed",
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
    "Promotions to the next ring: `manual` if a person ended the soak, `blocked` by a failed gate, `waived` after it.",
    "ring.passed, ring.failed, ring.waived",
    source=RINGS,
    target=RINGS,
    how=("auto", "manual", "blocked", "waived"),
)
GATE_VERDICT = declare(
    "gate_verdict_total",
    "gate.verdict.{ring}.{verdict}",
    Kind.COUNTER,
    Origin.EVENT,
    "Gate evaluations that were stored: the first of a ring, and each whose verdict or reason is a new one.",
    "gate.evaluated",
    ring=RINGS,
    verdict=("pass", "fail", "wait", "error"),
)
RISK_SCORE = declare(
    "risk_score_distribution",
    "deployment.risk_score",
    Kind.TIMER,
    Origin.EVENT,
    "Risk scores of deployments, 0 to 100, one sample for each assessment: a timer for the sake of its histogram.",
    "deployment.assessed",
    unit="points",
    bins=(10, 25, 50, 75, 90, 100),
)
APPROVAL = declare(
    "approval_total",
    "approval.{what}",
    Kind.COUNTER,
    Origin.EVENT,
    "Sign-offs of deployments: asked for, given, refused, and struck because what they were for has changed.",
    "approval.requested, approval.given, approval.rejected, approval.invalidated",
    what=("requested", "given", "rejected", "invalidated"),
)
ANALYSIS_TOTAL = declare(
    "analysis_total",
    "analysis.{ring}.{phase}",
    Kind.COUNTER,
    Origin.EVENT,
    "Measurements of rings' metric analyses, by what they say; `error` when Graphite could not be read.",
    "analysis.measured",
    ring=RINGS,
    phase=("success", "failure", "inconclusive", "error"),
)
ASSIGNMENT_OUTCOME = declare(
    "assignment_outcome_total",
    "assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments that moved, by the state they moved to.",
    "reports.ingested, assignments.retired, assignments.superseded, assignments.cancelled, assignments.given_up",
    ring=RINGS,
    connector=CONNECTORS,
    outcome=OUTCOMES,
)
COMPLIANCE_TOTAL = declare(
    "compliance_total",
    "compliance.{ring}.{site_class}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices of rollouts that became compliant, within their site class's limit or after it.",
    "reports.ingested",
    ring=RINGS,
    site_class=SITE_CLASSES,
    result=("in_time", "late"),
)
DISPATCH_TOTAL = declare(
    "assignment_dispatched_total",
    "dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments whose command a connector has confirmed.",
    "command.confirmed",
    ring=RINGS,
    connector=CONNECTORS,
)
ASSIGNMENT_JOINED = declare(
    "assignment_joined_total",
    "assignment.{ring}.joined",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that came into a running deployment, by the ring they went to.",
    "assignments.joined",
    ring=RINGS,
)
ROLLBACK_TOTAL = declare(
    "rollback_total",
    "rollback.total.{ring}.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Rings of rollbacks that came to an end, by how.",
    "ring.passed, ring.failed, ring.waived, ring.skipped",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_ROLLBACKS = declare(
    "application_rollbacks_total",
    "application.{app}.rollbacks.{status}",
    Kind.COUNTER,
    Origin.EVENT,
    "Whole rollbacks by application: created, and how they ended. They never count as deployments.",
    "deployment.created, deployment.completed, deployment.aborted, deployment.failed, deployment.rejected",
    app=APPLICATIONS,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
ROLLBACK_OUTCOME = declare(
    "rollback_outcome_total",
    "rollback.assignment.{ring}.{connector}.{outcome}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks that moved, by the state they moved to.",
    "reports.ingested, assignments.retired, assignments.superseded, assignments.cancelled, assignments.given_up",
    ring=RINGS,
    connector=CONNECTORS,
    outcome=OUTCOMES,
)
ROLLBACK_DISPATCH = declare(
    "rollback_dispatched_total",
    "rollback.dispatch.{ring}.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Assignments of rollbacks whose command a connector has confirmed.",
    "command.confirmed",
    ring=RINGS,
    connector=CONNECTORS,
)
VALIDATION_TOTAL = declare(
    "rollback_validation_total",
    "rollback.validation.{ring}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices on which a ring tried whether its release can be rolled back and installed again.",
    "validation.passed, validation.failed",
    ring=RINGS,
    result=("passed", "failed"),
)
HOLD_TOTAL = declare(
    "hold_total",
    "hold.began.{hold}",
    Kind.COUNTER,
    Origin.EVENT,
    "Times a live deployment began to be held, by why.",
    "hold.began",
    hold=HOLDS,
)
REPORT_TOTAL = declare(
    "report_total",
    "report.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Device reports: stored, stored without effect because too late, seen before, or refused.",
    "reports.ingested",
    result=("received", "rejected", "late", "duplicate"),
)
DEVICE_REGISTERED = declare(
    "device_registered_total",
    "device.registered.{connector}.{result}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that a registration created or changed.",
    "devices.registered",
    connector=CONNECTORS,
    result=("created", "updated"),
)
DEVICE_RETIRED = declare(
    "device_retired_total",
    "device.retired.{connector}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices that were taken out of use.",
    "devices.retired",
    connector=CONNECTORS,
)
INCIDENT_TOTAL = declare(
    "incident_total",
    "incident.{action}.{severity}",
    Kind.COUNTER,
    Origin.EVENT,
    "Incidents that were opened and closed, by severity.",
    "incident.opened, incident.closed",
    action=("opened", "closed"),
    severity=SEVERITIES,
)
CONTROL_TOTAL = declare(
    "control_total",
    "control.{control}.{action}",
    Kind.COUNTER,
    Origin.EVENT,
    "Freezes and emergency stops that were declared and lifted; an end that comes by itself is no lift.",
    "freeze.declared, freeze.lifted, emergency_stop.declared, emergency_stop.lifted",
    control=("freeze", "emergency_stop"),
    action=("declared", "lifted"),
)
DRIFT_FOUND = declare(
    "drift_found_total",
    "drift.found.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices found to differ from what they should have, by how.",
    "drift.found",
    connector=CONNECTORS,
    drift=DRIFT_KINDS,
)
DRIFT_RESOLVED = declare(
    "drift_resolved_total",
    "drift.resolved.{connector}.{drift}",
    Kind.COUNTER,
    Origin.EVENT,
    "Findings that an inventory no longer shows.",
    "drift.resolved",
    connector=CONNECTORS,
    drift=DRIFT_KINDS,
)
DRIFT_REMEDIATION = declare(
    "drift_remediation_total",
    "drift.remediation.{connector}.{step}",
    Kind.COUNTER,
    Origin.EVENT,
    "Devices told again by the program itself, and findings that it left to a person.",
    "drift.remediation_sent, drift.needs_person",
    connector=CONNECTORS,
    step=("sent", "needs_person"),
)
BREAKER_FAILURES = declare(
    "circuit_breaker_failures_total",
    "breaker.failures.{connector}.{error_class}",
    Kind.COUNTER,
    Origin.EVENT,
    "Connector calls that failed, by class of error.",
    "connector.call_failed",
    connector=CONNECTORS,
    error_class=("transient", "permanent", "policy_violation", "unknown"),
)
BREAKER_TRANSITIONS = declare(
    "circuit_breaker_transitions_total",
    "breaker.transitions.{connector}.{to}",
    Kind.COUNTER,
    Origin.EVENT,
    "Circuit breakers that came to another state, by themselves or by hand.",
    "breaker.changed",
    connector=CONNECTORS,
    to=("closed", "open", "half_open"),
)

METRICS: tuple[Metric, ...] = tuple(declared)


def of_origin(origin: Origin) -> tuple[Metric, ...]:
    """The metrics born in one way."""
    return tuple(metric for metric in METRICS if metric.origin is origin)
