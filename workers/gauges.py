"""Sampling of gauges: every gauge has one owner, the job that the scheduler starts every `SAMPLE_SECONDS`."""

from __future__ import annotations

from rq import Worker, get_current_job
from rq.worker import WorkerStatus

from app import clock, queue
from app.connectors import queries as connectors
from app.controls import service as controls
from app.deployments import queries
from app.deployments.approval import queries as approval
from app.drift import queries as drift
from app.metrics import catalogue as m, emitter, levels
from app.metrics.projection import Measure


def sample() -> None:
    """Collect the current levels of every package and send them."""
    emitter.emit(
        *_of_redis(),
        *levels.levels(),
        *connectors.levels(),
        *controls.levels(),
        *queries.levels(),
        *approval.levels(),
        *drift.levels(),
    )


def _of_redis() -> list[Measure]:
    redis = queue.connection()
    depths = [Measure(m.QUEUE_DEPTH, m.QUEUE_DEPTH(queue=name), depth) for name, depth in queue.depths().items()]
    waits = queue.waiting_seconds(redis, clock.now())
    keys = Worker.all_keys(connection=redis)
    return [
        *depths,
        *(Measure(m.QUEUE_OLDEST, m.QUEUE_OLDEST(queue=name), seconds) for name, seconds in waits.items()),
        Measure(m.WORKERS_ALIVE, m.WORKERS_ALIVE(), len(keys)),
        Measure(m.WORKERS_BUSY, m.WORKERS_BUSY(), _busy(keys)),
        Measure(m.REDIS_MEMORY, m.REDIS_MEMORY(), redis.info("memory")["used_memory"]),
    ]


def _busy(keys: list[str]) -> int:
    """How many of these workers are running a job, not counting the one that takes the sample."""
    job = get_current_job()
    own_key = Worker.redis_worker_namespace_prefix + (job.worker_name or "") if job else None
    with queue.connection().pipeline(transaction=False) as pipeline:
        for key in keys:
            if key != own_key:
                pipeline.hget(key, "state")
        return pipeline.execute().count(WorkerStatus.BUSY.encode())
