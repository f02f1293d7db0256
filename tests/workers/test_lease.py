"""Of several schedulers one acts. Another takes over when it is gone, and one that was paused has lost its turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.job import Job as RQJob
from rq.utils import as_text

from app import queue, scheduling
from app.queue import Job, QueueName
from app.scheduling import BEAT_SECONDS, LEASE_SECONDS, Schedulers, schedulers
from tests.support.clock import Clock
from tests.support.waiting import PATIENCE, eventually
from workers.schedule import PERIODIC, SteadyScheduler, register_all

ACTING, STARTED = "eucora:scheduler:acting", "eucora:scheduler:started:workers.jobs."


@pytest.fixture
def redis(database: Flask) -> Redis:
    return queue.connection()


@pytest.fixture
def elapsed() -> Clock:
    """The clock that nobody sets; the test moves it."""
    return Clock()


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that does not end while a busy machine pauses the test."""
    monkeypatch.setattr(scheduling, "LEASE_SECONDS", 600.0)


@pytest.fixture
def two(redis: Redis, lasting: None, elapsed: Clock) -> tuple[SteadyScheduler, SteadyScheduler]:
    """Two schedulers with every periodic job."""
    made = [SteadyScheduler(redis, lambda: elapsed.time.timestamp()) for _ in range(2)]
    for scheduler in made:
        register_all(scheduler)
    return made[0], made[1]


def names(scheduler: SteadyScheduler) -> set[str]:
    return {job.name.rsplit(".", 1)[-1] for job in scheduler.enqueue_jobs()}


def test_a_take_over_is_no_longer_than_the_shortest_period() -> None:
    assert min(PERIODIC.values()) >= LEASE_SECONDS + BEAT_SECONDS


def test_one_of_two_enqueues(two: tuple[SteadyScheduler, SteadyScheduler], elapsed: Clock, redis: Redis) -> None:
    first, second = two
    for _ in range(5):
        assert names(first)
        assert names(second) == set()
        assert 0 < second.calculate_sleep_interval() <= BEAT_SECONDS
        elapsed.advance(PERIODIC[Job.SWEEP])
    assert schedulers(redis) == Schedulers(first.name, (second.name,))


def test_who_takes_over_goes_on_with_the_periods(
    two: tuple[SteadyScheduler, SteadyScheduler], elapsed: Clock, redis: Redis
) -> None:
    """Only a job whose period is over runs; without the noted periods, all of them would run again."""
    first, second = two
    assert len(names(first)) == len(PERIODIC)
    scheduling.release(redis, first.name)
    redis.delete(STARTED + Job.JOIN)
    assert names(second) - {Job.SWEEP.value} == {Job.JOIN.value}
    assert names(first) == set()
    elapsed.advance(PERIODIC[Job.JOIN])
    found = names(second)
    assert {Job.SWEEP, Job.JOIN, Job.GIVE_UP} <= found
    assert not found & {Job.RECONCILE, Job.RETAIN, Job.WRITE_HEAD}


def test_one_that_loses_the_lease_in_its_turn_enqueues_nothing(redis: Redis, lasting: None) -> None:
    """As if it had been paused after it read its lease, and another one had acted meanwhile."""
    other = SteadyScheduler(redis)
    register_all(other)

    def paused() -> float:
        if paused_here:
            scheduling.release(redis, paused_here.pop().name)
            assert len(other.enqueue_jobs()) == len(PERIODIC)
        return 0.0

    scheduler = SteadyScheduler(redis, paused)
    register_all(scheduler)
    paused_here = [scheduler]
    assert scheduler.enqueue_jobs() == []
    assert sum(queue.depths().values()) == len(PERIODIC)
    assert schedulers(redis).acting == other.name
    assert scheduler.enqueue_jobs() == []


def test_one_that_acts_again_knows_what_was_started_meanwhile(
    two: tuple[SteadyScheduler, SteadyScheduler], redis: Redis
) -> None:
    first, second = two
    first.enqueue_jobs()
    scheduling.release(redis, first.name)
    second.enqueue_jobs()
    scheduling.release(redis, second.name)
    assert names(first) <= {Job.SWEEP.value}


def test_a_lease_that_outlives_its_time_is_cut(redis: Redis) -> None:
    """The clock of Redis' host was set back by an hour, and who had the lease is gone."""
    scheduler = SteadyScheduler(redis)
    register_all(scheduler)
    redis.set(ACTING, "gone", ex=3_600)
    assert scheduler.enqueue_jobs() == []
    assert 0 < redis.pttl(ACTING) <= LEASE_SECONDS * 1_000
    eventually(scheduler.enqueue_jobs)


# Processes


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(redis: Redis) -> Iterator[Start]:
    """Start a scheduler."""
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "workers.schedule"], env=os.environ))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(PATIENCE)


def acting(redis: Redis) -> int:
    """The process that acts, 0 if none does."""
    found = schedulers(redis).acting
    return int(found.split(":")[1]) if found else 0


def enqueued(redis: Redis) -> Counter[str]:
    """How often each job is in its queue. Nobody takes jobs out, and their data outlives the test or counts as old."""
    found: Counter[str] = Counter()
    for name in QueueName:
        for job_id in redis.lrange(Queue(name, connection=redis).key, 0, -1):
            described = redis.hget(RQJob.key_for(as_text(job_id)), "description")
            found[as_text(described).split("(")[0].rsplit(".", 1)[-1] if described else "expired"] += 1
    return found


SLOW = [job.value for job, seconds in PERIODIC.items() if seconds >= 300]
"""Jobs that no test waits for."""


def test_another_takes_over_from_one_that_is_killed_paused_or_stopped(redis: Redis, start: Start) -> None:
    first = start()
    eventually(lambda: acting(redis) == first.pid)
    second = start()
    eventually(lambda: len(schedulers(redis).standing_by) == 1)

    first.kill()
    eventually(lambda: acting(redis) == second.pid)
    third = start()
    eventually(lambda: len(schedulers(redis).standing_by) == 1)

    second.send_signal(signal.SIGSTOP)
    eventually(lambda: acting(redis) == third.pid)
    second.send_signal(signal.SIGCONT)
    eventually(lambda: len(schedulers(redis).standing_by) == 1)
    assert acting(redis) == third.pid

    third.send_signal(signal.SIGTERM)
    assert third.wait(PATIENCE) == 0
    assert acting(redis) in (0, second.pid)  # it left its lease, which would else have lasted
    eventually(lambda: acting(redis) == second.pid)
    counted = enqueued(redis)
    assert {job: counted[job] for job in SLOW} == dict.fromkeys(SLOW, 1)
