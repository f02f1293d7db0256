"""Checks of what a rollout needs: the database, Redis, workers and the scheduler."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from alembic.config import Config
from alembic.script import ScriptDirectory
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError

from app.addresses import authority
from app.db import engine_options
from app.doctor.check import SEE_GRAPHITE, START, CheckContext, CheckResult, CheckState, milliseconds, short
from app.http.health import MIGRATIONS
from app.metrics import catalogue as m
from app.metrics.reading.graphite import GraphiteUnavailable
from app.queue import BEHIND, QueueName, behind, served, waiting_seconds
from app.scheduling import BEAT_SECONDS, LEASE_SECONDS, Schedulers, schedulers

CONNECT_SECONDS = 3.0
OLDEST_REDIS = (6, 2)
"""The queues need LPOS to see whether a job still waits, which Redis has since 6.0.6."""
HEARTBEAT_SECONDS = 30
"""The sweep runs every two seconds; a busy control worker may be late."""


@contextmanager
def connected(context: CheckContext) -> Iterator[Connection]:
    """A connection to the database, without a pool."""
    connect: dict[str, Any] = {**engine_options(1)["connect_args"], "connect_timeout": int(CONNECT_SECONDS)}
    engine = create_engine(context.settings.database_url, poolclass=NullPool, connect_args=connect)
    with engine.connect() as connection:
        yield connection


def settings(context: CheckContext) -> CheckResult:
    """The settings parse (without that, no check runs); one that does not belong in production is mentioned."""
    if context.settings.simulation:
        detail = "valid; EUCORA_SIMULATION is on: simulated connectors may inject faults"
        return CheckResult("settings", CheckState.OK, detail)
    return CheckResult("settings", CheckState.OK, "valid")


def database(context: CheckContext) -> CheckResult:
    """PostgreSQL runs a statement."""
    began = time.monotonic()
    try:
        with connected(context) as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            place = _database_place(connection)
    except (SQLAlchemyError, ArgumentError) as error:
        fix = f"Start PostgreSQL ({START}), or correct EUCORA_DATABASE_URL."
        return CheckResult("database", CheckState.FAIL, f"does not respond: {short(error)}", fix)
    detail = f"PostgreSQL {version} at {place}, {milliseconds(time.monotonic() - began)}"
    return CheckResult("database", CheckState.OK, detail)


def _database_place(connection: Connection) -> str:
    """Which of the hosts in the URL the connection reached, and whether it is encrypted."""
    driver: Any = connection.connection.driver_connection
    host = str(driver.info.host)
    place = host if host.startswith("/") else authority(host, driver.info.port)
    return f"{place} {'with' if driver.pgconn.ssl_in_use else 'without'} TLS"


def migrations(context: CheckContext) -> CheckResult:
    """The schema is the newest that this version knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    try:
        with connected(context) as connection:
            present = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        present = None
    except SQLAlchemyError as error:
        return CheckResult("migrations", CheckState.FAIL, f"unknown: {short(error)}", "See `database`.")
    if present == newest:
        return CheckResult("migrations", CheckState.OK, f"the schema is at {present}")
    detail = f"the schema is at {present or 'nothing'}, this version needs {newest}"
    return CheckResult("migrations", CheckState.FAIL, detail, "Run `flask --app wsgi db upgrade`.")


@contextmanager
def _redis(context: CheckContext) -> Iterator[Redis]:
    options: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": CONNECT_SECONDS}
    url = context.settings.redis_url.get_secret_value()
    client = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
    try:
        yield client
    finally:
        client.close()


def _redis_place(url: str) -> str:
    """Where Redis is, without the password, and whether the connection is encrypted."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 6379
    except ValueError:
        return "the address in EUCORA_REDIS_URL"
    if parts.scheme not in ("redis", "rediss"):
        return parts.path
    return f"{authority(host, port)} {'with' if parts.scheme == 'rediss' else 'without'} TLS"


def redis(context: CheckContext) -> CheckResult:
    """Redis responds, and its version works with RQ."""
    began, place = time.monotonic(), _redis_place(context.settings.redis_url.get_secret_value())
    try:
        with _redis(context) as client:
            server: dict[str, Any] = client.info("server")
    except (RedisError, ValueError) as error:
        fix = f"Start Redis ({START}), or correct EUCORA_REDIS_URL. Until then jobs wait; nothing is lost."
        return CheckResult("redis", CheckState.FAIL, f"{place} does not respond: {short(error)}", fix)
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_REDIS:
        return CheckResult("redis", CheckState.FAIL, f"version {version}", "Redis 6.2 or newer is required.")
    return CheckResult(
        "redis", CheckState.OK, f"version {version} at {place}, {milliseconds(time.monotonic() - began)}"
    )


def workers(context: CheckContext) -> CheckResult:
    """Each queue has a worker with a recent heartbeat."""
    now = datetime.now(UTC)
    try:
        with _redis(context) as client:
            serving = served(client, now)
            waiting = {name: int(client.llen(f"rq:queue:{name}")) for name in QueueName}
    except (RedisError, ValueError) as error:
        return CheckResult("workers", CheckState.FAIL, f"unknown: {short(error)}", "See `redis`.")
    detail = ", ".join(f"{serving[name]} on {name} ({waiting[name]} jobs waiting)" for name in QueueName)
    unserved = [name for name in QueueName if not serving[name]]
    if unserved:
        fix = f"Start one: `python -m workers.worker {' '.join(unserved)}`; {START}."
        return CheckResult("workers", CheckState.FAIL, detail, fix)
    return CheckResult("workers", CheckState.OK, detail)


def queues(context: CheckContext) -> CheckResult:
    """No queue is behind: its oldest job has not waited for long."""
    try:
        with _redis(context) as client:
            waits = waiting_seconds(client, datetime.now(UTC))
    except (RedisError, ValueError) as error:
        return CheckResult("queues", CheckState.FAIL, f"unknown: {short(error)}", "See `redis`.")
    detail = "oldest job: " + ", ".join(f"{seconds:.0f} s on {name}" for name, seconds in waits.items())
    late = behind(waits)
    if not late:
        return CheckResult("queues", CheckState.OK, detail)
    limits = ", ".join(f"{BEHIND[name]} s on {name}" for name in late)
    fix = (
        f"More than {limits} is too long. See `workers`; if they all run, start more: "
        f"`python -m workers.worker {' '.join(late)}`. docs/runbook.md: Jobs wait too long."
    )
    return CheckResult("queues", CheckState.WARN, detail, fix)


def scheduler(context: CheckContext) -> CheckResult:
    """One scheduler acts; it renews its lease in Redis all the time. Others stand by."""
    try:
        with _redis(context) as client:
            found = _settled(client)
    except (RedisError, ValueError) as error:
        return CheckResult("scheduler", CheckState.FAIL, f"unknown: {short(error)}", "See `redis`.")
    if found.acting is None:
        fix = f"Start it: `python -m workers.schedule`; {START}. Until then, rollouts make no progress."
        return CheckResult("scheduler", CheckState.FAIL, "none acts", fix)
    others = ", ".join(_process(name) for name in found.standing_by)
    standing_by = f"{len(found.standing_by)} on standby ({others})" if others else "none on standby"
    return CheckResult("scheduler", CheckState.OK, f"{_process(found.acting)} acts, {standing_by}")


def _settled(client: Redis) -> Schedulers:
    """The schedulers, after one of those that stand by has had the time to take over."""
    until = time.monotonic() + 2 * LEASE_SECONDS
    while True:
        found = schedulers(client)
        if found.acting is not None or not found.standing_by or time.monotonic() > until:
            return found
        time.sleep(BEAT_SECONDS / 2)


def _process(name: str) -> str:
    """`host:pid` of a scheduler's name."""
    return name.rpartition(":")[0] or name


def sweep(context: CheckContext) -> CheckResult:
    """The sweep, which drives every rollout, runs: scheduler, Redis and a worker work together."""
    try:
        beats = context.total([m.everywhere(m.SWEEP_HEARTBEAT.series("count"))], HEARTBEAT_SECONDS)
    except GraphiteUnavailable:
        return CheckResult("sweep", CheckState.WARN, "unknown: graphite-web does not respond", SEE_GRAPHITE)
    if not beats:
        fix = "See `scheduler` and `workers`, then `udp path`: the heartbeat is a metric too."
        return CheckResult("sweep", CheckState.FAIL, f"no heartbeat in the last {HEARTBEAT_SECONDS} s", fix)
    return CheckResult("sweep", CheckState.OK, f"{beats:.0f} heartbeats in the last {HEARTBEAT_SECONDS} s")


def database_time(context: CheckContext) -> float:
    """By how many seconds the database's clock is ahead of ours. Raises SQLAlchemyError."""
    with connected(context) as connection:
        connection.execute(text("SELECT 1"))
        before = time.time()
        clock: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return clock.timestamp() - (before + time.time()) / 2
