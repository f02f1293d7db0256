"""The unit of work: all or nothing, one chain, and nothing after COMMIT can undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.support.api import deployment
from tests.support.clock import Clock
from tests.support.database import counts, nothing_written, rows
from tests.support.http import Client
from tests.support.jobs import Drive, Work
from tests.support.moments import state_at
from tests.support.threads import together

EventRow = Any


def verified() -> Sequence[EventRow]:
    """Every event, after recomputing the whole chain: ids without gaps, each hash over the one before."""
    from app.events.chain import GENESIS, link
    from app.settings import load_settings

    key = load_settings().event_key.get_secret_value().encode()
    events = rows("SELECT * FROM events ORDER BY id")
    previous = GENESIS
    for number, event in enumerate(events, start=1):
        assert event.id == number
        assert bytes(event.previous_hash) == previous
        content = {name: getattr(event, name) for name in ("id", "at", "type", "actor", "deployment_id", "payload")}
        previous = link(key, previous, **content)
        assert bytes(event.hash) == previous
    return events


def test_the_chain_of_a_rollout_verifies(client: Client, drive: Drive) -> None:
    client.register(2_000)
    path = f"/deployments/{client.deploy()['id']}"
    drive(120, until=lambda: state_at(path) == "completed")
    events = verified()
    types = [event.type for event in events]
    assert types[:4] == ["devices.registered", "deployment.created", "deployment.assessed", "deployment.planned"]
    assert types[-1] == "deployment.completed"
    assert types.count("ring.passed") == 5
    page = client.get(f"{path}/events?order=oldest&limit=500")["items"]
    assert [item["id"] for item in page] == [event.id for event in events if event.deployment_id]


def test_many_writers_at_once_cannot_fork_the_chain(database: Flask) -> None:
    from app.events.unit import unit_of_work

    def write(writer: int) -> None:
        for turn in range(30):
            with database.app_context(), unit_of_work(f"writer-{writer}") as unit:
                for part in range(turn % 3 + 1):
                    unit.record("test.written", {"writer": writer, "turn": turn, "part": part})

    together(*[lambda writer=writer: write(writer) for writer in range(8)])
    events = verified()
    assert len(events) == 8 * (10 * (1 + 2 + 3))
    for writer in range(8):
        of_writer = [(it.payload["turn"], it.payload["part"]) for it in events if it.payload["writer"] == writer]
        assert of_writer == sorted(of_writer)


def test_the_order_of_ids_is_the_order_of_commits(database: Flask) -> None:
    """A unit that recorded first but commits last comes last."""
    from app.events.unit import unit_of_work

    with database.app_context(), unit_of_work("slow") as slow:
        slow.record("test.slow", {})

        def quick() -> None:
            with database.app_context(), unit_of_work("quick") as unit:
                unit.record("test.quick", {})

        together(quick)
    assert [event.type for event in verified()] == ["test.quick", "test.slow"]


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "Zürich 東京 🚀 \u2028 \x7f", "ключ": ["ß", None, True]},
        {"quote": '"\\/', "newline": "a\nb\tc", "empty": "", "nested": {"b": 1, "a": {"z": [], "y": {}}}},
        {"whole": 2**62, "negative": -5, "rate": 0.125, "third": 1 / 3},
    ],
)
def test_a_payload_verifies_after_its_way_through_the_database(database: Flask, payload: dict[str, Any]) -> None:
    from app.events.unit import unit_of_work

    with unit_of_work("Jürgen") as unit:
        unit.record("test.payload", payload)
    (event,) = verified()
    assert event.payload == payload
    assert event.actor == "Jürgen"


def test_a_change_of_any_column_breaks_the_chain(database: Flask) -> None:
    from app.events.chain import GENESIS, link

    content: dict[str, Any] = {"id": 1, "at": Clock().time, "type": "t", "actor": "a", "deployment_id": 1}
    first = link(b"k" * 32, GENESIS, **content, payload={"a": 1})
    assert len(first) == 32
    assert first == link(b"k" * 32, GENESIS, **content, payload={"a": 1})
    others = [
        link(b"k" * 32, GENESIS, **content, payload={"a": 2}),
        link(b"x" * 32, GENESIS, **content, payload={"a": 1}),
    ]
    for change in ({"id": 2}, {"at": Clock().time}, {"type": "u"}, {"actor": "b"}, {"deployment_id": None}):
        others.append(link(b"k" * 32, GENESIS, **{**content, **change}, payload={"a": 1}))
    others.append(link(b"k" * 32, b"\1" * 32, **content, payload={"a": 1}))
    assert len({first, *others}) == len(others) + 1


def test_a_rollback_leaves_no_row_no_event_and_no_job(database: Flask) -> None:
    from app.events.unit import unit_of_work
    from app.identity.roles import Role
    from app.identity.tokens import create_token
    from app.queue import Job

    def fail() -> None:
        with unit_of_work("test") as unit:
            create_token("nobody", Role.VIEWER)
            unit.record("test.written", {})
            unit.enqueue(Job.PLAN, 1)
            raise RuntimeError

    with nothing_written(), pytest.raises(RuntimeError):
        fail()
    assert rows("SELECT 1 FROM tokens") == []


def test_a_refusal_is_recorded_only_by_a_rollback(database: Flask) -> None:
    from app.events.unit import unit_of_work

    def fail() -> None:
        with unit_of_work("test"), unit_of_work("test") as unit:
            unit.record_refusal("test.refused", {"of": 2})
            unit.record("test.done", {})
            raise RuntimeError

    with unit_of_work("test") as unit:
        unit.record_refusal("test.refused", {})
        unit.record("test.done", {})
    with pytest.raises(RuntimeError):
        fail()
    assert [(it.type, it.payload) for it in verified()] == [("test.done", {}), ("test.refused", {"of": 2})]


def test_nested_units_join_and_commit_once(database: Flask) -> None:
    from app.events.unit import unit_of_work

    with unit_of_work("outer") as outer:
        outer.record("test.first", {})
        with unit_of_work("inner") as inner:
            assert inner is outer
            inner.record("test.second", {})
        assert counts()["events"] == 0
        outer.record("test.third", {})
    events = verified()
    assert [event.type for event in events] == ["test.first", "test.second", "test.third"]
    assert {event.actor for event in events} == {"outer"}
    assert len({event.at for event in events}) == 1


def test_an_error_in_an_inner_unit_undoes_the_outer_one(database: Flask) -> None:
    from app.events.unit import unit_of_work

    def fail() -> None:
        with unit_of_work("outer") as outer:
            outer.record("test.first", {})
            with unit_of_work("inner") as inner:
                inner.record("test.second", {})
                raise RuntimeError

    with nothing_written(), pytest.raises(RuntimeError):
        fail()


def test_a_job_that_is_asked_for_twice_is_queued_once(database: Flask) -> None:
    from app.events.unit import unit_of_work
    from app.queue import Job

    with unit_of_work("test") as unit:
        unit.enqueue(Job.ADVANCE, 7)
        unit.enqueue(Job.ADVANCE, 7)
        unit.enqueue(Job.ADVANCE, 8)
        assert counts()["control"] == 0
    assert counts()["control"] == 2


@pytest.fixture
def broken_listener(database: Flask) -> Iterator[list[int]]:
    """A listener that raises each time; the list has what it was called with."""
    from app.events import unit

    seen: list[int] = []

    def listener(events: Sequence[unit.CommittedEvent]) -> None:
        seen.extend(event.id for event in events)
        raise RuntimeError("a listener that cannot listen")

    unit.install_listener(listener)
    yield seen
    unit._listeners.remove(listener)


@pytest.fixture
def failures(database: Flask) -> Iterator[list[str]]:
    """The steps after COMMIT that failed."""
    from app.events import unit

    steps: list[str] = []
    unit.install_failure_listener(steps.append)
    yield steps
    unit._failure_listeners.remove(steps.append)


def test_a_listener_that_raises_fails_nothing(client: Client, broken_listener: list[int], failures: list[str]) -> None:
    with nothing_written(applications=1, releases=1, deployments=1, rings=5, events=1, bulk=1):
        status, body = client.post("/deployments", deployment())
    assert (status, body["state"]) == (201, "planning")
    assert broken_listener == [1]
    assert failures == ["listener"]
    verified()


@pytest.fixture
def dead_redis(database: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The settings name a Redis that does not answer; called, the real one is back."""
    from app import queue
    from app.settings import load_settings

    def read_again() -> None:
        load_settings.cache_clear()
        queue.forget_connection()

    def revive() -> None:
        monkeypatch.undo()
        read_again()

    monkeypatch.setenv("EUCORA_REDIS_URL", f"unix://{tmp_path}/nobody.sock")
    read_again()
    yield revive
    revive()


def test_a_redis_that_is_down_fails_nothing_and_the_sweep_catches_up(
    client: Client, dead_redis: Callable[[], None], failures: list[str], work: Work, clock: Clock
) -> None:
    from app.deployments import progress

    client.register(50)
    status, body = client.post("/deployments", deployment())
    assert (status, body["state"]) == (201, "planning")
    assert rows("SELECT state FROM deployments") == [("planning",)]
    assert [it["what"] for it in client.get("/deployments/1")["next"]["awaits"]] == ["planning"]
    assert failures == ["enqueue"]
    assert client.raw("GET", "/deployments/1").status_code == 200
    ready = client.raw("GET", "/readyz")
    assert (ready.status_code, ready.json["redis"]) == (503, "does not answer")
    progress.sweep()  # cannot enqueue either, and takes a lease
    dead_redis()
    assert work() == []
    clock.advance(progress.LEASE_SECONDS + 1)
    progress.sweep()
    assert work()[:2] == ["plan", "advance"]
    assert client.get("/deployments/1")["state"] == "running"
    verified()


@pytest.mark.parametrize("table", ["events", "reports"])
@pytest.mark.parametrize("role", ["app", "owner"])
def test_what_was_written_is_never_changed(database: Flask, table: str, role: str) -> None:
    from app.events.unit import unit_of_work
    from app.settings import load_settings

    with unit_of_work("test") as unit:
        unit.record("test.written", {})
    settings = load_settings()
    engine = create_engine(settings.database_url if role == "app" else settings.owner_database_url)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with nothing_written(), pytest.raises(DBAPIError) as refusal, engine.begin() as connection:
            connection.execute(text(statement))
        if role == "owner":
            assert "append-only" in str(refusal.value)
    engine.dispose()


def test_the_app_role_owns_nothing_and_cannot_disarm_the_triggers(database: Flask) -> None:
    from app.db import db

    with db.engine.connect() as connection:
        role = connection.execute(text("SELECT current_user")).scalar_one()
        owned = connection.execute(
            text("SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = :role)"),
            {"role": role},
        ).scalar_one()
        power = connection.execute(
            text("SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = :role"),
            {"role": role},
        ).one()
    assert role == "eucora_app"
    assert owned == 0
    assert tuple(power) == (False, False, False, False)
    for statement in (
        "ALTER TABLE events DISABLE TRIGGER USER",
        "DROP TABLE events",
        "CREATE TABLE mine (id int)",
        "SET ROLE eucora_owner",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))
