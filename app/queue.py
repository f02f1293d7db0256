"""The door to RQ: a job's name becomes a queue and a dotted path, so that `app` never imports `workers`.

Job ids are never fixed: RQ's `unique` blocks a finished id for its result's life and a failed one for a year.
"""

from __future__ import annotations

from enum import StrEnum

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Retry as JobRetry

from app.settings import load_settings


class QueueName(StrEnum):
    """`control` decides and stays short; `bulk` touches devices."""

    CONTROL = "control"
    BULK = "bulk"


class Job(StrEnum):
    """Every job by name; its function has the same name in `workers/jobs.py`."""

    SWEEP = "sweep"
    ADVANCE = "advance"
    PLAN = "plan"
    SETTLE = "settle"
    DELIVER = "deliver"
    COLLECT = "collect"
    GIVE_UP = "give_up"
    JOIN = "join"
    ANALYSE = "analyse"
    ANALYSE_DUE = "analyse_due"
    RECONCILE = "reconcile"
    COMPARE = "compare"
    REMEDIATE = "remediate"
    SAMPLE_GAUGES = "sample_gauges"
    FORGET_KEYS = "forget_keys"
    WRITE_HEAD = "write_head"
    CONFIRM_GLASS = "confirm_glass"
    ANNOTATE = "annotate"
    COUNT_TOTALS = "count_totals"


QUEUE_OF: dict[Job, QueueName] = {
    Job.SWEEP: QueueName.CONTROL,
    Job.ADVANCE: QueueName.CONTROL,
    Job.PLAN: QueueName.BULK,
    Job.SETTLE: QueueName.BULK,
    Job.DELIVER: QueueName.BULK,
    Job.COLLECT: QueueName.BULK,
    Job.GIVE_UP: QueueName.BULK,
    Job.JOIN: QueueName.BULK,
    Job.ANALYSE: QueueName.BULK,
    Job.ANALYSE_DUE: QueueName.BULK,
    Job.RECONCILE: QueueName.BULK,
    Job.COMPARE: QueueName.BULK,
    Job.REMEDIATE: QueueName.BULK,
    Job.SAMPLE_GAUGES: QueueName.CONTROL,
    Job.FORGET_KEYS: QueueName.CONTROL,
    Job.WRITE_HEAD: QueueName.CONTROL,
    Job.CONFIRM_GLASS: QueueName.CONTROL,
    Job.ANNOTATE: QueueName.BULK,
    Job.COUNT_TOTALS: QueueName.BULK,
}
# A job is a hint: the sweep repeats whatever is lost, so nothing of it needs to outlive the work.
JOB_TIMEOUT = 300
JOB_TTL = 60
RESULT_TTL = 0
FAILURE_TTL = 24 * 3600
RETRIES = 2
"""Further tries of a job that failed, at once: every job may be run twice, and RQ would need a scheduler to wait."""

_connection: Redis | None = None


def connection() -> Redis:
    """This process's Redis client; made on first use and again after `forget_connection()`."""
    global _connection
    if _connection is None:
        # A dead Redis must cost a request no time: one try, half a second, no backoff.
        _connection = Redis.from_url(
            load_settings().redis_url.get_secret_value(),
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
        )
    return _connection


def forget_connection() -> None:
    """Drop the client that was inherited through a fork."""
    global _connection
    _connection = None


def queue(name: QueueName) -> Queue:
    """The RQ queue of that name."""
    return Queue(name, connection=connection())


def enqueue(job: Job, *args: int) -> None:
    """Ask for `job` to run soon. Raises `redis.RedisError` if Redis does not answer."""
    queue(QUEUE_OF[job]).enqueue_call(
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
