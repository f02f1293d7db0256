"""Sampling: every gauge has one owner, the scheduler, which has this run every few seconds."""

from __future__ import annotations

from rq import Worker, get_current_job
from rq.worker import WorkerStatus

from app import queue
from app.connectors import queries as connectors
from app.controls import service as controls
from app.deployments import queries
from app.deployments.approval import queries as approval
from app.drift import queries as drift
from app.metrics import catalogue as m, emitter, levels as whole
from app.metrics.projection import Measure


def sample() -> None:
    """Read every level where it lives and send it."""
    emitter.emit(
        *_of_redis(),
        *whole.levels(),
        *connectors.levels(),
        *controls.levels(),
        *queries.levels(),
        *approval.levels(),
        *drift.levels(),
    )


def _of_redis() -> list[Measure]:
    redis = queue.connection()
    depths = [Measure(m.QUEUE_DEPTH, m.QUEUE_DEPTH(queue=name), depth) for name, depth in queue.depths().items()]
    keys = Worker.all_keys(connection=redis)
    return [
        *depths,
        Measure(m.WORKERS_ALIVE, m.WORKERS_ALIVE(), len(keys)),
        Measure(m.WORKERS_BUSY, m.WORKERS_BUSY(), _busy(keys)),
        Measure(m.REDIS_MEMORY, m.REDIS_MEMORY(), redis.info("memory")["used_memory"]),
    ]


def _busy(keys: list[str]) -> int:
    """How many of these workers have a job at hand, but for the one that is looking."""
    job = get_current_job()
    looking = Worker.redis_worker_namespace_prefix + (job.worker_name or "") if job else None
    with queue.connection().pipeline(transaction=False) as pipeline:
        for key in keys:
            if key != looking:
                pipeline.hget(key, "state")
        return pipeline.execute().count(WorkerStatus.BUSY.encode())
