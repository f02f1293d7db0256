"""Redis starts again with much to load: workers and the scheduler wait for it, as for one that is down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.cron import CronScheduler

from app.queue import QueueName
from ops.local.stack import Stack
from tests.support.waiting import PATIENCE, eventually

KEYS = 6_000
LOAD_DELAY = "1000"
"""Microseconds that Redis waits after each key it loads."""


class SlowRedis:
    """A Redis with an append-only file, which takes seconds to load it."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._folder = program, folder
        self.socket = folder / "redis.sock"
        self.client = Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0))

    def start(self, delay: str = "0") -> str:
        """Start and return the first state. While it loads, Redis answers only after every thousandth key."""
        options = {"port": "0", "unixsocket": self.socket, "dir": self._folder, "appendonly": "yes", "save": ""}
        flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._process = subprocess.Popen([self._program, *flags, "--key-load-delay", delay], stdout=subprocess.DEVNULL)
        return eventually(self.state, "Redis does not answer")

    def state(self) -> str:
        """`ready`, `loading`, or nothing if it does not answer."""
        try:
            self.client.ping()
        except BusyLoadingError:
            return "loading"
        except RedisError:
            return ""
        return "ready"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)


@pytest.fixture
def redis(stack: Stack) -> Iterator[SlowRedis]:
    with tempfile.TemporaryDirectory(prefix="eucora-") as folder:
        running = SlowRedis(stack.layout.home / "bin" / "redis-server", Path(folder))
        running.start()
        yield running
        running.kill()


@contextmanager
def working(redis: SlowRedis) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A worker on all queues and a scheduler."""
    environment = {**os.environ, "EUCORA_REDIS_URL": f"unix://{redis.socket}"}
    modules = ("workers.worker", "workers.schedule")
    started = [subprocess.Popen([sys.executable, "-m", module], env=environment) for module in modules]
    try:
        yield started
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def are_registered(redis: SlowRedis) -> bool:
    return redis.state() == "ready" and bool(Worker.all(redis.client) and CronScheduler.all(redis.client))


def test_workers_and_the_scheduler_wait_until_redis_has_loaded(app: Flask, redis: SlowRedis) -> None:
    """Those that run when Redis starts again, and those that start while it loads."""
    with redis.client.pipeline(transaction=False) as pipeline:
        for number in range(KEYS):
            pipeline.set(f"ballast:{number}", number)
        pipeline.execute()
    with working(redis) as before:
        eventually(lambda: are_registered(redis))
        redis.kill()
        assert redis.start(LOAD_DELAY) == "loading"
        with working(redis) as meanwhile:
            eventually(lambda: are_registered(redis) and len(Worker.all(redis.client)) == len([before, meanwhile]))
            bulk = Queue(QueueName.BULK, connection=redis.client)
            bulk.enqueue_call(func="tests.workers.tasks.goes_well", result_ttl=0)
            eventually(lambda: not bulk.count, "nobody takes the job")
            assert [process.poll() for process in (*before, *meanwhile)] == [None] * 4
