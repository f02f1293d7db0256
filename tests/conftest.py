"""One real infrastructure for the whole run: PostgreSQL, Redis, StatsD, carbon and graphite-web on free ports."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator

import pytest
from flask import Flask
from flask_migrate import upgrade
from rq.job import Job as RQJob

from app import clock as source, queue
from app.db import db
from app.deployments import progress
from app.factory import create_app
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from ops.local import ports
from ops.local.paths import HOME
from ops.local.stack import Ports, Stack, remove_abandoned
from tests.support import carbon, examples, series
from tests.support.api import Api, make_token
from tests.support.carbon import Feed
from tests.support.clock import Clock
from tests.support.contract import checked
from tests.support.database import empty
from tests.support.graphite import Seen
from tests.support.http import Client
from tests.support.jobs import Drive, Work

pytest_plugins = ["tests.support.series"]

examples.repeatable()

# Processes of one run that look for free ports at the same moment must not find the same ones.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
ports.FREE = range(20_000 + 2_000 * WORKER, 22_000 + 2_000 * WORKER)

LAST_LINES = 40


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start stacks of their own come first: they mostly wait, while the others' work goes on."""
    items.sort(key=lambda item: item.path.parent.name not in ("e2e", "ops"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure goes what graphite-web had to say: its answer is a bare 500."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack is not None:
        log = stack.layout.log / "graphite.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        report.sections.append(("graphite-web's log", "\n".join(lines[-LAST_LINES:])))
    return report


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running infrastructure; its addresses are in this process's environment."""
    if WORKER == 0:
        remove_abandoned(HOME)
    running = Stack(HOME / f"test-{os.getpid()}", Ports.free(), durable=False, owner=os.getpid())
    running.start()
    os.environ.update(
        running.environment(),
        EUCORA_LOG_LEVEL="WARNING",
        EUCORA_SIMULATED_PROFILE='{"silent": 0, "failure": 0}',
        EUCORA_TOKEN_RATE="",
        EUCORA_ADDRESS_RATE="",
    )
    load_settings.cache_clear()  # a test without a stack may have read those of a stack that `make up` started
    yield running
    series.remember(running)
    running.remove()


@pytest.fixture(scope="session")
def feed(stack: Stack) -> Feed:
    """Store points of the last hour and return once Graphite shows each of them."""
    graphite = Graphite(f"http://127.0.0.1:{stack.ports.graphite}")
    return lambda points: carbon.feed(stack.ports.carbon, graphite, points)


@pytest.fixture(scope="session")
def app(stack: Stack) -> Flask:
    """The application on the migrated database; each of its answers must be as the OpenAPI document says."""
    created = create_app()
    with created.app_context():
        upgrade()
    return checked(created)


@pytest.fixture
def seen(app: Flask, stack: Stack) -> Seen:
    """What series add up to in Graphite from here on."""
    return Seen(Graphite(f"http://127.0.0.1:{stack.ports.graphite}"), stack.ports.statsd)


@pytest.fixture
def database(app: Flask) -> Iterator[Flask]:
    """The application with empty tables and queues, in its context."""
    empty()
    with app.app_context():
        yield app


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock in place of the system's."""
    replacement = Clock()
    with source.replaced(replacement):
        yield replacement


@pytest.fixture
def token(database: Flask) -> str:
    """A token of the subject `tester`."""
    return make_token("tester")


@pytest.fixture
def client(database: Flask, token: str) -> Client:
    """A client with a token on an empty database; its requests share no session with the test."""
    return Client(database.test_client(), token)


@pytest.fixture
def api(database: Flask, token: str) -> Api:
    """A client with a token on an empty database."""
    return Api(database.test_client(), token)


@pytest.fixture
def work(database: Flask) -> Work:
    """Run every job that waits in Redis, and those they enqueue, in this process; returns their names in order."""

    def run() -> list[str]:
        done: list[str] = []
        while waiting := [(name, job_id) for name in queue.QueueName for job_id in queue.queue(name).get_job_ids()]:
            for name, job_id in waiting:
                queue.queue(name).remove(job_id)
                job = RQJob.fetch(job_id, connection=queue.connection())
                done.append(str(job.func_name).rsplit(".", 1)[-1])
                job.perform()
                db.session.remove()
        return done

    return run


@pytest.fixture
def drive(work: Work, clock: Clock) -> Drive:
    """Let time pass as the scheduler would: sweep, work, a second later again."""

    def run(seconds: float = 60, step: float = 1.0, until: Callable[[], bool] = lambda: False) -> None:
        passed = 0.0
        while passed < seconds and not until():
            progress.sweep()
            work()
            clock.advance(step)
            passed += step

    return run
