"""A rollout survives kill -9 of a worker, an API process, Redis and StatsD, and nothing is counted twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, create_engine, text

from app.demo.fleet import inventory
from app.events.chain import GENESIS, link
from app.metrics.projection import totals
from app.metrics.reading.graphite import Graphite
from ops.local.processes import children
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack
from tests.support import series
from tests.support.api import HARMLESS
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
DEVICES = 3_000
PATIENCE = 400.0
"""Seconds that a busy machine may take for the rollout; an idle one takes about forty."""


@pytest.fixture(scope="module")
def whole() -> Iterator[Stack]:
    """Everything, as `make up` starts it."""
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    programs, healthy = INFRASTRUCTURE + APPLICATION, {"EUCORA_SIMULATED_PROFILE": '{"failure": 0.001}'}
    running = Stack(root, Ports.free(), programs, durable=False, owner=os.getpid(), overrides=healthy)
    running.start()
    yield running
    series.remember(running)
    running.remove()


@pytest.fixture(scope="module")
def client(whole: Stack) -> Iterator[httpx.Client]:
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--subject", "tester"],
        cwd=ROOT,
        env={**os.environ, **whole.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    transport = httpx.HTTPTransport(retries=3)  # of connections only: a request that was sent is never sent again
    with httpx.Client(
        base_url=f"http://127.0.0.1:{whole.ports.api}/api/v1", headers=headers, transport=transport, timeout=60
    ) as made_client:
        yield made_client


def test_the_rollout_ends_whatever_is_killed(whole: Stack, client: httpx.Client) -> None:
    answer = client.post("/devices", content=inventory(DEVICES), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    body = {
        "application": "survivor",
        "version": "1",
        "platform": "windows",
        "plan": "demo",
        "artifact_hash": "sha256:" + "5e" * 32,
        "scope": {"everyone": True},
        "risk": HARMLESS,
    }
    begun = time.time()
    created = client.post("/deployments", json=body, headers={"Idempotency-Key": "survivor-1"}).json()
    kills: list[Callable[[], None]] = [
        lambda: _kill(children(whole.pid("bulk-worker-1")) or [whole.pid("bulk-worker-1")]),
        lambda: _kill([whole.pid("bulk-worker-2")]),
        lambda: _kill([child for master in children(whole.pid("api")) for child in children(master)][:1]),
        lambda: _kill([whole.pid("redis")]),
        lambda: _kill([whole.pid("statsd")]),
        lambda: _kill([whole.pid("control-worker")]),
        lambda: _kill([whole.pid("scheduler")]),
    ]
    until = time.monotonic() + PATIENCE
    next_kill = time.monotonic() + 2
    deployment = created
    while time.monotonic() < until and deployment["state"] in ("planning", "running"):
        if kills and time.monotonic() >= next_kill:
            kills.pop(0)()
            next_kill = time.monotonic() + 2
        time.sleep(0.3)
        deployment = _get(client, f"/deployments/{created['id']}")
    assert not kills, "the rollout ended before everything was killed"
    assert deployment["state"] == "completed", [
        (whole.log(name).read_text()[-800:]) for name in ("control-worker", "scheduler")
    ]
    again = client.post("/deployments", json=body, headers={"Idempotency-Key": "survivor-1"})
    assert again.json()["id"] == created["id"]
    engine = create_engine(whole.environment()["EUCORA_MIGRATION_DATABASE_URL"])
    with engine.connect() as connection:
        _await_results(connection)
        _counters_equal_a_recount(connection, created["id"])
        _every_device_was_published_once(connection)
        _chain_verifies(connection, whole.environment()["EUCORA_EVENT_KEY"])
        _graphite_never_exceeds_the_events(connection, Graphite(whole.environment()["EUCORA_GRAPHITE_URL"]), begun)
    engine.dispose()


def _get(client: httpx.Client, path: str) -> Any:
    """The answer to a GET, asked again where the process that had it was killed."""

    def ask() -> httpx.Response | None:
        try:
            return client.get(path)
        except httpx.TransportError:
            return None

    answer = eventually(ask, f"{path} is not answered")
    assert answer is not None
    assert answer.status_code == 200, answer.text
    return answer.json()


def _kill(pids: list[int]) -> None:
    for pid in pids:
        if pid:
            os.kill(pid, signal.SIGKILL)


def _await_results(connection: Connection) -> None:
    def all_are_in() -> bool:
        waiting = connection.execute(text("SELECT count(*) FROM commands WHERE due_at IS NOT NULL")).scalar_one()
        connection.rollback()
        return not waiting

    eventually(all_are_in, "results are missing", seconds=PATIENCE)


def _counters_equal_a_recount(connection: Connection, deployment_id: int) -> None:
    rows = connection.execute(
        text("""
            SELECT rings.key, rings.targeted, rings.succeeded, rings.failed, rings.pending, rings.dispatched,
                   count(a.id) AS devices,
                   count(*) FILTER (WHERE a.state IN ('succeeded', 'already_compliant')) AS s,
                   count(*) FILTER (WHERE a.state = 'failed') AS f,
                   count(*) FILTER (WHERE a.state IN ('pending', 'dispatched', 'installing')) AS p,
                   count(a.dispatched_at) AS d
              FROM rings JOIN assignments AS a ON a.ring_id = rings.id
             WHERE rings.deployment_id = :id GROUP BY rings.id
        """),
        {"id": deployment_id},
    ).all()
    assert len(rows) == 5
    for row in rows:
        kept = (row.targeted, row.succeeded, row.failed, row.pending, row.dispatched)
        assert kept == (row.devices, row.s, row.f, row.p, row.d), row.key


def _every_device_was_published_once(connection: Connection) -> None:
    published, distinct = connection.execute(
        text(
            "SELECT count(*), count(DISTINCT device) FROM simulated_publications, unnest(devices) AS device"
            " WHERE key LIKE '%:publish:%'"  # the rollback rehearsal instructs one more device
        )
    ).one()
    assert published == distinct == DEVICES


def _chain_verifies(connection: Connection, key: str) -> None:
    previous, expected = GENESIS, 1
    for row in connection.execute(text("SELECT * FROM events ORDER BY id")):
        assert row.id == expected
        content = {name: getattr(row, name) for name in ("id", "at", "type", "actor", "deployment_id", "payload")}
        assert row.previous_hash == previous
        assert row.hash == link(key.encode(), previous, **content)
        previous, expected = row.hash, expected + 1


def _graphite_never_exceeds_the_events(connection: Connection, graphite: Graphite, begun: float) -> None:
    """A killed process may have lost measures, which repair brings back; it must never have sent any twice."""
    time.sleep(3)
    wanted = totals(connection.execute(text("SELECT type, payload FROM events")).all())
    seen = graphite.totals(wanted, int(begun) - 60, int(time.time()) + 1)
    assert seen
    for name, count in wanted.items():
        assert seen[name] <= count, name
    assert seen["stats.counters.eucora.application._other.deployments.created.count"] == 1
