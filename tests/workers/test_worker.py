"""A real worker process: what it records of its jobs, also of one whose work-horse was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from rq import Retry, Worker

from app import queue
from app.doctor import services
from app.doctor.check import CheckContext, CheckState
from app.metrics import catalogue as m
from app.metrics.reading.graphite import Graphite
from app.queue import RETRIES, Job, QueueName
from app.settings import load_settings
from tests.support.gauges import sample_and_send
from tests.support.graphite import Seen
from tests.support.waiting import PATIENCE, eventually
from tests.workers.tasks import AT_LEAST
from workers.worker import IDLE_SECONDS, YIELDS, ControlPlaneWorker

TASKS = "tests.workers.tasks"


@pytest.fixture
def worker(database: Flask) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on all queues that reaches StatsD by a name, as one in a container does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.worker"], env={**os.environ, "EUCORA_STATSD_HOST": "localhost"}
    )
    try:
        eventually(lambda: Worker.count(connection=queue.connection()), "the worker is not registered")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def start(task: str, timeout: int = 120, retry: Retry | None = None) -> None:
    queue.queue(QueueName.BULK).enqueue_call(func=f"{TASKS}.{task}", timeout=timeout, result_ttl=0, retry=retry)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ended(job: str, outcome: str) -> str:
    return m.JOB_DURATION.series("count", job=job, outcome=outcome)


def retried(job: str) -> str:
    return m.JOB_RETRIES.series("count", job=job)


def test_how_jobs_end_is_recorded(worker: subprocess.Popen[bytes], seen: Seen) -> None:
    start("works_long")
    (work_horse,) = eventually(lambda: children(worker.pid))
    eventually(lambda: queue.connection().exists("tests:at_work"))
    os.kill(work_horse, signal.SIGKILL)
    start("runs_too_long", timeout=1)
    start("hides_its_time_out", timeout=1)
    start("goes_wrong")
    start("goes_well")
    queue.enqueue(Job.RETAIN)
    once = [
        ("works_long", "killed"),
        ("runs_too_long", "timeout"),
        ("hides_its_time_out", "timeout"),
        ("goes_wrong", "error"),
        ("goes_well", "ok"),
        ("retain", "ok"),
    ]
    wanted = {
        ended(job, outcome): float((job, outcome) in once)
        for job, _ in once
        for outcome in m.JOB_DURATION.labels["outcome"]
    } | {retried(job): 0.0 for job, _ in once}
    eventually(lambda: not any(queue.depths().values()))
    assert seen.finally_(wanted) == wanted
    lasted = m.JOB_DURATION.series("upper", job="works_long", outcome="killed")
    assert 1_000 * AT_LEAST <= seen.totals(lasted)[lasted] < 1_000 * PATIENCE  # milliseconds
    waits = m.JOB_WAIT.series("count", queue="bulk")
    assert seen.totals(waits)[waits] >= 4  # one that is killed takes what it measured along
    assert worker.poll() is None


def test_a_job_that_fails_goes_back_to_its_queue_twice_and_is_counted(
    worker: subprocess.Popen[bytes], seen: Seen
) -> None:
    for task in ("goes_wrong_each_time", "goes_well_the_second_time", "is_killed_each_time"):
        start(task, retry=Retry(max=RETRIES))
    wanted = {
        ended("goes_wrong_each_time", "error"): 3.0,
        retried("goes_wrong_each_time"): 2.0,
        ended("goes_well_the_second_time", "error"): 1.0,
        ended("goes_well_the_second_time", "ok"): 1.0,
        retried("goes_well_the_second_time"): 1.0,
        ended("is_killed_each_time", "killed"): 3.0,
        retried("is_killed_each_time"): 2.0,
    }
    assert seen.finally_(wanted) == wanted


def test_work_on_drift_yields_to_all_other_work(worker: subprocess.Popen[bytes]) -> None:
    for name in (QueueName.DRIFT, QueueName.BULK):
        queue.queue(name).enqueue_call(func=f"{TASKS}.says_how_nice_it_is", result_ttl=0)
    eventually(lambda: queue.connection().llen("tests:niceness") == 2)
    usual = os.nice(0)
    found = sorted(int(one) for one in queue.connection().lrange("tests:niceness", 0, -1))
    assert found == [usual, min(usual + YIELDS, 19)]


def test_a_worker_that_is_asked_to_stop_ends_its_job_and_leaves_the_others(worker: subprocess.Popen[bytes]) -> None:
    start("works_until_told")
    start("goes_well")
    eventually(lambda: queue.connection().llen("tests:told_at_work"))
    worker.send_signal(signal.SIGTERM)
    queue.connection().rpush("tests:go_on", 1)
    assert worker.wait(PATIENCE) == 0
    assert queue.connection().llen("tests:done") == 1
    assert queue.queue(QueueName.BULK).count == 1


def test_a_worker_is_counted_and_stops_when_asked(worker: subprocess.Popen[bytes]) -> None:
    graphite, began = Graphite(load_settings().graphite_url), int(time.time())
    sample_and_send()

    def alive() -> float | None:
        found = graphite.render([m.WORKERS_ALIVE.series("")], began, int(time.time()) + 1)
        points = [value for series in found for value, _ in series.points if value is not None]
        return points[-1] if points else None

    eventually(lambda: alive() == 1.0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0


def looks_well() -> bool:
    """What `flask doctor` says about the workers."""
    return services.workers(CheckContext(load_settings(), 1.0)).state is CheckState.OK


def test_a_worker_registers_again_after_redis_lost_everything(worker: subprocess.Popen[bytes]) -> None:
    assert looks_well()

    def is_lost() -> bool:
        queue.connection().flushall()
        return not looks_well()

    eventually(is_lost)  # a worker that has just started sends one more heartbeat
    start("goes_well")  # the next heartbeat comes with the next job, or when the worker has waited long enough for one
    eventually(looks_well)
    assert len(Worker.all(connection=queue.connection())) == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert Worker.all(connection=queue.connection()) == []


def test_a_heartbeat_registers_a_worker_that_redis_has_forgotten(database: Flask) -> None:
    idle = ControlPlaneWorker([queue.queue(name) for name in QueueName], queue.connection())
    idle.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
    queue.connection().flushall()
    idle.heartbeat()
    (found,) = Worker.all(connection=queue.connection())
    assert found.queue_names() == list(QueueName)
    assert found.pid == os.getpid()
    assert 0 < queue.connection().ttl(idle.key) <= queue.WORKER_SILENCE.total_seconds()
    assert idle.dequeue_timeout == IDLE_SECONDS
