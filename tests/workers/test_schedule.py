"""The scheduler's periods, whatever becomes of the machine's own clock and of Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from rq.cron import CronScheduler
from rq.utils import now

from app import queue
from app.queue import Job
from tests.support.clock import Clock
from workers.schedule import PERIODIC, SteadyScheduler, register_all


@pytest.fixture
def elapsed() -> Clock:
    """The clock that nobody sets; the test moves it."""
    return Clock()


@pytest.fixture
def scheduler(database: Flask, elapsed: Clock) -> SteadyScheduler:
    """A scheduler with every periodic job, after its first round."""
    made = SteadyScheduler(queue.connection(), lambda: elapsed.time.timestamp())
    register_all(made)
    made.register_birth()
    assert len(made.enqueue_jobs()) == len(PERIODIC)
    return made


def names(scheduler: SteadyScheduler) -> list[str]:
    return [job.name.rsplit(".", 1)[-1] for job in scheduler.enqueue_jobs()]


def test_each_job_is_enqueued_once_in_its_period(scheduler: SteadyScheduler, elapsed: Clock) -> None:
    seen: list[str] = []
    for _ in range(60):
        assert scheduler.calculate_sleep_interval() <= min(PERIODIC.values())
        elapsed.advance(1)
        seen += names(scheduler)
    assert {job: seen.count(job.value) for job in PERIODIC} == {job: 60 // every for job, every in PERIODIC.items()}


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)])
def test_jobs_go_on_after_the_clock_was_set(scheduler: SteadyScheduler, elapsed: Clock, step: timedelta) -> None:
    """What RQ stored of each run lies an hour ahead or behind; nothing comes late or twice."""
    for job in scheduler.get_jobs():
        job.set_enqueue_time(now() - step)
    assert scheduler.enqueue_jobs() == []
    elapsed.advance(PERIODIC[Job.SWEEP])
    assert names(scheduler) == [Job.SWEEP.value]
    elapsed.advance(max(PERIODIC.values()))
    assert len(names(scheduler)) == len(PERIODIC)
    assert 0 < scheduler.calculate_sleep_interval() <= PERIODIC[Job.SWEEP]


def test_it_registers_again_after_redis_lost_everything(scheduler: SteadyScheduler, elapsed: Clock) -> None:
    redis: Redis = queue.connection()
    redis.flushall()
    scheduler.heartbeat()
    (found,) = CronScheduler.all(redis)
    assert found.name == scheduler.name
    elapsed.advance(PERIODIC[Job.SWEEP])
    assert names(scheduler) == [Job.SWEEP.value]
    assert queue.queue(Job.SWEEP.queue).count == 1
