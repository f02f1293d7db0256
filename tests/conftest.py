"""One real infrastructure for the whole run: PostgreSQL, Redis, StatsD, carbon and graphite-web on free ports."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from rq.job import Job as RQJob
from sqlalchemy import create_engine, text

from ops.local import ports
from ops.local.paths import HOME
from ops.local.stack import Ports, Stack, remove_abandoned

pytest_plugins = ["tests.series"]

settings.register_profile("repeatable", max_examples=60, derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# Processes of one run that look for free ports at the same moment must not find the same ones.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
ports.FREE = range(20_000 + 2_000 * WORKER, 22_000 + 2_000 * WORKER)

API = "/api/v1"
ARTIFACT = "sha256:" + "a" * 64
HARMLESS = dict.fromkeys(
    ("privilege", "supply_chain", "vulnerabilities", "exploitability", "data_access", "operational_complexity"), 0.1
)
"""A declared risk so low that however many devices there are, nobody needs to approve."""


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
        running.environment(), EUCORA_LOG_LEVEL="WARNING", EUCORA_SIMULATED_PROFILE='{"silent": 0, "failure": 0}'
    )
    yield running
    from tests import series  # not earlier: pytest rewrites a plugin's asserts only if nobody imported it before

    series.remember(running)
    running.remove()


@pytest.fixture(scope="session")
def app(stack: Stack) -> Flask:
    """The application on the migrated database."""
    from app.factory import create_app

    created = create_app()
    with created.app_context():
        upgrade()
    return created


class Clock:
    """A clock that moves only when it is told to; it starts at the present."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def database(app: Flask) -> Iterator[Flask]:
    """The application with empty tables and queues, in its context."""
    empty()
    with app.app_context():
        yield app


def empty() -> None:
    """Empty every table and every queue."""
    from app import queue
    from app.settings import load_settings

    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        tables = connection.execute(
            text(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        ).scalar_one()
        # The append-only triggers guard the program's tables, not the tests' between two runs.
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE reports DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        connection.execute(text("ALTER TABLE events ENABLE TRIGGER USER; ALTER TABLE reports ENABLE TRIGGER USER"))
    owner.dispose()
    queue.connection().flushall()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock in place of the system's."""
    from app import clock as source

    replacement = Clock()
    with source.replaced(replacement):
        yield replacement


@pytest.fixture
def token(database: Flask) -> str:
    """A token of the subject `tester`."""
    return make_token("tester")


def make_token(subject: str) -> str:
    """A token that speaks for `subject`."""
    from app.events.unit import unit_of_work
    from app.identity.roles import Role
    from app.identity.tokens import create_token

    with unit_of_work("test"):
        return create_token(subject, Role.ADMIN)


class Api:
    """The API as a client sees it: every call carries the token; answers are (status, body)."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def raw(self, method: str, path: str, **request: Any) -> Any:
        headers = {**self.headers, **request.pop("headers", {})}
        return self.client.open(API + path, method=method, headers=headers, **request)

    def get(self, path: str, **request: Any) -> Any:
        answer = self.raw("GET", path, **request)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, **request: Any) -> tuple[int, Any]:
        answer = self.raw("POST", path, json=body if body is not None else {}, **request)
        return answer.status_code, answer.json

    def register(self, count: int = 100, **fields: Any) -> list[str]:
        """Register `count` devices; every 25th has the tag `lab`."""
        devices = [
            {
                "external_id": f"dev-{n:05d}",
                "platform": "windows",
                "connector": "simulated",
                "tags": ["lab"] if n % 25 == 0 else [],
                **fields,
            }
            for n in range(count)
        ]
        for start in range(0, count, 2000):
            status, body = self.post("/devices", devices[start : start + 2000])
            assert status == 200, body
        return [str(device["external_id"]) for device in devices]

    def deploy(self, **fields: Any) -> Any:
        """Start a deployment with the plan `demo`."""
        status, body = self.post("/deployments", deployment(**fields))
        assert status == 201, body
        return body


def deployment(**fields: Any) -> dict[str, Any]:
    """A valid body of POST /deployments."""
    release = {"application": "vpn", "version": "1.0", "platform": "windows", "artifact_hash": ARTIFACT, "plan": "demo"}
    return {**release, "risk": HARMLESS, **fields}


@pytest.fixture
def api(database: Flask, token: str) -> Api:
    """A client with a token on an empty database."""
    return Api(database.test_client(), token)


Work = Callable[[], list[str]]


@pytest.fixture
def work(database: Flask) -> Work:
    """Run every job that waits in Redis, and those they enqueue, in this process; returns their names in order."""
    from app import queue
    from app.db import db

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
def drive(work: Work, clock: Clock) -> Callable[..., None]:
    """Let time pass as the scheduler would: sweep, work, a second later again."""
    from app.deployments import progress

    def run(seconds: float = 60, step: float = 1.0, until: Callable[[], bool] = lambda: False) -> None:
        passed = 0.0
        while passed < seconds and not until():
            progress.sweep()
            work()
            clock.advance(step)
            passed += step

    return run
