"""Two hosts with an API, workers, a scheduler and a StatsD each, on one PostgreSQL, Redis and Graphite.

A rollout goes through both while the acting scheduler is killed. What is counted on both adds up, what is sampled on
either is read once, and what must happen once does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from app.demo.fleet import inventory
from app.metrics import catalogue as m
from app.metrics.following.annotations import PROGRESS
from app.metrics.projection import totals
from app.metrics.reading.graphite import Graphite
from app.queue import Job
from app.scheduling import schedulers
from ops.local.paths import CHECKOUT
from ops.local.stack import INFRASTRUCTURE, Ports, Stack
from tests.support import series
from tests.support.api import HARMLESS
from tests.support.waiting import eventually, settled

DEVICES = 600
PROGRAMS = ("control-worker", "bulk-worker-1", "scheduler", "api")
WORKERS = 2
PATIENCE = 400.0
"""Seconds that a busy machine may take for the rollout."""
SHARED = (
    "EUCORA_DATABASE_URL",
    "EUCORA_MIGRATION_DATABASE_URL",
    "EUCORA_REDIS_URL",
    "EUCORA_EVENT_KEY",
    "EUCORA_EVENT_ARCHIVE_DIR",
    "EUCORA_CARBON_PORT",
    "EUCORA_CARBON_QUERY_PORT",
    "EUCORA_GRAPHITE_URL",
    "EUCORA_SIMULATED_PROFILE",
)
"""What the second host has from the first."""


class Hosts(NamedTuple):
    """The one with the servers of both, and the other; `began` is an epoch second."""

    first: Stack
    second: Stack
    began: float


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    began = time.time()
    healthy = {"EUCORA_SIMULATED_PROFILE": '{"failure": 0.001}'}
    first = _host((*INFRASTRUCTURE, *PROGRAMS), healthy)
    try:
        first.start()
        from_first = {name: first.environment()[name] for name in SHARED}
        second = _host(
            ("statsd", *PROGRAMS), {**from_first, "EUCORA_STATSD_PREFIX": "stats_b", "EUCORA_WHISPER_DIR": ""}
        )
        try:
            second.start()
            yield Hosts(first, second, began)
        finally:
            second.remove()
        series.remember(first)
    finally:
        first.remove()


def _host(programs: tuple[str, ...], overrides: dict[str, str]) -> Stack:
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    return Stack(root, Ports.free(), programs, durable=False, owner=os.getpid(), overrides=overrides)


def flask(host: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **host.environment()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def clients(hosts: Hosts) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """One for each host, with the same token."""
    token = flask(hosts.first, "tokens", "create", "--subject", "tester").stdout.strip()

    def client(host: Stack) -> httpx.Client:
        address = f"http://127.0.0.1:{host.ports.api}/api/v1"
        return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    with client(hosts.first) as one, client(hosts.second) as other:
        yield one, other


@pytest.fixture(scope="module")
def redis(hosts: Hosts) -> Iterator[Redis]:
    with Redis.from_url(hosts.first.environment()["EUCORA_REDIS_URL"]) as connection:
        yield connection


@pytest.fixture(scope="module")
def graphite(hosts: Hosts) -> Graphite:
    return Graphite(hosts.first.environment()["EUCORA_GRAPHITE_URL"])


def acting(hosts: Hosts, redis: Redis) -> Stack | None:
    """The host whose scheduler acts."""
    found = schedulers(redis).acting
    of_host = {host.pid("scheduler"): host for host in (hosts.first, hosts.second)}
    return of_host.get(int(found.split(":")[1])) if found else None


@pytest.fixture(scope="module")
def rollout(hosts: Hosts, clients: tuple[httpx.Client, httpx.Client], redis: Redis) -> dict[str, Any]:
    """A completed rollout: asked for twice, of both hosts; the acting scheduler was killed, so the other host acts."""
    one, other = clients
    assert one.post("/devices", content=inventory(DEVICES), headers={"Content-Type": "text/csv"}).status_code == 200
    body = {
        "application": "traveller",
        "version": "1",
        "platform": "windows",
        "plan": "demo",
        "artifact_hash": "sha256:" + "7e" * 32,
        "scope": {"everyone": True},
        "risk": HARMLESS,
    }
    key = {"Idempotency-Key": "traveller-1"}
    created = one.post("/deployments", json=body, headers=key).json()
    assert other.post("/deployments", json=body, headers=key).json()["id"] == created["id"]
    eventually(lambda: len(schedulers(redis).standing_by) == 1, "no scheduler stands by")
    eventually(lambda: _rings_passed(other, created["id"]), "no ring has passed", PATIENCE)
    before = eventually(lambda: acting(hosts, redis), "no scheduler acts")
    assert before is not None
    os.kill(before.pid("scheduler"), signal.SIGKILL)
    after = eventually(lambda: (host := acting(hosts, redis)) is not before and host, "nobody takes over")
    assert after is not before
    done = settled(lambda: _shown(other, created["id"])["state"], "completed", PATIENCE)
    assert done == "completed"
    return _shown(one, created["id"])


def _shown(client: httpx.Client, id: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/deployments/{id}").raise_for_status().json()
    assert found["state"] in ("planning", "running", "completed"), found
    return found


def _rings_passed(client: httpx.Client, id: int) -> int:
    return sum(ring["state"] == "passed" for ring in _shown(client, id)["rings"])


def counted(hosts: Hosts, graphite: Graphite, *wanted: str) -> list[float]:
    """What Graphite counted on both hosts together."""
    found = graphite.totals(wanted, int(hosts.began) - 60, int(time.time()) + 1)
    return [found[name] for name in wanted]


def test_it_is_completed_on_both_hosts(rollout: dict[str, Any], hosts: Hosts, graphite: Graphite) -> None:
    assert sum(ring["succeeded"] for ring in rollout["rings"]) > 0.9 * DEVICES
    jobs = m.JOB_DURATION.series("count", job="deliver", outcome="ok")
    requests = m.HTTP_REQUEST.series("count", endpoint="*", method="GET", status_class="2xx")
    for prefix in ("stats.", "stats_b."):
        targets = [f"sumSeries({name.replace('stats.', prefix, 1)})" for name in (jobs, requests)]
        seen = graphite.render(targets, int(hosts.began) - 60, int(time.time()) + 1)
        assert [each.total > 0 for each in seen] == [True, True], prefix


def test_totals_are_those_of_the_log(rollout: dict[str, Any], hosts: Hosts, graphite: Graphite) -> None:
    engine = create_engine(hosts.first.environment()["EUCORA_MIGRATION_DATABASE_URL"])

    def wanted() -> dict[str, int]:
        with engine.connect() as connection:
            return dict(totals(connection.execute(text("SELECT type, payload FROM events")).all()))

    def differing() -> dict[str, tuple[int, float]]:
        logged = wanted()
        found = dict(zip(logged, counted(hosts, graphite, *logged), strict=True))
        return {name: (logged[name], found[name]) for name in logged if logged[name] != found[name]}

    assert len(wanted()) > 20
    assert not settled(differing, dict[str, tuple[int, float]]())
    engine.dispose()


def test_reconciling_finds_and_repairs_nothing_on_either(rollout: dict[str, Any], hosts: Hosts) -> None:
    def repaired(host: Stack) -> str:
        run = flask(host, "metrics", "reconcile", "--since", "1h", "--repair")
        assert run.returncode in (0, 1), run.stderr
        return "" if run.returncode == 0 and "repaired" not in run.stdout else run.stdout

    for host in (hosts.first, hosts.second):
        assert settled(lambda host=host: repaired(host), "") == ""  # type: ignore[misc]  # a lambda with a default


def test_periodic_jobs_ran_once(rollout: dict[str, Any], hosts: Hosts, graphite: Graphite) -> None:
    """What runs once an hour ran at the start only; of the others, there are no more runs than one scheduler starts."""
    periodic = {job.value: job.every for job in Job if job.every is not None}
    runs = counted(hosts, graphite, *(m.JOB_DURATION.series("count", job=job, outcome="*") for job in periodic))
    ran = dict(zip(periodic, runs, strict=True))
    assert (ran[Job.WRITE_HEAD], ran[Job.RETAIN]) == (1, 1)
    elapsed = time.time() - hosts.began
    assert {job: 0 < ran[job] <= elapsed / every + 1 for job, every in periodic.items()} == dict.fromkeys(ran, True)


def test_the_log_is_annotated_once(rollout: dict[str, Any], hosts: Hosts, graphite: Graphite) -> None:
    def marks() -> Counter[str]:
        found = graphite.events([PROGRESS.tag], int(hosts.began) - 60, int(time.time()) + 60)
        return Counter(event.what for event in found)

    eventually(lambda: any(what.startswith("deployment completed") for what in marks()))
    assert set(marks().values()) == {1}


def test_levels_are_read_once(
    rollout: dict[str, Any], hosts: Hosts, graphite: Graphite, clients: tuple[httpx.Client, httpx.Client]
) -> None:
    """Both StatsDs have had gauges, the former host's up to its death; together they are one."""
    alive = m.WORKERS_ALIVE.series("")
    start, both = int(hosts.began), [alive, alive.replace("stats.", "stats_b.", 1)]

    def has_gauges() -> list[bool]:
        return [bool(found.total) for found in graphite.render(both, start, int(time.time()))]

    assert settled(has_gauges, [True, True]) == [True, True]

    def read() -> list[float]:
        asked = (client.get(f"/metrics?prefix={m.WORKERS_ALIVE.name}&window=60").json()["items"] for client in clients)
        return [one["value"] for items in asked for item in items for one in item["series"]]

    assert settled(read, [2.0 * WORKERS] * 2) == [2 * WORKERS] * 2
    (together,) = graphite.render([f"sumSeries({m.everywhere(alive)})"], start, int(time.time()))
    assert max(value for value, _ in together.points if value is not None) == 2 * WORKERS


def test_the_doctor_of_either_finds_no_fault(rollout: dict[str, Any], hosts: Hosts, redis: Redis) -> None:
    eventually(lambda: len(schedulers(redis).standing_by) == 1, "the killed scheduler is not back")
    for host in (hosts.first, hosts.second):
        run = flask(host, "doctor")
        assert run.returncode == 0, run.stdout
        assert "acts, 1 on standby" in run.stdout
