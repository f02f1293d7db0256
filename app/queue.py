"""Access to RQ, and the only list of jobs. Functions are named by dotted paths, so `app` never imports `workers`.

Job ids are never fixed: RQ's `unique` would block the id of a finished job while its result is kept, and the id of a
failed job for a year.
"""

from __future__ import annotations

from enum import StrEnum

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Retry as JobRetry

from app.clock import SAMPLE_SECONDS
from app.settings import load_settings


class QueueName(StrEnum):
    """`control` is for decisions and stays short; `bulk` is for work on devices."""

    CONTROL = "control"
    BULK = "bulk"


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
    ANALYSE = "analyse", QueueName.BULK, "app.deployments.analysis.service.run"
    ANALYSE_DUE = "analyse_due", QueueName.BULK, "app.deployments.analysis.service.due", 10
    CONFIRM_GLASS = "confirm_glass", QueueName.CONTROL, "app.deployments.approval.break_glass.pause_unconfirmed", 60
    RECONCILE = "reconcile", QueueName.BULK, "app.drift.service.reconcile", 300
    COMPARE = "compare", QueueName.BULK, "app.drift.service.compare"
    REMEDIATE = "remediate", QueueName.BULK, "app.drift.remediation.remediate", 60
    SAMPLE_GAUGES = "sample_gauges", QueueName.CONTROL, "workers.gauges.sample", SAMPLE_SECONDS
    FORGET_KEYS = "forget_keys", QueueName.CONTROL, "app.http.idempotency.forget_old_keys", 3_600
    WRITE_HEAD = "write_head", QueueName.CONTROL, "app.audit.heads.write", 3_600
    ANNOTATE = "annotate", QueueName.BULK, "app.metrics.following.annotations.follow", 5
    COUNT_TOTALS = "count_totals", QueueName.BULK, "app.metrics.following.totals.count", 30


# A job is only a hint: the sweep enqueues lost work again, so no job needs to be kept longer than the work takes.
JOB_TIMEOUT = 300
JOB_TTL = 60
RESULT_TTL = 0
FAILURE_TTL = 24 * 3600
RETRIES = 2
"""Immediate retries of a failed job: every job may run twice, and to delay retries RQ would need its own scheduler."""

_connection: Redis | None = None


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
    """Enqueue `job`. Raises `redis.RedisError` if Redis does not respond."""
    queue(job.queue).enqueue_call(
        func=f"workers.jobs.{job}",
        args=args,
        timeout=JOB_TIMEOUT,
        ttl=JOB_TTL,
        result_ttl=RESULT_TTL,
        failure_ttl=FAILURE_TTL,
        retry=JobRetry(max=RETRIES),
    )


def depths() -> dict[str, int]:
    """Jobs waiting in each queue."""
    return {name.value: queue(name).count for name in QueueName}
