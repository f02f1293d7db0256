"""The metrics that are not derived from events: times measured at seams, and gauges sampled by the scheduler."""

from __future__ import annotations

from app.clock import SAMPLE_SECONDS
from app.metrics.metric import (
    CONNECTORS,
    DRIFT_KINDS,
    ENDPOINTS,
    HOLDS,
    JOBS,
    MINUTE,
    QUEUES,
    RINGS,
    SECOND,
    SEVERITIES,
    SITE_CLASSES,
    Kind,
    Origin,
    declare,
)

SAMPLED = f"the scheduler, every {SAMPLE_SECONDS} s"

GATE_SUCCESS_RATE = declare(
    name="promotion_gate_success_rate",
    path="gate.success_rate.{ring}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Success rate S/(S+F) of the ring, the lowest of all active deployments; absent until a device reports.",
    by=SAMPLED,
    unit="ratio",
    ring=RINGS,
)
TIME_TO_COMPLIANCE = declare(
    name="deployment_time_to_compliance_seconds",
    path="deployment.time_to_compliance.{ring}.{site_class}.{quantile}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Time from dispatch to success, the highest of all active deployments; p95 once 95 % of E are known.",
    by=SAMPLED,
    unit="s",
    ring=RINGS,
    site_class=SITE_CLASSES,
    quantile=("p50", "p95"),
)
AUTHENTICATION_FAILED = declare(
    name="authentication_failed_total",
    path="authentication.failed.{reason}",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Requests whose token or session was not accepted, by reason; `limited` after too many of one address, `csrf` "
    "for a change without the session's header, `login` for a login that did not succeed.",
    by="the API, for each such request",
    reason=("malformed", "unknown", "expired", "revoked", "limited", "csrf", "login"),
)
DEPLOYMENT_LIVE = declare(
    name="deployment_live",
    path="deployment.live.{state}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Live deployments and rollbacks, by state.",
    by=SAMPLED,
    state=("planning", "running", "paused"),
)
APPROVAL_WAITING = declare(
    name="approval_waiting",
    path="approval.waiting",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Live deployments that wait for approval.",
    by=SAMPLED,
)
APPROVAL_OLDEST = declare(
    name="approval_oldest_wait_seconds",
    path="approval.oldest_wait",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="How long the oldest of them has been waiting; 0 if none is.",
    by=SAMPLED,
    unit="s",
)
HOLD_ACTIVE = declare(
    name="hold_active",
    path="hold.active.{hold}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Live deployments that are held now, by reason.",
    by=SAMPLED,
    hold=HOLDS,
)
INCIDENT_OPEN = declare(
    name="incident_open",
    path="incident.open.{severity}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Open incidents, by severity.",
    by=SAMPLED,
    severity=SEVERITIES,
)
DRIFT_OPEN = declare(
    name="drift_open",
    path="drift.open.{drift}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Drift findings that are neither resolved nor accepted, by kind.",
    by=SAMPLED,
    drift=DRIFT_KINDS,
)
LEFT_BEHIND = declare(
    name="rollback_left_behind",
    path="rollback.left_behind",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Devices that still have a release although it was rolled back, and that nobody has accepted.",
    by=SAMPLED,
)
BREAKER_STATE = declare(
    name="circuit_breaker_state",
    path="breaker.state.{connector}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="State of the connector's circuit breaker: 0 closed, 1 open, 2 half-open.",
    by=SAMPLED,
    connector=CONNECTORS,
)
CONNECTOR_HEALTH = declare(
    name="connector_health",
    path="connector.health.{connector}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="1 if the connector's health check succeeded, else 0.",
    by=SAMPLED,
    connector=CONNECTORS,
)
CONNECTOR_OPERATION = declare(
    name="connector_operation_duration_seconds",
    path="connector.operation.{connector}.{operation}.{outcome}",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Duration of connector calls, by operation and outcome.",
    by="the caller of a connector, after each call",
    unit="ms",
    bins=(10, 50, 100, 500, 1 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 1 * MINUTE, 5 * MINUTE),
    connector=CONNECTORS,
    operation=("publish", "withdraw", "cancel", "find", "results", "inventory", "health"),
    outcome=("ok", "transient", "permanent", "policy_violation", "unknown"),
)
DB_POOL_SIZE = declare(
    name="db_connection_pool_size",
    path="db.pool.size",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Size of the process's connection pool; one sample per request or job that used the database.",
    by="a request or job, once, if it used the database",
    unit="connections",
)
DB_POOL_CHECKED_OUT = declare(
    name="db_connection_pool_checked_out",
    path="db.pool.checked_out",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Most connections in use while a request or job ran.",
    by="a request or job, once, if it used the database",
    unit="connections",
)
DB_QUERY = declare(
    name="db_query_duration_seconds",
    path="db.query.{verb}",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Duration of SQL statements, by their first word.",
    by="a request or job, for each statement",
    unit="ms",
    bins=(1, 5, 10, 50, 100, 500, 1 * SECOND, 5 * SECOND),
    verb=("select", "insert", "update", "delete", "other"),
)
JOB_DURATION = declare(
    name="job_duration_seconds",
    path="job.duration.{job}.{outcome}",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Duration of RQ jobs, by outcome; `timeout`: it ran too long, `killed`: its work-horse died.",
    by="the worker, when a job ends",
    unit="ms",
    job=JOBS,
    outcome=("ok", "error", "timeout", "killed"),
)
JOB_RETRIES = declare(
    name="job_retries_total",
    path="job.retries.{job}",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Failed jobs that went back to their queue for a retry.",
    by="the worker, when a job fails",
    job=JOBS,
)
JOB_WAIT = declare(
    name="job_wait_seconds",
    path="job.wait.{queue}",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Time from enqueueing a job to its start.",
    by="the worker, when a job starts",
    unit="ms",
    queue=QUEUES,
)
QUEUE_DEPTH = declare(
    name="queue_depth",
    path="queue.depth.{queue}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Jobs waiting in the queue.",
    by=SAMPLED,
    queue=QUEUES,
)
QUEUE_OLDEST = declare(
    name="queue_oldest_wait_seconds",
    path="queue.oldest_wait.{queue}",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="How long the oldest job in the queue has waited; 0 if none waits.",
    by=SAMPLED,
    unit="s",
    queue=QUEUES,
)
WORKERS_ALIVE = declare(
    name="workers_alive",
    path="worker.alive",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="RQ workers registered in Redis.",
    by=SAMPLED,
)
WORKERS_BUSY = declare(
    name="workers_busy",
    path="worker.busy",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="RQ workers that run a job, not counting the one that takes this sample.",
    by=SAMPLED,
)
DB_SIZE = declare(
    name="db_size_bytes",
    path="db.size",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Size of the database on disk.",
    by=SAMPLED,
    unit="bytes",
)
ARTIFACT_SIZE = declare(
    name="artifact_size_bytes",
    path="artifact.size",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Size of all artifacts in the store.",
    by=SAMPLED,
    unit="bytes",
)
REDIS_MEMORY = declare(
    name="redis_memory_bytes",
    path="redis.memory",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Memory used by Redis.",
    by=SAMPLED,
    unit="bytes",
)
EVENT_HEAD = declare(
    name="event_head",
    path="event.head",
    kind=Kind.GAUGE,
    origin=Origin.SAMPLE,
    help="Id of the newest event in the log.",
    by=SAMPLED,
)
SWEEP_HEARTBEAT = declare(
    name="sweep_heartbeat_total",
    path="sweep.heartbeat",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Sweeps that ran; every rollout depends on them.",
    by="the job `sweep`, each time it succeeds",
)
HTTP_REQUEST = declare(
    name="http_request_duration_seconds",
    path="http.request.{endpoint}.{method}.{status_class}",
    kind=Kind.TIMER,
    origin=Origin.SEAM,
    help="Duration of HTTP requests, by Flask endpoint; `.count` is the number of requests.",
    by="the API, when a request ends, even by an error",
    unit="ms",
    bins=(5, 10, 25, 50, 100, 250, 500, 1000, 2500),
    endpoint=ENDPOINTS,
    method=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"),
    status_class=("1xx", "2xx", "3xx", "4xx", "5xx"),
)
EMITTER_DROPPED = declare(
    name="emitter_dropped_total",
    path="emitter.dropped",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Measures that a process could not send.",
    by="a process that lost measures, with the next batch it sends",
)
AFTER_COMMIT_FAILED = declare(
    name="after_commit_failed_total",
    path="unit.after_commit_failed.{step}",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Steps after COMMIT that failed; the sweep or a repair makes up for them.",
    by="a request or job, when it happens",
    step=("listener", "enqueue"),
)
DOCTOR_CANARY = declare(
    name="doctor_canary_total",
    path="doctor.canary",
    kind=Kind.COUNTER,
    origin=Origin.SEAM,
    help="Canaries sent like every measure, to check that they arrive in Graphite.",
    by="`flask doctor`, once per run",
)
STATSD_KERNEL_DROPPED = declare(
    name="statsd_kernel_dropped_total",
    path="statsd.kernel_dropped",
    kind=Kind.COUNTER,
    origin=Origin.STATSD,
    help="Datagrams that the kernel dropped because StatsD's receive buffers were full.",
    by="StatsD, with each flush in which there were any",
)
STATSD_MALFORMED = declare(
    name="statsd_malformed_total",
    path="statsd.malformed",
    kind=Kind.COUNTER,
    origin=Origin.STATSD,
    help="Lines with an invalid sample rate.",
    by="StatsD, when one arrives",
)
STATSD_EXTERNAL_DROPPED = declare(
    name="statsd_external_dropped_total",
    path="statsd.external.dropped",
    kind=Kind.COUNTER,
    origin=Origin.STATSD,
    help="Lines that the external port dropped: wrong name space, malformed, or too many new names.",
    by="StatsD, when one arrives",
)
