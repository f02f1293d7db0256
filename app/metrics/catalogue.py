"""Every metric that this program emits: the event-derived ones, and those of `seams.py`. Standard library only."""

from __future__ import annotations

from app.metrics.artifacts import ARTIFACT_BYTES as ARTIFACT_BYTES, ARTIFACT_TOTAL as ARTIFACT_TOTAL
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
    under_any_prefix as under_any_prefix,
)
from app.metrics.seams import (
    AFTER_COMMIT_FAILED as AFTER_COMMIT_FAILED,
    APPROVAL_OLDEST as APPROVAL_OLDEST,
    APPROVAL_WAITING as APPROVAL_WAITING,
    ARTIFACT_SIZE as ARTIFACT_SIZE,
    AUTHENTICATION_FAILED as AUTHENTICATION_FAILED,
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
    LEFT_BEHIND as LEFT_BEHIND,
    QUEUE_DEPTH as QUEUE_DEPTH,
    QUEUE_OLDEST as QUEUE_OLDEST,
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
    name="deployment_total",
    path="deployment.total.{ring}.{status}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Rings of deployments that ended, by outcome; one that failed after it passed, or was waived, counts as both.",
    by="ring.passed, ring.failed, ring.waived, ring.skipped",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_DEPLOYMENTS = declare(
    name="application_deployments_total",
    path="application.{app}.deployments.{status}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Deployments by application: created, and by how they ended.",
    by="deployment.created, deployment.completed, deployment.aborted, deployment.failed, deployment.rejected",
    app=APPLICATIONS,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
DEPLOYMENT_DURATION = declare(
    name="deployment_duration_seconds",
    path="deployment.duration.{ring}.{status}",
    kind=Kind.TIMER,
    origin=Origin.EVENT,
    help="Time from a ring's first dispatch to its minimum coverage, without holds; emitted when the ring ends.",
    by="ring.passed, ring.failed",
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
    name="ring_promotion_total",
    path="ring.promotion.{source}.{target}.{how}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Promotions to the next ring: `auto`, `manual` by a person, `blocked` by a failed gate, `waived` after that.",
    by="ring.passed, ring.failed, ring.waived",
    source=RINGS,
    target=RINGS,
    how=("auto", "manual", "blocked", "waived"),
)
GATE_VERDICT = declare(
    name="gate_verdict_total",
    path="gate.verdict.{ring}.{verdict}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Stored gate evaluations: the first of each ring, and each one whose verdict or reason changed.",
    by="gate.evaluated",
    ring=RINGS,
    verdict=("pass", "fail", "wait", "error"),
)
RISK_SCORE = declare(
    name="risk_score_distribution",
    path="deployment.risk_score",
    kind=Kind.TIMER,
    origin=Origin.EVENT,
    help="Risk scores of deployments, 0 to 100, one sample per assessment; a timer because timers have histograms.",
    by="deployment.assessed",
    unit="points",
    bins=(10, 25, 50, 75, 90, 100),
)
APPROVAL = declare(
    name="approval_total",
    path="approval.{what}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Approvals of deployments: requested, given, rejected, and invalidated because the deployment changed.",
    by="approval.requested, approval.given, approval.rejected, approval.invalidated",
    what=("requested", "given", "rejected", "invalidated"),
)
TOKEN_TOTAL = declare(
    name="token_total",
    path="token.{action}.{subject}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Tokens of people and services that were created, rotated and revoked.",
    by="token.created, token.rotated, token.revoked",
    action=("created", "rotated", "revoked"),
    subject=("person", "service"),
)
SESSION_TOTAL = declare(
    name="session_total",
    path="session.{action}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Logins of people: sessions started and ended, and people whom the identity provider knows but who may not.",
    by="session.started, session.ended, login.refused",
    action=("started", "ended", "refused"),
)
ANALYSIS_TOTAL = declare(
    name="analysis_total",
    path="analysis.{ring}.{phase}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Measurements of the metric analyses of rings, by result; `error` if Graphite could not be read.",
    by="analysis.measured",
    ring=RINGS,
    phase=("success", "failure", "inconclusive", "error"),
)
ASSIGNMENT_OUTCOME = declare(
    name="assignment_outcome_total",
    path="assignment.{ring}.{connector}.{outcome}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Assignments that changed state, by the new state.",
    by="reports.ingested, assignments.excluded, assignments.retired, assignments.superseded, assignments.cancelled, "
    "assignments.given_up",
    ring=RINGS,
    connector=CONNECTORS,
    outcome=OUTCOMES,
)
COMPLIANCE_TOTAL = declare(
    name="compliance_total",
    path="compliance.{ring}.{site_class}.{result}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices that became compliant in a rollout, within the time limit of their site class or late.",
    by="reports.ingested",
    ring=RINGS,
    site_class=SITE_CLASSES,
    result=("in_time", "late"),
)
DISPATCH_TOTAL = declare(
    name="assignment_dispatched_total",
    path="dispatch.{ring}.{connector}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Assignments whose command a connector confirmed.",
    by="command.confirmed",
    ring=RINGS,
    connector=CONNECTORS,
)
ASSIGNMENT_JOINED = declare(
    name="assignment_joined_total",
    path="assignment.{ring}.joined",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices that joined a running deployment, by their ring.",
    by="assignments.joined",
    ring=RINGS,
)
ROLLBACK_TOTAL = declare(
    name="rollback_total",
    path="rollback.total.{ring}.{status}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Rings of rollbacks that ended, by outcome.",
    by="ring.passed, ring.failed, ring.waived, ring.skipped",
    ring=RINGS,
    status=("passed", "failed", "waived", "skipped"),
)
APPLICATION_ROLLBACKS = declare(
    name="application_rollbacks_total",
    path="application.{app}.rollbacks.{status}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Rollbacks by application: created, and by how they ended. They never count as deployments.",
    by="deployment.created, deployment.completed, deployment.aborted, deployment.failed, deployment.rejected",
    app=APPLICATIONS,
    status=("created", "completed", "aborted", "failed", "rejected"),
)
ROLLBACK_OUTCOME = declare(
    name="rollback_outcome_total",
    path="rollback.assignment.{ring}.{connector}.{outcome}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Assignments of rollbacks that changed state, by the new state.",
    by="reports.ingested, assignments.excluded, assignments.retired, assignments.superseded, assignments.cancelled, "
    "assignments.given_up",
    ring=RINGS,
    connector=CONNECTORS,
    outcome=OUTCOMES,
)
ROLLBACK_DISPATCH = declare(
    name="rollback_dispatched_total",
    path="rollback.dispatch.{ring}.{connector}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Assignments of rollbacks whose command a connector confirmed.",
    by="command.confirmed",
    ring=RINGS,
    connector=CONNECTORS,
)
VALIDATION_TOTAL = declare(
    name="rollback_validation_total",
    path="rollback.validation.{ring}.{result}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices on which a ring rehearsed rolling its release back and installing it again.",
    by="validation.passed, validation.failed",
    ring=RINGS,
    result=("passed", "failed"),
)
HOLD_TOTAL = declare(
    name="hold_total",
    path="hold.began.{hold}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Holds that began in live deployments, by reason.",
    by="hold.began",
    hold=HOLDS,
)
REPORT_TOTAL = declare(
    name="report_total",
    path="report.{result}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Device reports: stored, rejected, too late to have an effect, duplicates, and conflicts with stored ones.",
    by="reports.ingested",
    result=("received", "rejected", "late", "duplicate", "conflict"),
)
DEVICE_REGISTERED = declare(
    name="device_registered_total",
    path="device.registered.{connector}.{result}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices that were created or updated by a registration.",
    by="devices.registered",
    connector=CONNECTORS,
    result=("created", "updated"),
)
DEVICE_RETIRED = declare(
    name="device_retired_total",
    path="device.retired.{connector}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices that were retired.",
    by="devices.retired",
    connector=CONNECTORS,
)
INCIDENT_TOTAL = declare(
    name="incident_total",
    path="incident.{action}.{severity}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Incidents that were opened or closed, by severity.",
    by="incident.opened, incident.closed",
    action=("opened", "closed"),
    severity=SEVERITIES,
)
CONTROL_TOTAL = declare(
    name="control_total",
    path="control.{control}.{action}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Freezes and emergency stops that were declared or lifted; those that expire are not counted as lifted.",
    by="freeze.declared, freeze.lifted, emergency_stop.declared, emergency_stop.lifted",
    control=("freeze", "emergency_stop"),
    action=("declared", "lifted"),
)
DRIFT_FOUND = declare(
    name="drift_found_total",
    path="drift.found.{connector}.{drift}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Drift findings: devices whose installed software differs from the expected one, by kind of difference.",
    by="drift.found",
    connector=CONNECTORS,
    drift=DRIFT_KINDS,
)
DRIFT_RESOLVED = declare(
    name="drift_resolved_total",
    path="drift.resolved.{connector}.{drift}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Drift findings that no longer apply, by kind of difference.",
    by="drift.resolved",
    connector=CONNECTORS,
    drift=DRIFT_KINDS,
)
DRIFT_REMEDIATION = declare(
    name="drift_remediation_total",
    path="drift.remediation.{connector}.{step}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Devices to which a command was sent again automatically, and findings that were left to a person.",
    by="drift.remediation_sent, drift.needs_person",
    connector=CONNECTORS,
    step=("sent", "needs_person"),
)
RETENTION_ROWS = declare(
    name="retention_rows_total",
    path="retention.rows.{table}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Old rows that were deleted, by table; of `events`, those that were moved to archives.",
    by="retention.ran",
    table=(
        "idempotency_keys",
        "drift_findings",
        "commands",
        "gate_evaluations",
        "measurements",
        "reports",
        "pull_feedback",
        "events",
    ),
)
BREAKER_FAILURES = declare(
    name="circuit_breaker_failures_total",
    path="breaker.failures.{connector}.{error_class}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Connector calls that failed, by error class.",
    by="connector.call_failed",
    connector=CONNECTORS,
    error_class=("transient", "permanent", "policy_violation", "unknown"),
)
BREAKER_TRANSITIONS = declare(
    name="circuit_breaker_transitions_total",
    path="breaker.transitions.{connector}.{to}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="State changes of circuit breakers, automatic or by a person.",
    by="breaker.changed",
    connector=CONNECTORS,
    to=("closed", "open", "half_open"),
)

METRICS: tuple[Metric, ...] = tuple(declared)


def of_origin(origin: Origin) -> tuple[Metric, ...]:
    """The metrics of one origin."""
    return tuple(metric for metric in METRICS if metric.origin is origin)
