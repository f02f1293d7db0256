"""Access to RQ, and the only list of jobs. Functions are named by dotted paths, so `app` never imports `workers`.

Job ids are never fixed: RQ's `unique` would block the id of a finished job while its result is kept, and the id of a
failed job for a year. Instead, a mark in Redis names the last job with the same function and arguments, and no second
one is enqueued while that one is still in its queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.client import Pipeline
from redis.exceptions import BusyLoadingError, RedisError, WatchError
from redis.retry import Retry
from rq import Queue, Retry as JobRetry, Worker
from rq.job import Job as RQJob
from rq.utils import as_text, utcparse

from app.clock import SAMPLE_SECONDS
from app.settings import load_settings

log = structlog.get_logger()


class QueueName(StrEnum):
    """The queues, in the order in which a worker of all of them takes jobs.

    `control` is for decisions and stays short; `bulk` is for a rollout's work on devices; `drift` is for finding and
    remediating drift and for deleting old rows, which can always wait.
    """

    CONTROL = "control"
    BULK = "bulk"
    DRIFT = "drift"


BEHIND: Mapping[QueueName, int] = {QueueName.CONTROL: 60, QueueName.BULK: 60, QueueName.DRIFT: 1_800}
"""A queue is behind if its oldest job has waited for more than so many seconds."""
WORKER_SILENCE = timedelta(seconds=120)
"""A worker sends a heartbeat every 30 s, idle or busy; see `workers/worker.py`."""
ROLLOUTS = (QueueName.CONTROL, QueueName.BULK)
"""The queues that carry the work of rollouts and rollbacks."""


class Job(StrEnum):
    """Every job, declared only here: its name, its queue, the path of its function, and its period in seconds.

    The function is named by its path because this module imports none of them. The scheduler starts each job that has
    a period; the function of such a job takes no arguments.
    """

    queue: QueueName
    does: str
    every: int | None

    def __new__(cls, name: str, queue: QueueName, does: str, every: int | None = None) -> Job:
        """The job's value is its name."""
        job = str.__new__(cls, name)
        job._value_ = name
        job.queue, job.does, job.every = queue, does, every
        return job

    SWEEP = "sweep", QueueName.CONTROL, "app.deployments.progress.sweep", 2
    ADVANCE = "advance", QueueName.CONTROL, "app.deployments.progress.advance"
    PLAN = "plan", QueueName.BULK, "app.deployments.progress.plan"
    SETTLE = "settle", QueueName.BULK, "app.deployments.progress.settle"
    DELIVER = "deliver", QueueName.BULK, "app.deployments.dispatch.deliver"
    COLLECT = "collect", QueueName.BULK, "app.deployments.dispatch.collect"
    GIVE_UP = "give_up", QueueName.BULK, "app.deployments.silence.give_up", 10
    JOIN = "join", QueueName.BULK, "app.deployments.membership.join_all", 10
    FOLLOW_UP = "follow_up", QueueName.BULK, "app.deployments.follow_up.follow_up_all", 10
    RECOUNT_LEFT_BEHIND = "recount_left_behind", QueueName.BULK, "app.deployments.left_behind.recount_all", 300
    ANALYSE = "analyse", QueueName.BULK, "app.deployments.analysis.service.run"
    ANALYSE_DUE = "analyse_due", QueueName.BULK, "app.deployments.analysis.service.due", 10
    CONFIRM_GLASS = "confirm_glass", QueueName.CONTROL, "app.deployments.approval.break_glass.pause_unconfirmed", 60
    RECONCILE = "reconcile", QueueName.DRIFT, "app.drift.service.reconcile", 300
    COMPARE = "compare", QueueName.DRIFT, "app.drift.service.compare"
    REMEDIATE = "remediate", QueueName.DRIFT, "app.drift.remediation.remediate", 60
    DELIVER_REMEDIATION = "deliver_remediation", QueueName.DRIFT, "app.deployments.dispatch.deliver"
    SAMPLE_GAUGES = "sample_gauges", QueueName.CONTROL, "workers.gauges.sample", SAMPLE_SECONDS
    RETAIN = "retain", QueueName.DRIFT, "app.retention.service.run", 3_600
    NOTE_TOKEN_USE = "note_token_use", QueueName.BULK, "app.identity.usage.write", 60
    WRITE_HEAD = "write_head", QueueName.CONTROL, "app.audit.heads.write", 3_600
    ANNOTATE = "annotate", QueueName.BULK, "app.metrics.following.annotations.follow", 5
    COUNT_TOTALS = "count_totals", QueueName.BULK, "app.metrics.following.totals.count", 30


JOB_TIMEOUT = 300
MARK_SECONDS = 600
"""How long the mark of a job that waits is kept after somebody last wanted the job; the sweep wants it all the time."""
RESULT_TTL = 0
FAILURE_TTL = 24 * 3600
RETRIES = 2
"""Immediate retries of a failed job: every job may run twice, and to delay retries RQ would need its own scheduler."""

_connection: Redis | None = None
T = TypeVar("T")


class PatientRetry(Retry):
    """Retries as often as it is told, but while Redis loads its data, which it says itself, until that is over.

    A command that was answered so was not executed, so repeating it is safe. RQ's worker ends on this answer.
    """

    def call_with_retry(self, do: Callable[[], T], *rest: Any, **options: Any) -> T:
        """As in the base class, which waits between attempts and drops the connection after each."""
        while True:
            try:
                return super().call_with_retry(do, *rest, **options)
            except BusyLoadingError:
                log.warning("redis is loading its data")


def patient_connection(timeout: float | None = None) -> Redis:
    """A new Redis client for a process that can do nothing without Redis: a worker or the scheduler.

    With a `timeout` in seconds, a connection over which nothing arrives for so long is given up.
    """
    return Redis.from_url(
        load_settings().redis_url.get_secret_value(),
        retry=PatientRetry(ExponentialWithJitterBackoff(base=0.5, cap=2), retries=5),
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
    )


def connection() -> Redis:
    """This process's Redis client, created on first use and again after `forget_connection()`."""
    global _connection
    if _connection is None:
        # If Redis is down, a request must not wait: one attempt, half a second, no backoff.
        _connection = Redis.from_url(
            load_settings().redis_url.get_secret_value(),
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
        )
    return _connection


def forget_connection() -> None:
    """Drop the client that a forked process inherited."""
    global _connection
    _connection = None


def queue(name: QueueName) -> Queue:
    """The RQ queue with this name."""
    return Queue(name, connection=connection())


def enqueue(job: Job, *args: int) -> None:
    """Enqueue `job`, unless the same job still waits: it has not begun, so it will see every change made so far.

    A job never expires in its queue. Raises `redis.RedisError` if Redis does not respond.
    """
    target, mark = queue(job.queue), f"eucora:waiting:{':'.join((job, *map(str, args)))}"
    with connection().pipeline() as pipeline:
        while True:
            try:
                pipeline.watch(mark)  # type: ignore[no-untyped-call]  # redis leaves it without types
                if _waits(pipeline, target, mark):
                    pipeline.expire(mark, MARK_SECONDS)
                    return
                _push(pipeline, target, mark, job, args)
                return
            except WatchError:
                continue  # another process has just enqueued the same job


def _waits(pipeline: Pipeline, target: Queue, mark: str) -> bool:
    """Whether the job that the mark names is still in the queue. A worker that has taken it out may have died."""
    last = pipeline.get(mark)
    return last is not None and pipeline.lpos(target.key, as_text(last)) is not None


def _push(pipeline: Pipeline, target: Queue, mark: str, job: Job, args: tuple[int, ...]) -> None:
    """Enqueue the job and mark it, in one transaction."""
    job_id = str(uuid4())
    pipeline.multi()
    pipeline.set(mark, job_id, ex=MARK_SECONDS)
    target.enqueue_call(
        func=f"workers.jobs.{job}",
        args=args,
        timeout=JOB_TIMEOUT,
        result_ttl=RESULT_TTL,
        failure_ttl=FAILURE_TTL,
        retry=JobRetry(max=RETRIES),
        job_id=job_id,
        pipeline=pipeline,
    )
    pipeline.execute()


def depths() -> dict[str, int]:
    """Jobs waiting in each queue."""
    return {name.value: queue(name).count for name in QueueName}


def behind(waits: Mapping[QueueName, float]) -> dict[QueueName, float]:
    """Those of the queues that are behind, and how many seconds the oldest job of each has waited."""
    return {name: seconds for name, seconds in waits.items() if seconds > BEHIND[name]}


def rollouts_behind(now: datetime) -> dict[QueueName, float]:
    """The same for the queues that rollouts need; empty if Redis does not respond."""
    try:
        return behind(waiting_seconds(connection(), now, ROLLOUTS))
    except RedisError:
        return {}


def waiting_seconds(redis: Redis, now: datetime, names: Iterable[QueueName] = QueueName) -> dict[QueueName, float]:
    """For each queue, how many seconds its oldest job has waited; 0 for an empty queue."""
    since = {name: _waiting_since(redis, Queue(name, connection=redis).key) for name in names}
    return {name: max((now - at).total_seconds(), 0.0) if at else 0.0 for name, at in since.items()}


def served(redis: Redis, now: datetime) -> dict[QueueName, int]:
    """How many workers with a recent heartbeat serve each queue."""
    heartbeats = [(worker.queue_names(), worker.last_heartbeat) for worker in Worker.all(connection=redis)]
    # One from the future was sent before the clock was set back, and is no sign of life either.
    alive = [queues for queues, heartbeat in heartbeats if heartbeat and abs(now - heartbeat) < WORKER_SILENCE]
    return {name: sum(name in queues for queues in alive) for name in QueueName}


def _waiting_since(redis: Redis, key: str, chunk: int = 100) -> datetime | None:
    """When the oldest job was enqueued; None if none waits. A periodic job that expired leaves its id behind."""
    start = 0
    while ids := redis.lrange(key, start, start + chunk - 1):
        with redis.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                pipeline.hget(RQJob.key_for(as_text(job_id)), "enqueued_at")
            times = [utcparse(as_text(at)) for at in pipeline.execute() if at]
        if times:
            return min(times)
        start += chunk
    return None
