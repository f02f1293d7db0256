"""The metrics that no event gives birth to: times measured at seams, levels sampled by the scheduler."""

from __future__ import annotations

from app.metrics.metric import (
    DRIFT_KINDS,
    HOLDS,
    MINUTE,
    OPEN,
    RINGS,
    SECOND,
    SEVERITIES,
    Kind,
    Origin,
    declare,
)

GATE_SUCCESS_RATE = declare(
    "promotion_gate_success_rate",
    "gate.success_rate.{ring}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "S/(S+F) of the ring, the worst of the active deployments; absent while none has reported.",
    unit="ratio",
    ring=RINGS,
)
HOLD_ACTIVE = declare(
    "hold_active",
    "hold.active.{hold}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Live deployments that are held now, by why.",
    hold=HOLDS,
)
INCIDENT_OPEN = declare(
    "incident_open",
    "incident.open.{severity}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Incidents that are open, by severity.",
    severity=SEVERITIES,
)
DRIFT_OPEN = declare(
    "drift_open",
    "drift.open.{drift}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Findings that are neither resolved nor accepted, by kind.",
    drift=DRIFT_KINDS,
)
BREAKER_STATE = declare(
    "circuit_breaker_state",
    "breaker.state.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "The connector's circuit breaker: 0 closed, 1 open, 2 half-open.",
    connector=OPEN,
)
CONNECTOR_HEALTH = declare(
    "connector_health",
    "connector.health.{connector}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "1 if the connector's health check answered well, else 0.",
    connector=OPEN,
)
CONNECTOR_OPERATION = declare(
    "connector_operation_duration_seconds",
    "connector.operation.{connector}.{operation}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "Calls to connectors, by operation and outcome.",
    unit="ms",
    bins=(10, 50, 100, 500, 1 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 1 * MINUTE, 5 * MINUTE),
    connector=OPEN,
    operation=("publish", "withdraw", "find", "results", "inventory", "health"),
    outcome=("ok", "transient", "permanent", "policy_violation", "unknown"),
)
DB_POOL_SIZE = declare(
    "db_connection_pool_size",
    "db.pool.size",
    Kind.TIMER,
    Origin.SEAM,
    "Connections the process's pool may hold; one sample for each request or job that used the database.",
    unit="connections",
)
DB_POOL_CHECKED_OUT = declare(
    "db_connection_pool_checked_out",
    "db.pool.checked_out",
    Kind.TIMER,
    Origin.SEAM,
    "Connections in use when a request or job took one: the highest it saw.",
    unit="connections",
)
DB_QUERY = declare(
    "db_query_duration_seconds",
    "db.query.{verb}",
    Kind.TIMER,
    Origin.SEAM,
    "SQL statements by their first word.",
    unit="ms",
    verb=("select", "insert", "update", "delete", "other"),
)
JOB_DURATION = declare(
    "job_duration_seconds",
    "job.duration.{job}.{outcome}",
    Kind.TIMER,
    Origin.SEAM,
    "RQ jobs; `killed` is told by the parent of a work-horse that died.",
    unit="ms",
    job=OPEN,
    outcome=("ok", "error", "killed"),
)
JOB_WAIT = declare(
    "job_wait_seconds",
    "job.wait.{queue}",
    Kind.TIMER,
    Origin.SEAM,
    "From a job's enqueueing to its start.",
    unit="ms",
    queue=("control", "bulk"),
)
QUEUE_DEPTH = declare(
    "queue_depth",
    "queue.depth.{queue}",
    Kind.GAUGE,
    Origin.SAMPLE,
    "Jobs waiting.",
    queue=("control", "bulk"),
)
WORKERS_ALIVE = declare(
    "workers_alive", "worker.alive", Kind.GAUGE, Origin.SAMPLE, "RQ workers that are registered in Redis."
)
SWEEP_HEARTBEAT = declare(
    "sweep_heartbeat_total",
    "sweep.heartbeat",
    Kind.COUNTER,
    Origin.SEAM,
    "Sweeps that ran: the clock of every rollout beats.",
)
HTTP_REQUEST = declare(
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
EMITTER_DROPPED = declare(
    "emitter_dropped_total",
    "emitter.dropped",
    Kind.COUNTER,
    Origin.SEAM,
    "Measures this process could not send, told by the next batch that leaves.",
)
AFTER_COMMIT_FAILED = declare(
    "after_commit_failed_total",
    "unit.after_commit_failed.{step}",
    Kind.COUNTER,
    Origin.SEAM,
    "Steps after COMMIT that failed and were left to the sweep or to repair.",
    step=("listener", "enqueue"),
)
