"""Every job has its function, its queue and nothing in it but a call."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from flask import Flask
from rq.job import Job as RQJob

from app import queue
from app.queue import JOB_TIMEOUT, QUEUE_OF, RETRIES, Job, QueueName
from workers import jobs
from workers.schedule import PERIODIC

FUNCTIONS = [node for node in ast.parse(Path("workers/jobs.py").read_text()).body if isinstance(node, ast.FunctionDef)]


def test_every_job_has_its_function_and_its_queue_and_no_function_is_without_a_job() -> None:
    names = {job.value for job in Job}
    assert {node.name for node in FUNCTIONS} == names
    assert set(QUEUE_OF) == set(Job)
    assert set(QUEUE_OF.values()) == set(QueueName)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda node: node.name)
def test_a_job_is_an_id_in_and_a_call_out(function: ast.FunctionDef) -> None:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    assert 1 <= len(body) <= 3
    assert all(isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) for statement in body)
    assert all(ast.unparse(it.annotation or ast.Constant(None)) == "int" for it in function.args.args)
    assert ast.get_docstring(function)


def test_the_periodic_jobs_take_no_arguments_and_none_is_forgotten() -> None:
    alone = {job for job in Job if not inspect.signature(getattr(jobs, job.value)).parameters}
    assert set(PERIODIC) == alone
    assert all(seconds > 0 for seconds in PERIODIC.values())


@pytest.mark.parametrize("job", Job)
def test_rq_finds_and_runs_the_job(database: Flask, job: Job) -> None:
    """With an id that nothing has: every job's first question is whether there is anything to do."""
    takes_id = bool(inspect.signature(getattr(jobs, job.value)).parameters)
    queue.enqueue(job, *([4_711] if takes_id else []))
    assert queue.depths() == {name.value: int(QUEUE_OF[job] is name) for name in QueueName}
    (found,) = queue.queue(QUEUE_OF[job]).get_jobs()
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
        registered = scheduler.register(getattr(jobs, job.value), QUEUE_OF[job].value, interval=seconds)
        assert registered.interval == seconds
