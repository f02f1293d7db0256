"""Sampling of gauges: a job takes the sample on any worker, and the acting scheduler sends it.

StatsD repeats a gauge's last value. If each worker sent its own samples, the StatsD instances of several hosts would
each repeat another value of the same gauge. There is one acting scheduler, so one StatsD has the gauges.
"""

from __future__ import annotations

import json

from redis.client import Pipeline
from rq import Worker, get_current_job
from rq.worker import WorkerStatus

from app import clock, queue
from app.artifacts import queries as artifacts
from app.connectors import queries as connectors
from app.controls import service as controls
from app.deployments import queries
from app.deployments.approval import queries as approval
from app.drift import queries as drift
from app.metrics import catalogue as m, emitter, levels
from app.metrics.projection import Measure

_SAMPLE = "eucora:sample"


def collect() -> list[Measure]:
    """The current levels of every package."""
    return [
        *_of_redis(),
        *levels.levels(),
        *connectors.levels(),
        *controls.levels(),
        *queries.levels(),
        *approval.levels(),
        *drift.levels(),
        *artifacts.levels(),
    ]


def sample() -> None:
    """Leave the current levels to the acting scheduler; without one, they are soon obsolete."""
    levels_by_path = {measure.path: measure.value for measure in collect()}
    queue.connection().set(_SAMPLE, json.dumps(levels_by_path, default=float), ex=clock.SAMPLE_SECONDS)


def take(pipeline: Pipeline) -> None:
    """As the last part of the acting scheduler's transaction: take the sample, so that it is sent once."""
    pipeline.getdel(_SAMPLE)


def send(sample: bytes | None) -> None:
    """Send a sample, if there is one, to this process's StatsD."""
    if sample is not None:
        with emitter.batch() as batch:
            batch.gauges.update(json.loads(sample))


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
