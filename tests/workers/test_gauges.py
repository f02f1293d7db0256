"""Every sampled metric is emitted by one sample, as it is, and reading it costs the same however much there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from rq import Worker
from rq.worker import WorkerStatus
from sqlalchemy import Engine, event

from app import queue
from app.db import db
from app.metrics import catalogue as m
from app.metrics.catalogue import Origin
from app.queue import Job, QueueName
from tests.support.api import HARMLESS, Api
from tests.support.clock import Clock
from workers import gauges

LATER = {m.GATE_SUCCESS_RATE, m.TIME_TO_COMPLIANCE}
"""Those that are absent until devices have reported."""


def sampled() -> dict[str, float]:
    found = {measure.path: measure.value for measure in gauges.collect()}
    db.session.rollback()
    return found


@pytest.fixture
def statements(database: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_an_idle_program_has_every_level(database: Flask) -> None:
    found = sampled()
    for metric in m.METRICS:
        if metric.origin is Origin.SAMPLE and metric not in LATER:
            assert any(path.startswith(metric.stem) for path in found), metric.name
    assert {
        path: value for path, value in found.items() if path.startswith(("deployment.", "approval.", "event."))
    } == {
        "deployment.live.planning": 0,
        "deployment.live.running": 0,
        "deployment.live.paused": 0,
        "approval.waiting": 0,
        "approval.oldest_wait": 0,
        "event.head": 0,
    }
    assert found["db.size"] > 1_000_000
    assert found["redis.memory"] > 100_000


def test_live_deployments_and_the_head_of_the_log(api: Api) -> None:
    api.register(50)
    first = api.deploy(risk=HARMLESS)
    api.deploy(application="editor", risk=HARMLESS)
    from app.deployments import progress

    progress.plan(first["id"])
    found = sampled()
    shown = {state: found[m.DEPLOYMENT_LIVE(state=state)] for state in m.DEPLOYMENT_LIVE.labels["state"]}
    assert shown == {"planning": 1, "running": 1, "paused": 0}
    assert found[m.EVENT_HEAD()] == len(api.get("/events?limit=500")["items"])


def test_workers_that_are_busy(database: Flask) -> None:
    """Registered as real ones are; what each does is in Redis."""
    queues = [queue.queue(QueueName.BULK)]
    workers = [Worker(queues, connection=queue.connection(), name=f"worker-{number}") for number in range(3)]
    for worker, state in zip(workers, (WorkerStatus.BUSY, WorkerStatus.IDLE, WorkerStatus.BUSY), strict=True):
        worker.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
        worker.set_state(state)
    queue.enqueue(Job.ADVANCE, 1)
    found = sampled()
    assert (found[m.WORKERS_ALIVE()], found[m.WORKERS_BUSY()]) == (3, 2)
    assert (found[m.QUEUE_DEPTH(queue="control")], found[m.QUEUE_DEPTH(queue="bulk")]) == (1, 0)


def test_the_oldest_job_of_each_queue(database: Flask, clock: Clock) -> None:
    queue.enqueue(Job.DELIVER, 1)
    clock.advance(90)
    found = sampled()
    waited = {name: found[m.QUEUE_OLDEST(queue=name)] for name in QueueName}
    assert (waited[QueueName.CONTROL], waited[QueueName.DRIFT]) == (0, 0)
    assert 80 < waited[QueueName.BULK] <= 90


def test_a_sample_asks_the_same_number_of_questions_however_much_there_is(api: Api, statements: list[str]) -> None:
    sampled()
    statements.clear()
    sampled()
    before = len(statements)
    api.register(200)
    for number in range(5):
        api.deploy(application=f"app-{number}", risk=HARMLESS)
    from app.deployments import progress

    for number in range(1, 6):
        progress.plan(number)
    statements.clear()
    sampled()
    assert len(statements) <= before + 1  # the answers to what was asked
    assert not [it for it in statements if "FROM assignments" in it or "FROM devices" in it]
