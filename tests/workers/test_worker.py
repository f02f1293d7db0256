"""A real worker process: what it tells of its jobs, also of one whose work-horse was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import queue
from app.metrics import catalogue as m
from app.metrics.graphite import Graphite
from app.queue import Job, QueueName

TASKS = "tests.workers.tasks"


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def worker(database: Flask) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on both queues that reaches StatsD by a name, as one in a container does."""
    from rq import Worker

    process = subprocess.Popen(
        [sys.executable, "-m", "workers.worker"], env={**os.environ, "EUCORA_STATSD_HOST": "localhost"}
    )
    try:
        until(lambda: Worker.count(connection=queue.connection()))
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def start(task: str) -> None:
    queue.queue(QueueName.BULK).enqueue_call(func=f"{TASKS}.{task}", timeout=120, result_ttl=0)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ended(job: str, outcome: str) -> str:
    return m.JOB_DURATION.series("count", job=job, outcome=outcome)


def test_how_jobs_end_is_told(worker: subprocess.Popen[bytes]) -> None:
    from app.settings import load_settings

    graphite, began = Graphite(load_settings().graphite_url), int(time.time())

    def seen(wanted: dict[str, float]) -> dict[str, float]:
        return graphite.totals(wanted, began - 1, int(time.time()) + 1)

    start("works_long")
    until(lambda: children(worker.pid))
    (work_horse,) = children(worker.pid)
    time.sleep(0.3)
    os.kill(work_horse, signal.SIGKILL)
    start("goes_wrong")
    start("goes_well")
    queue.enqueue(Job.FORGET_KEYS)

    wanted = {
        ended("works_long", "killed"): 1.0,
        ended("works_long", "ok"): 0.0,
        ended("works_long", "error"): 0.0,
        ended("goes_wrong", "error"): 1.0,
        ended("goes_wrong", "ok"): 0.0,
        ended("goes_well", "ok"): 1.0,
        ended("goes_well", "error"): 0.0,
        ended("forget_keys", "ok"): 1.0,
    }
    until(lambda: queue.depths() == {"control": 0, "bulk": 0})
    end = time.monotonic() + 8
    while seen(wanted) != wanted and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(1.1)
    assert seen(wanted) == wanted
    lasted = m.JOB_DURATION.series("upper", job="works_long", outcome="killed")
    assert 200 < seen({lasted: 0.0})[lasted] < 20_000  # milliseconds
    waits = m.JOB_WAIT.series("count", queue="bulk")
    assert seen({waits: 2.0})[waits] >= 2
    assert worker.poll() is None


def test_a_worker_is_counted_and_stops_when_asked(worker: subprocess.Popen[bytes]) -> None:
    from app.settings import load_settings
    from workers import gauges

    graphite, began = Graphite(load_settings().graphite_url), int(time.time())
    gauges.sample()

    def alive() -> float | None:
        found = graphite.render([m.WORKERS_ALIVE.series("")], began, int(time.time()) + 1)
        points = [value for series in found for value, _ in series.points if value is not None]
        return points[-1] if points else None

    until(lambda: alive() == 1.0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
