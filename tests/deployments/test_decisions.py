"""Pause, resume, abort, and what a failed gate leaves to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive, Work

PATH = "/deployments/1"
NEWER = 10**6
"""A sequence that no simulated device reaches."""


def ring(client: Client, key: str = "lab") -> Any:
    return next(it for it in client.get(f"{PATH}/rings")["items"] if it["key"] == key)


def state(client: Client) -> tuple[str, str]:
    shown = client.get(PATH)
    return shown["state"], shown["reason"]


def types() -> list[str]:
    return [row.type for row in rows("SELECT type FROM events ORDER BY id")]


def fail(client: Client, count: int, key: str = "lab") -> None:
    """Let the last word about `count` devices of a ring be a failure, whatever their connector reports."""
    items = client.get(f"{PATH}/assignments?ring={key}&limit={count}")["items"]
    assert len(items) == count
    body = [
        {"deployment_id": 1, "external_id": it["external_id"], "sequence": NEWER, "outcome": "failed"} for it in items
    ]
    connector = Client(client.client, make_token("simulated"))
    assert connector.post("/reports", body)[0] == 200


@pytest.fixture
def started(client: Client, clock: Clock) -> Client:
    """A client with deployment 1 of 500 devices whose lab ring (20 devices) has a command that is not sent yet."""
    from app.deployments import progress

    client.register(500)
    client.deploy()
    progress.plan(1)
    progress.advance(1)
    assert [row.state for row in rows("SELECT state FROM commands")] == ["queued"]
    return client


@pytest.fixture
def dispatched(started: Client) -> Client:
    """The same with the lab ring dispatched and no result read."""
    from app.deployments import dispatch

    dispatch.deliver(1)
    assert ring(started)["dispatched"] == 20
    return started


def test_a_paused_deployment_dispatches_nothing_even_with_a_command_in_the_queue(
    started: Client, work: Work, drive: Drive
) -> None:
    assert started.post(f"{PATH}/pause", {"reason": "lunch"})[0] == 200
    assert "deliver" in work()
    drive(30, step=3)
    assert state(started) == ("paused", "lunch")
    assert [row.state for row in rows("SELECT state FROM commands")] == ["queued"]
    assert rows("SELECT 1 FROM simulated_publications") == []
    assert all(it["dispatched"] == 0 for it in started.get(f"{PATH}/rings")["items"])
    assert "command.confirmed" not in types()


def test_a_resumed_deployment_goes_on_and_completes(started: Client, drive: Drive) -> None:
    started.post(f"{PATH}/pause")
    drive(20)
    assert started.post(f"{PATH}/resume")[0] == 200
    drive(90, step=3, until=lambda: state(started)[0] == "completed")
    assert state(started) == ("completed", "all_rings_over")
    assert [it["state"] for it in started.get(f"{PATH}/rings")["items"]] == ["passed"] * 5
    assert_counters()


def test_pausing_between_two_rings_starts_no_other(started: Client, drive: Drive) -> None:
    drive(60, until=lambda: ring(started)["state"] == "soaking")
    started.post(f"{PATH}/pause")
    drive(60, step=5)
    assert (ring(started)["state"], ring(started, "canary")["state"]) == ("soaking", "pending")
    started.post(f"{PATH}/resume")
    drive(90, step=3, until=lambda: state(started)[0] == "completed")
    assert state(started)[0] == "completed"


def duration(key: str = "lab") -> tuple[timedelta, timedelta]:
    """A passed ring's time from dispatch to coverage, and the part of it that its event calls its duration."""
    (row,) = rows("SELECT * FROM rings WHERE key = :key", key=key)
    (event,) = rows("SELECT payload FROM events WHERE type = 'ring.passed' AND payload->>'ring' = :key", key=key)
    return row.covered_at - row.dispatched_at, timedelta(milliseconds=event.payload["duration_ms"])


@pytest.mark.parametrize("covered_while_paused", [False, True])
def test_paused_time_is_no_duration(dispatched: Client, clock: Clock, drive: Drive, covered_while_paused: bool) -> None:
    clock.advance(0.1)
    dispatched.post(f"{PATH}/pause")
    clock.advance(1_000)
    if covered_while_paused:
        drive(20, until=lambda: ring(dispatched)["state"] == "soaking")
        clock.advance(500)
    dispatched.post(f"{PATH}/resume")
    drive(30, until=lambda: ring(dispatched)["state"] == "passed")
    between, told = duration()
    assert between > timedelta(seconds=1_000)
    assert timedelta(0) <= told < timedelta(seconds=10)


def test_several_pauses_add_up(dispatched: Client, clock: Clock, drive: Drive) -> None:
    for _ in range(3):
        dispatched.post(f"{PATH}/pause")
        clock.advance(100)
        dispatched.post(f"{PATH}/resume")
        clock.advance(0.01)
    assert rows("SELECT held_ms FROM rings WHERE key = 'lab'") == [(300_000,)]
    drive(30, until=lambda: ring(dispatched)["state"] == "passed")
    assert duration()[1] < timedelta(seconds=10)


def test_an_abort_cancels_what_was_not_dispatched(dispatched: Client, work: Work) -> None:
    assert dispatched.post(f"{PATH}/abort", {"reason": "wrong release"})[0] == 200
    assert "settle" in work()
    assert state(dispatched) == ("aborted", "wrong release")
    rings = dispatched.get(f"{PATH}/rings")["items"]
    assert (rings[0]["excluded"], rings[0]["eligible"]) == (0, 20)
    assert [(it["eligible"], it["pending"]) for it in rings[1:]] == [(0, 0)] * 4
    assert sum(it["excluded"] for it in rings) == 480
    assert sum(it["targeted"] for it in rings) == 500
    assert_counters()
    assert types()[-1] == "assignments.cancelled"
    assert rows("SELECT due_at FROM deployments") == [(None,)]
    assert rows("SELECT DISTINCT state FROM assignments WHERE command_id IS NULL") == [("cancelled",)]


def test_reported_dispatched_devices_count_after_an_abort(dispatched: Client, drive: Drive) -> None:
    dispatched.post(f"{PATH}/abort")
    drive(10)
    lab = ring(dispatched)
    assert (lab["succeeded"], lab["pending"]) == (20, 0)
    assert ring(dispatched, "canary")["dispatched"] == 0
    assert state(dispatched)[0] == "aborted"
    assert_counters()


def test_an_abort_cancels_a_command_that_was_not_sent(started: Client, work: Work, drive: Drive) -> None:
    started.post(f"{PATH}/abort")
    drive(20)
    assert rows("SELECT state, due_at FROM commands") == [("failed", None)]
    assert rows("SELECT 1 FROM simulated_publications") == []
    assert ring(started)["excluded"] == 20
    assert_counters()


def test_an_abort_while_paused(dispatched: Client, drive: Drive) -> None:
    dispatched.post(f"{PATH}/pause")
    assert dispatched.post(f"{PATH}/abort")[0] == 200
    drive(10)
    assert state(dispatched)[0] == "aborted"
    assert ring(dispatched)["succeeded"] == 20
    assert_counters()


def test_settling_twice_changes_nothing(dispatched: Client, work: Work) -> None:
    from app.deployments import progress

    dispatched.post(f"{PATH}/abort")
    work()
    with nothing_written():
        progress.settle(1)


def test_a_ring_above_its_ceiling_fails_and_pauses_the_deployment(dispatched: Client, drive: Drive) -> None:
    fail(dispatched, 4)
    drive(2)
    assert state(dispatched) == ("paused", "gate_failed:lab")
    lab = ring(dispatched)
    assert (lab["state"], lab["verdict"], lab["verdict_code"]) == ("failed", "fail", "error_ceiling")
    assert "4 of 20" in lab["verdict_reason"]
    assert types().count("ring.failed") == 1
    gate = dispatched.get(f"{PATH}/gates?order=oldest")["items"][-1]
    assert (gate["verdict"], gate["inputs"]["tally"]["failed"]) == ("fail", 4)


def test_a_failed_gate_cannot_be_resumed_past(dispatched: Client, drive: Drive) -> None:
    fail(dispatched, 4)
    drive(2)
    with nothing_written():
        assert "lab" in refused(dispatched.raw("POST", f"{PATH}/resume", json={}), 409, "failed-gate")["detail"]
    drive(30, step=3)
    assert state(dispatched) == ("paused", "gate_failed:lab")
    assert all(it["dispatched"] == 0 for it in dispatched.get(f"{PATH}/rings")["items"][1:])
    assert dispatched.post(f"{PATH}/abort")[0] == 200
    drive(5)
    assert_counters()
    refused(dispatched.raw("POST", f"{PATH}/resume", json={}), 409, "illegal-transition")


def test_as_many_failures_as_chance_explains_fail_nothing(dispatched: Client, drive: Drive) -> None:
    fail(dispatched, 3)
    drive(20)
    assert state(dispatched)[0] == "running"
    lab = ring(dispatched)
    assert (lab["state"], lab["failed"]) == ("passed", 3)
    assert "this proves a success rate of 65.6%, not yet the target of 95.0%" in lab["verdict_reason"]


def test_a_paused_deployment_is_judged_too(dispatched: Client, drive: Drive) -> None:
    dispatched.post(f"{PATH}/pause", {"reason": "lunch"})
    fail(dispatched, 4)
    drive(15)
    assert ring(dispatched)["state"] == "failed"
    assert state(dispatched)[0] == "paused"
    refused(dispatched.raw("POST", f"{PATH}/resume", json={}), 409, "failed-gate")


def test_a_scope_without_devices_is_rejected(client: Client, drive: Drive) -> None:
    client.register(10)
    client.deploy(scope={"tags": ["nobody-has-it"]})
    drive(2)
    assert state(client) == ("rejected", "empty_scope")
    assert types()[-1] == "deployment.rejected"
    assert rows("SELECT 1 FROM assignments") == []
    assert client.deploy(version="2.0")["state"] == "planning"


def test_an_empty_ring_is_skipped_never_passed(client: Client, drive: Drive) -> None:
    client.register(500, tags=[])
    client.deploy()
    drive(90, step=3, until=lambda: state(client)[0] == "completed")
    assert [it["state"] for it in client.get(f"{PATH}/rings")["items"]] == ["skipped"] + ["passed"] * 4
    events = rows("SELECT type FROM events WHERE payload->>'ring' = 'lab'")
    assert [event.type for event in events] == ["ring.skipped"]
    assert rows("SELECT 1 FROM gate_evaluations g JOIN rings r ON r.id = g.ring_id WHERE r.key = 'lab'") == []
