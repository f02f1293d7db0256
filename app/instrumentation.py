"""The four seams where time is measured, once each: HTTP, SQL, jobs, connector calls."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import structlog
from flask import Flask, Response, g, request
from sqlalchemy import Engine, event
from sqlalchemy.pool import QueuePool

from app import clock
from app.connectors import calling
from app.db import db
from app.events import unit
from app.events.unit import CommittedEvent
from app.identity import authentication
from app.metrics import catalogue as m, emitter
from app.metrics.emitter import Emitter
from app.metrics.projection import Measure, project
from app.queue import Job
from app.settings import Settings

FLUSH_AFTER = 0.25
"""Seconds after which a commit sends the batch, so that the events of a long job do not wait for its end."""
_METHODS = frozenset(m.HTTP_REQUEST.labels["method"])
# Paths are built once: every request passes these seams several times.
_QUERY = {verb: m.DB_QUERY(verb=verb) for verb in m.DB_QUERY.labels["verb"]}
_POOL_SIZE, _POOL_CHECKED_OUT = m.DB_POOL_SIZE(), m.DB_POOL_CHECKED_OUT()
_VERBS = frozenset(_QUERY)
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,64}")
"""The ids of callers that are kept: they go into logs and back into headers."""
_LONG_STATEMENT = 4_000
"""Statements longer than this many characters are not cached."""


def install(app: Flask, settings: Settings) -> None:
    """Measure this app and send its metrics to the StatsD of the settings."""
    emitter.install(Emitter(settings.statsd_host, settings.statsd_port))
    unit.install_listener(_project)
    unit.install_failure_listener(_count_failure)
    calling.install_observer(_measure_connector)
    authentication.install_observer(_count_failed_authentication)
    app.before_request(_begin_request)
    app.after_request(_note_status)
    app.teardown_request(_end_request)
    with app.app_context():
        _measure_sql(db.engine)


def _project(events: Sequence[CommittedEvent]) -> None:
    """The first listener of the unit of work: turns committed events into measures."""
    for committed in events:
        emitter.emit(*project(committed))
    batch = emitter.current()
    if batch is not None and time.monotonic() - batch.started > FLUSH_AFTER:
        emitter.flush()


def _count_failure(step: str) -> None:
    emitter.emit(Measure(m.AFTER_COMMIT_FAILED, m.AFTER_COMMIT_FAILED(step=step), 1))


# HTTP


def _begin_request() -> None:
    g.started = time.perf_counter()
    g.batch = emitter.batch()
    g.batch.__enter__()
    request_id = request.headers.get("X-Request-Id", "")
    g.request_id = request_id if _REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _note_status(response: Response) -> Response:
    g.status_class = f"{response.status_code // 100}xx"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _end_request(_error: BaseException | None) -> None:
    """Count requests here and only here: this runs exactly once, even if the view raised."""
    batch = g.pop("batch", None)
    if batch is None:
        return
    method = request.method if request.method in _METHODS else "OTHER"
    path = _request_path(request.endpoint or "_unmatched", method, g.get("status_class", "5xx"))
    if not g.get("is_parked"):  # it will be handled again
        batch.time(path, (time.perf_counter() - g.started - g.get("waited", 0.0)) * 1000)
    batch.__exit__(None, None, None)


@cache
def _request_path(endpoint: str, method: str, status_class: str) -> str:
    return m.HTTP_REQUEST(endpoint=endpoint, method=method, status_class=status_class)


def _count_failed_authentication(reason: str) -> None:
    emitter.emit(Measure(m.AUTHENTICATION_FAILED, m.AUTHENTICATION_FAILED(reason=reason), 1))


# SQL


def _measure_sql(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _start(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        context.started = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _stop(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        emitter.emit_time(_QUERY[_verb(statement)], (time.perf_counter() - context.started) * 1000)

    @event.listens_for(engine, "checkout")
    def _sample_pool(_connection: Any, _record: Any, _proxy: Any) -> None:
        pool = engine.pool
        if isinstance(pool, QueuePool):
            emitter.emit_peak(_POOL_SIZE, pool.size())
            emitter.emit_peak(_POOL_CHECKED_OUT, pool.checkedout())


def _verb(statement: str) -> str:
    return _read_verb(statement) if len(statement) > _LONG_STATEMENT else _known_verb(statement)


def _read_verb(statement: str) -> str:
    first = (statement.lstrip()[:100].split(None, 1) or [""])[0].lower()
    if first == "with":
        # A data-changing WITH is named after its change.
        lowered = statement.lower()
        change = next((verb for verb in ("insert into", "update ", "delete from") if verb in lowered), "select")
        first = change.split()[0]
    return first if first in _VERBS else "other"


_known_verb = lru_cache(maxsize=1_000)(_read_verb)


# Connector calls


def _measure_connector(connector: str, operation: str, outcome: str, seconds: float) -> None:
    path = m.CONNECTOR_OPERATION(connector=connector, operation=operation, outcome=outcome)
    emitter.emit(Measure(m.CONNECTOR_OPERATION, path, seconds * 1000))


# Jobs


@dataclass
class MeasuredJob:
    """A running job. RQ catches its exceptions, so the worker sets the outcome."""

    outcome: str = "error"


@contextmanager
def measured_job(job: str, queue: str, job_id: str, enqueued_at: datetime | None) -> Iterator[MeasuredJob]:
    """The batch, the log context and the timing of one job."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job=job, job_id=job_id)
    with emitter.batch():
        if enqueued_at is not None:
            waited = max((clock.now() - enqueued_at).total_seconds(), 0.0) * 1000
            emitter.emit(Measure(m.JOB_WAIT, m.JOB_WAIT(queue=queue), waited))
        started, measured = time.perf_counter(), MeasuredJob()
        try:
            yield measured
        finally:
            record_job(job, measured.outcome, time.perf_counter() - started)
            if job == Job.SWEEP and measured.outcome == "ok":
                record_heartbeat()


def record_job(job: str, outcome: str, seconds: float) -> None:
    """Record how a job ended; for a killed work-horse, its parent records it."""
    emitter.emit(Measure(m.JOB_DURATION, m.JOB_DURATION(job=job, outcome=outcome), seconds * 1000))


def record_retry(job: str) -> None:
    """Record that a failed job went back to its queue."""
    emitter.emit(Measure(m.JOB_RETRIES, m.JOB_RETRIES(job=job), 1))


def record_heartbeat() -> None:
    """Record that the sweep ran."""
    emitter.emit(Measure(m.SWEEP_HEARTBEAT, m.SWEEP_HEARTBEAT(), 1))
