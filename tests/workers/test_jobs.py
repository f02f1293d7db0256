"""Every job has its function, its queue and nothing in it but a call."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from rq import Queue
from rq.job import Job as RQJob, JobStatus

from app import queue
from app.queue import JOB_TIMEOUT, RETRIES, Job, QueueName
from tests.support.threads import together
from workers import jobs
from workers.schedule import PERIODIC


def required(job: Job) -> list[inspect.Parameter]:
    """The parameters that a job's function must be given."""
    parameters = inspect.signature(getattr(jobs, job.value)).parameters.values()
    return [parameter for parameter in parameters if parameter.default is inspect.Parameter.empty]


@pytest.mark.parametrize("job", Job)
def test_every_job_has_its_function_under_its_own_name(job: Job) -> None:
    function = getattr(jobs, job.value)
    assert (function.__module__, function.__name__) == ("workers.jobs", job.value)
    assert function.__doc__
    assert all(parameter.annotation == "int" for parameter in required(job))


def test_every_queue_has_work() -> None:
    assert {job.queue for job in Job} == set(QueueName)


def test_the_periodic_jobs_take_no_arguments_and_none_is_forgotten() -> None:
    assert set(PERIODIC) == {job for job in Job if not required(job)}
    assert all(seconds > 0 for seconds in PERIODIC.values())


@pytest.mark.parametrize("job", Job)
def test_rq_finds_and_runs_the_job(database: Flask, job: Job) -> None:
    """With an id that nothing has: every job's first question is whether there is anything to do."""
    queue.enqueue(job, *([4_711] if required(job) else []))
    assert queue.depths() == {name.value: int(job.queue is name) for name in QueueName}
    (found,) = queue.queue(job.queue).get_jobs()
    assert isinstance(found, RQJob)
    assert found.func is getattr(jobs, job.value)
    assert found.timeout == JOB_TIMEOUT
    assert found.retries_left == RETRIES
    assert found.get_retry_interval() == 0  # else it would wait for a scheduler that does not run
    assert found.perform() is None


def taken(name: QueueName) -> RQJob:
    """The job that a worker would take next; it is no longer in the queue."""
    found = Queue.dequeue_any([queue.queue(name)], timeout=None, connection=queue.connection())
    assert found is not None
    return found[0]


def test_a_job_that_still_waits_is_not_enqueued_again(database: Flask) -> None:
    for _ in range(3):
        queue.enqueue(Job.ADVANCE, 1)
    queue.enqueue(Job.ADVANCE, 2)
    queue.enqueue(Job.DELIVER, 1)
    assert queue.depths() == {"control": 2, "bulk": 1, "drift": 0}


def test_a_job_is_enqueued_once_for_as_long_as_it_waits_and_somebody_wants_it(database: Flask) -> None:
    queue.enqueue(Job.ADVANCE, 1)
    (mark,) = queue.connection().keys("eucora:waiting:*")
    assert 0 < queue.connection().ttl(mark) <= queue.MARK_SECONDS
    queue.connection().expire(mark, 5)
    queue.enqueue(Job.ADVANCE, 1)
    assert queue.connection().ttl(mark) > 5
    assert queue.depths()["control"] == 1


@pytest.mark.parametrize("becomes", ["running", "finished", "failed"])
def test_a_job_that_was_taken_is_enqueued_again(database: Flask, becomes: str) -> None:
    """Ids are never fixed: RQ would refuse a wake-up whose id had finished or failed."""
    queue.enqueue(Job.ADVANCE, 1)
    job = taken(QueueName.CONTROL)
    if becomes == "finished":
        job.delete()
    elif becomes == "failed":
        job.set_status(JobStatus.FAILED)
    queue.enqueue(Job.ADVANCE, 1)
    (again,) = queue.queue(QueueName.CONTROL).get_job_ids()
    assert again != job.id


def test_many_who_ask_at_once_get_one_job(database: Flask) -> None:
    together(*[lambda: queue.enqueue(Job.DELIVER, 7)] * 8)
    assert queue.depths()["bulk"] == 1


@pytest.mark.parametrize("job", Job)
def test_a_job_never_expires_in_its_queue(database: Flask, job: Job) -> None:
    queue.enqueue(job, *([4_711] if required(job) else []))
    (job_id,) = queue.queue(job.queue).get_job_ids()
    assert queue.connection().ttl(RQJob.key_for(job_id)) == -1


def test_how_long_the_oldest_job_of_each_queue_has_waited(database: Flask) -> None:
    assert set(queue.waiting_seconds(queue.connection(), datetime.now(UTC)).values()) == {0}
    enqueued = {}
    for number in range(3):
        queue.enqueue(Job.DELIVER, number)
        enqueued[number] = datetime.now(UTC)
    queue.enqueue(Job.REMEDIATE)
    later = enqueued[0] + timedelta(seconds=90)
    waited = queue.waiting_seconds(queue.connection(), later)
    assert waited[QueueName.CONTROL] == 0
    assert 90 <= waited[QueueName.BULK] < 91
    assert 89 < waited[QueueName.DRIFT] <= 90
    expired, *_ = queue.queue(QueueName.BULK).get_job_ids()
    queue.connection().delete(RQJob.key_for(expired))  # as a periodic job that nobody took in time
    assert waited[QueueName.BULK] > queue.waiting_seconds(queue.connection(), later)[QueueName.BULK] > 89


def test_a_clock_that_stepped_back_makes_no_job_younger_than_new(database: Flask) -> None:
    queue.enqueue(Job.DELIVER, 1)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert queue.waiting_seconds(queue.connection(), an_hour_ago)[QueueName.BULK] == 0


def test_every_periodic_job_is_registered_with_the_scheduler(database: Flask) -> None:
    from rq.cron import CronScheduler

    scheduler = CronScheduler(connection=queue.connection())
    for job, seconds in PERIODIC.items():
        registered = scheduler.register(getattr(jobs, job.value), job.queue.value, interval=seconds)
        assert registered.interval == seconds
