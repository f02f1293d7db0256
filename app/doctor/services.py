"""The database, Redis, and the processes that work: what a rollout needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Worker
from rq.cron import CronScheduler
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError

from app.db import engine_options
from app.doctor.finding import START, Finding, Place, State, milliseconds, short
from app.http.health import MIGRATIONS
from app.metrics import catalogue as m
from app.metrics.reading.graphite import GraphiteUnavailable
from app.queue import QueueName

CONNECT_SECONDS = 3.0
# An idle worker gives a sign of life only when it stops waiting for a job, every 405 s at the latest.
WORKER_SILENCE = timedelta(seconds=450)
SCHEDULER_SILENCE = timedelta(seconds=30)
BEAT_SECONDS = 30
"""The sweep beats every two seconds; a busy control worker may be late."""


@contextmanager
def _connected(place: Place) -> Iterator[Connection]:
    connect: dict[str, Any] = {**engine_options(1)["connect_args"], "connect_timeout": int(CONNECT_SECONDS)}
    engine = create_engine(place.settings.database_url, poolclass=NullPool, connect_args=connect)
    with engine.connect() as connection:
        yield connection


def settings(place: Place) -> Finding:
    """They parse, or nobody would be asking; what of them should not be so in production is told."""
    if place.settings.simulation:
        return Finding("settings", State.OK, "read; EUCORA_SIMULATION is on: the simulated connector may inject faults")
    return Finding("settings", State.OK, "read")


def database(place: Place) -> Finding:
    """PostgreSQL answers a statement."""
    began = time.monotonic()
    try:
        with _connected(place) as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
    except (SQLAlchemyError, ArgumentError) as error:
        fix = f"Start PostgreSQL ({START}), or correct EUCORA_DATABASE_URL."
        return Finding("database", State.FAIL, f"does not answer: {short(error)}", fix)
    return Finding("database", State.OK, f"PostgreSQL {version}, {milliseconds(time.monotonic() - began)}")


def migrations(place: Place) -> Finding:
    """The schema is the newest this program knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    try:
        with _connected(place) as connection:
            present = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        present = None
    except SQLAlchemyError as error:
        return Finding("migrations", State.FAIL, f"unread: {short(error)}", "See `database`.")
    if present == newest:
        return Finding("migrations", State.OK, f"the schema is at {present}")
    detail = f"the schema is at {present or 'nothing'}, this program needs {newest}"
    return Finding("migrations", State.FAIL, detail, "Run `flask --app wsgi db upgrade`.")


@contextmanager
def _redis(place: Place) -> Iterator[Redis]:
    options: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": CONNECT_SECONDS}
    url = place.settings.redis_url.get_secret_value()
    client = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
    try:
        yield client
    finally:
        client.close()


def redis(place: Place) -> Finding:
    """Redis answers, and is one that RQ works with."""
    began = time.monotonic()
    try:
        with _redis(place) as client:
            told: dict[str, Any] = client.info("server")
    except (RedisError, ValueError) as error:
        fix = f"Start Redis ({START}), or correct EUCORA_REDIS_URL. Until then work waits; nothing is lost."
        return Finding("redis", State.FAIL, f"does not answer: {short(error)}", fix)
    version = str(told["redis_version"])
    if int(version.split(".")[0]) < 5:
        return Finding("redis", State.FAIL, f"version {version}", "RQ needs Redis 5 or newer.")
    return Finding("redis", State.OK, f"version {version}, {milliseconds(time.monotonic() - began)}")


def workers(place: Place) -> Finding:
    """Each queue has a worker that was heard of lately."""
    now = datetime.now(UTC)
    try:
        with _redis(place) as client:
            known = [(worker.queue_names(), worker.last_heartbeat) for worker in Worker.all(connection=client)]
            waiting = {name: int(client.llen(f"rq:queue:{name}")) for name in QueueName}
    except (RedisError, ValueError) as error:
        return Finding("workers", State.FAIL, f"unread: {short(error)}", "See `redis`.")
    alive = [queues for queues, heard in known if heard and now - heard < WORKER_SILENCE]
    serving = {name: sum(name in queues for queues in alive) for name in QueueName}
    detail = ", ".join(f"{serving[name]} on {name} ({waiting[name]} jobs waiting)" for name in QueueName)
    idle = [name for name in QueueName if not serving[name]]
    if idle:
        fix = f"Start one: `python -m workers.worker {' '.join(idle)}`; {START}."
        return Finding("workers", State.FAIL, detail, fix)
    return Finding("workers", State.OK, detail)


def scheduler(place: Place) -> Finding:
    """The process that keeps the time of periodic jobs was heard of lately."""
    now = datetime.now(UTC)
    try:
        with _redis(place) as client:
            heard = [one.last_heartbeat for one in CronScheduler.all(client, cleanup=False)]
    except (RedisError, ValueError) as error:
        return Finding("scheduler", State.FAIL, f"unread: {short(error)}", "See `redis`.")
    newest = max((at for at in heard if at is not None), default=None)
    fix = f"Start it: `python -m workers.schedule`; {START}. Until then rollouts stand still."
    if newest is None:
        return Finding("scheduler", State.FAIL, "Redis knows none", fix)
    silent = (now - newest).total_seconds()
    if silent > SCHEDULER_SILENCE.total_seconds():
        return Finding("scheduler", State.FAIL, f"silent for {silent:.0f} s", fix)
    return Finding("scheduler", State.OK, f"heard of {silent:z.0f} s ago")


def sweep(place: Place) -> Finding:
    """The clock of every rollout beats: scheduler, Redis and a worker together."""
    try:
        beats = place.total([m.everywhere(m.SWEEP_HEARTBEAT.series("count"))], BEAT_SECONDS)
    except GraphiteUnavailable:
        return Finding("sweep", State.WARN, "its heartbeat is not readable", "See `graphite render`.")
    if not beats:
        fix = "See `scheduler`, `workers`, then `udp path`: the beat comes the same way."
        return Finding("sweep", State.FAIL, f"no heartbeat in the last {BEAT_SECONDS} s", fix)
    return Finding("sweep", State.OK, f"{beats:.0f} heartbeats in the last {BEAT_SECONDS} s")


def database_time(place: Place) -> float:
    """By how many seconds the database's clock is ahead of ours. Raises SQLAlchemyError."""
    with _connected(place) as connection:
        connection.execute(text("SELECT 1"))
        before = time.time()
        told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return told.timestamp() - (before + time.time()) / 2
