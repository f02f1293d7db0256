"""The metrics that no event gives birth to: times measured at seams, levels sampled by the scheduler."""

from __future__ import annotations

from app.clock import SAMPLE_SECONDS
from app.metrics.metric import (
    CONNECTORS,
    DRIFT_KINDS,
    ENDPOINTS,
    HOLDS,
    JOBS,
    MINUTE,
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
    "promotion_gate_success_rate",
    "gate.success_rate.{ring}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "S/(S+F) of the ring, the worst of the active deployments; absent while none has reported.",
    SAMPLED,
    unit="ratio",
    ring=RINGS,
)
TIME_TO_COMPLIANCE = declare(
    "deployment_time_to_compliance_seconds",
    "deployment.time_to_compliance.{ring}.{site_class}.{quantile}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "From a device's dispatch to its success, the worst of the active deployments; p95 only once 95 % of E are known.",
    SAMPLED,
    unit="s",
    ring=RINGS,
    site_class=SITE_CLASSES,
    quantile=("p50", "p95"),
)
DEPLOYMENT_LIVE = declare(
    "deployment_live",
    "deployment.live.{state}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Deployments and rollbacks that are under way, by state.",
    SAMPLED,
    state=("planning", "running", "paused"),
)
APPROVAL_WAITING = declare(
    "approval_waiting",
    "approval.waiting",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Live deployments whose sign-off was asked for and is not complete.",
    SAMPLED,
)
APPROVAL_OLDEST = declare(
    "approval_oldest_wait_seconds",
    "approval.oldest_wait",
    Kind.GAUGE,
    Origin.SAMPLE,
    "How long the oldest of those has been waiting; 0 while there is none.",
    SAMPLED,
    unit="s",
)
HOLD_ACTIVE = declare(
    "hold_active",
    "hold.active.{hold}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Live deployments that are held now, by why.",
    SAMPLED,
    hold=HOLDS,
)
INCIDENT_OPEN = declare(
    "incident_open",
    "incident.open.{severity}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Incidents that are open, by severity.",
    SAMPLED,
    severity=SEVERITIES,
)
DRIFT_OPEN = declare(
    "drift_open",
    "drift.open.{drift}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Findings that are neither resolved nor accepted, by kind.",
    SAMPLED,
    drift=DRIFT_KINDS,
)
BREAKER_STATE = declare(
    "circuit_breaker_state",
    "breaker.state.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "The connector's circuit breaker: 0 closed, 1 open, 2 half-open.",
    SAMPLED,
    connector=CONNECTORS,
)
CONNECTOR_HEALTH = declare(
    "connector_health",
    "connector.health.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "1 if the connector's health check answered well, else 0.",
    SAMPLED,
    connector=CONNECTORS,
)
CONNECTOR_OPERATION = declare(
    "connector_operation_duration_seconds",
    "connector.operation.{connector}.{operation}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "Calls to connectors, by operation and outcome.",
    "whoever calls a connector, after each call",
    unit="ms",
    bins=(10, 50, 100, 500, 1 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 1 * MINUTE, 5 * MINUTE),
    connector=CONNECTORS,
    operation=("publish", "withdraw", "find", "results", "inventory", "health"),
    outcome=("ok", "transient", "permanent", "policy_violation", "unknown"),
)
DB_POOL_SIZE = declare(
    "db_connection_pool_size",
    "db.pool.size",
    Kind.TIMER,
    Origin.SEAM,
    "Connections the process's pool may hold; one sample for each request or job that used the database.",
    "a request or job, once, if it used the database",
    unit="connections",
)
DB_POOL_CHECKED_OUT = declare(
    "db_connection_pool_checked_out",
    "db.pool.checked_out",
    Kind.TIMER,
    Origin.SEAM,
    "Connections in use when a request or job took one: the highest it saw.",
    "a request or job, once, if it used the database",
    unit="connections",
)
DB_QUERY = declare(
    "db_query_duration_seconds",
    "db.query.{verb}",
    Kind.TIMER,
    Origin.SEAM,
    "SQL statements by their first word.",
    "a request or job, for each statement",
    unit="ms",
    bins=(1, 5, 10, 50, 100, 500, 1 * SECOND, 5 * SECOND),
    verb=("select", "insert", "update", "delete", "other"),
)
JOB_DURATION = declare(
    "job_duration_seconds",
    "job.duration.{job}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "RQ jobs; `timeout` is one that ran too long, `killed` one whose work-horse died: its parent tells.",
    "the worker, when a job ends",
    unit="ms",
    job=JOBS,
    outcome=("ok", "error", "timeout", "killed"),
)
JOB_RETRIES = declare(
    "job_retries_total",
    "job.retries.{job}",
    Kind.COUNTER,
    Origin.SEAM,
    "Jobs that failed and go back to their queue for another try.",
    "the worker, when a job failed",
    job=JOBS,
)
JOB_WAIT = declare(
    "job_wait_seconds",
    "job.wait.{queue}",
    Kind.TIMER,
    Origin.SEAM,
    "From a job's enqueueing to its start.",
    "the worker, when a job starts",
    unit="ms",
    queue=("control", "bulk"),
)
QUEUE_DEPTH = declare(
    "queue_depth",
    "queue.depth.{queue}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Jobs waiting.",
    SAMPLED,
    queue=("control", "bulk"),
)
WORKERS_ALIVE = declare(
    "workers_alive",
    "worker.alive",
    Kind.GAUGE,
    Origin.SAMPLE,
    "RQ workers that are registered in Redis.",
    SAMPLED,
)
WORKERS_BUSY = declare(
    "workers_busy",
    "worker.busy",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Those of them that have a job at hand, but for the one that takes the sample.",
    SAMPLED,
)
DB_SIZE = declare(
    "db_size_bytes", "db.size", Kind.GAUGE, Origin.SAMPLE, "What the database takes on its disk.", SAMPLED, unit="bytes"
)
REDIS_MEMORY = declare(
    "redis_memory_bytes",
    "redis.memory",
    Kind.GAUGE,
    Origin.SAMPLE,
    "What Redis has in memory.",
    SAMPLED,
    unit="bytes",
)
EVENT_HEAD = declare(
    "event_head",
    "event.head",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Events in the log, by the newest one's id.",
    SAMPLED,
)
SWEEP_HEARTBEAT = declare(
    "sweep_heartbeat_total",
    "sweep.heartbeat",
    Kind.COUNTER,
    Origin.SEAM,
    "Sweeps that ran: the clock of every rollout beats.",
    "the job `sweep`, each time it ran",
)
HTTP_REQUEST = declare(
    "http_request_duration_seconds",
    "http.request.{endpoint}.{method}.{status_class}",
    Kind.TIMER,
    Origin.SEAM,
    "HTTP requests by Flask endpoint; `.count` is the total.",
    "the API, when a request ends, however it ends",
    unit="ms",
    bins=(5, 10, 25, 50, 100, 250, 500, 1000, 2500),
    endpoint=ENDPOINTS,
    method=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"),
    status_class=("1xx", "2xx", "3xx", "4xx", "5xx"),
)
EMITTER_DROPPED = declare(
    "emitter_dropped_total",
    "emitter.dropped",
    Kind.COUNTER,
    Origin.SEAM,
    "Measures this process could not send, told by the next batch that leaves.",
    "a process that lost measures, with the next batch that leaves",
)
AFTER_COMMIT_FAILED = declare(
    "after_commit_failed_total",
    "unit.after_commit_failed.{step}",
    Kind.COUNTER,
    Origin.SEAM,
    "Steps after COMMIT that failed and were left to the sweep or to repair.",
    "a request or job, when it happens",
    step=("listener", "enqueue"),
)
DOCTOR_CANARY = declare(
    "doctor_canary_total",
    "doctor.canary",
    Kind.COUNTER,
    Origin.SEAM,
    "Marks that went the way of every measure, to be looked for in Graphite.",
    "`flask doctor`, once each time it runs",
)
STATSD_KERNEL_DROPPED = declare(
    "statsd_kernel_dropped_total",
    "statsd.kernel_dropped",
    Kind.COUNTER,
    Origin.STATSD,
    "Datagrams the kernel threw away because StatsD's receive buffers were full.",
    "StatsD, each flush in which there were any",
)
STATSD_MALFORMED = declare(
    "statsd_malformed_total",
    "statsd.malformed",
    Kind.COUNTER,
    Origin.STATSD,
    "Lines with a sample rate that no StatsD can read.",
    "StatsD, when one arrives",
)
STATSD_EXTERNAL_DROPPED = declare(
    "statsd_external_dropped_total",
    "statsd.external.dropped",
    Kind.COUNTER,
    Origin.STATSD,
    "Lines the external port refused: another name space, ill-formed, or too many new names.",
    "StatsD, when one arrives",
)
