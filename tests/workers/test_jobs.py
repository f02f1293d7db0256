"""Every job has its function, its queue and nothing in it but a call."""

from __future__ import annotations

import inspect

import pytest
from flask import Flask
from rq.job import Job as RQJob

from app import queue
from app.queue import JOB_TIMEOUT, RETRIES, Job, QueueName
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


def test_both_queues_have_work() -> None:
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


def test_the_same_job_twice_is_two_jobs(database: Flask) -> None:
    """Ids are never fixed: RQ would refuse a wake-up whose id had finished or failed."""
    queue.enqueue(Job.ADVANCE, 1)
    queue.enqueue(Job.ADVANCE, 1)
    assert len(set(queue.queue(QueueName.CONTROL).get_job_ids())) == 2


def test_every_periodic_job_is_registered_with_the_scheduler(database: Flask) -> None:
    from rq.cron import CronScheduler

    scheduler = CronScheduler(connection=queue.connection())
    for job, seconds in PERIODIC.items():
        registered = scheduler.register(getattr(jobs, job.value), job.queue.value, interval=seconds)
        assert registered.interval == seconds
