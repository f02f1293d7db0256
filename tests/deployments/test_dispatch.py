"""Commands on their way: published exactly once, whatever dies, fails or is decided meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.connectors.protocol import ConnectorError, ErrorClass, Pace
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.http import Client
from tests.support.jobs import Drive, Work
from tests.support.threads import together

PATH = "/deployments/1"


def fault(error_class: ErrorClass = ErrorClass.TRANSIENT, retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(error_class, "the vendor says no", retry_after)


@pytest.fixture
def queued(client: Client, vendor: Scripted, clock: Clock) -> Client:
    """A client with deployment 1 of 500 devices; command 1, for the lab ring's 20, is not sent yet."""
    from app import queue
    from app.deployments import progress

    client.register(500)
    client.deploy()
    progress.plan(1)
    progress.advance(1)
    queue.connection().flushall()
    assert command().state == "queued"
    return client


def command(number: int = 1) -> Any:
    return rows("SELECT * FROM commands ORDER BY id")[number - 1]


def lab() -> Any:
    return rows("SELECT * FROM rings WHERE key = 'lab'")[0]


def deployment() -> tuple[str, str]:
    row = rows("SELECT state, reason FROM deployments")[0]
    return row.state, row.reason


def deliver() -> None:
    from app.deployments import dispatch

    dispatch.deliver(1)


def wait(clock: Clock) -> None:
    """Until a command that is `sending` is taken for lost."""
    clock.advance(Pace().call_lasts + 1)


def test_a_command_is_delivered_and_its_devices_are_dispatched(queued: Client, vendor: Scripted) -> None:
    deliver()
    assert vendor.calls == ["publish"]
    assert len(vendor.published["1:lab:publish:1"]) == 20
    assert (command().state, command().tries, command().external_ref) == ("confirmed", 1, "1:lab:publish:1")
    assert rows("SELECT count(*) FROM assignments WHERE state = 'dispatched'") == [(20,)]
    assert lab().dispatched == 20
    deliver()
    assert vendor.calls == ["publish"]


def test_two_workers_with_one_command_publish_it_once(database: Flask, queued: Client, vendor: Scripted) -> None:
    def work() -> None:
        with database.app_context():
            deliver()

    together(*[work] * 4)
    assert vendor.calls.count("publish") == 1
    assert command().state == "confirmed"
    assert lab().dispatched == 20


@pytest.mark.parametrize("had_published", [True, False])
def test_a_killed_worker_publishes_neither_twice_nor_never(
    queued: Client, vendor: Scripted, clock: Clock, work: Work, had_published: bool
) -> None:
    from app.deployments import dispatch, progress

    begun = dispatch._begin(1)
    assert begun is not None
    if had_published:
        vendor.publish(begun.instruction)  # type: ignore[arg-type]  # a publication
    assert command().state == "sending"
    vendor.calls.clear()
    deliver()  # a second worker, too early: the first may still be at it
    assert vendor.calls == []
    wait(clock)
    progress.sweep()
    assert "deliver" in work()
    assert vendor.calls == (["find"] if had_published else ["find", "publish"])
    assert command().state == "confirmed"
    assert (lab().dispatched, len(vendor.published)) == (20, 1)


@pytest.mark.parametrize("decision", ["pause", "abort"])
def test_what_a_killed_worker_had_not_published_is_not_published_after_a_decision(
    queued: Client, vendor: Scripted, clock: Clock, drive: Drive, decision: str
) -> None:
    from app.deployments import dispatch

    assert dispatch._begin(1) is not None
    assert queued.post(f"{PATH}/{decision}")[0] == 200
    wait(clock)
    drive(30)
    assert "find" in vendor.calls
    assert vendor.published == {}
    assert lab().dispatched == 0
    assert_counters()
    if decision == "abort":
        assert (command().state, command().due_at, lab().excluded) == ("failed", None, 20)
        return
    assert command().state == "retry_wait"
    assert queued.post(f"{PATH}/resume")[0] == 200
    drive(90, step=3, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"
    assert len(vendor.published["1:lab:publish:1"]) == 20


def test_what_was_published_is_confirmed_also_after_an_abort(
    queued: Client, vendor: Scripted, clock: Clock, drive: Drive
) -> None:
    from app.deployments import dispatch

    begun = dispatch._begin(1)
    assert begun is not None
    vendor.publish(begun.instruction)  # type: ignore[arg-type]  # a publication
    queued.post(f"{PATH}/abort")
    wait(clock)
    drive(20)
    assert command().state == "confirmed"
    assert (lab().dispatched, lab().succeeded, lab().excluded) == (20, 20, 0)
    assert_counters()


def test_a_transient_error_is_tried_again_with_growing_pauses(
    queued: Client, vendor: Scripted, clock: Clock, drive: Drive
) -> None:
    vendor.faults = [fault(), fault(), fault()]
    pauses = []
    for _ in range(3):
        deliver()
        assert command().state == "retry_wait"
        assert command().error == "the vendor says no"
        pauses.append((command().due_at - clock()).total_seconds())
        clock.advance(pauses[-1])
    assert pauses == [1, 2, 4]
    assert lab().dispatched == 0
    assert deployment() == ("running", "planned")
    deliver()
    assert (command().state, command().tries, command().error) == ("confirmed", 4, None)
    assert vendor.calls == ["publish", "find", "find", "find", "publish"]
    drive(90, step=3, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"
    assert rows("SELECT sum(failed) FROM rings") == [(0,)]


def test_the_vendors_wish_to_wait_is_honoured(queued: Client, vendor: Scripted, clock: Clock, drive: Drive) -> None:
    vendor.faults = [fault(retry_after=30)]
    deliver()
    assert command().due_at - clock() == timedelta(seconds=30)
    drive(29)
    assert vendor.calls == ["publish"]
    drive(15)
    assert "confirmed" in {command().state}


@pytest.mark.parametrize("deaf", [False, True])
def test_a_call_without_an_answer_is_looked_up_before_it_is_made_again(
    queued: Client, vendor: Scripted, clock: Clock, drive: Drive, deaf: bool
) -> None:
    vendor.deaf, vendor.faults = deaf, [TimeoutError("no answer")]
    deliver()
    assert command().state == "unknown"
    drive(25, until=lambda: command().state == "confirmed")
    assert command().state == "confirmed"
    assert vendor.calls == (["publish", "find"] if deaf else ["publish", "find", "publish"])
    assert (lab().dispatched, len(vendor.published["1:lab:publish:1"])) == (20, 20)


@pytest.mark.parametrize("error_class", [ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION])
def test_a_permanent_error_gives_the_devices_back_and_asks_a_person(
    queued: Client, vendor: Scripted, drive: Drive, error_class: ErrorClass
) -> None:
    vendor.faults = [fault(error_class)]
    deliver()
    assert (command().state, command().due_at) == ("failed", None)
    assert deployment() == ("paused", "command_failed:simulated")
    assert lab().waiting == {"simulated": 20}
    assert rows("SELECT 1 FROM assignments WHERE command_id IS NOT NULL") == []
    assert (lab().dispatched, lab().failed, lab().pending) == (0, 0, 20)
    assert_counters()
    drive(20)
    assert vendor.calls == ["publish"]
    assert queued.post(f"{PATH}/resume")[0] == 200
    drive(90, step=3, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"
    assert len(vendor.published["1:lab:publish:2"]) == 20
    assert queued.get("/connectors/simulated")["state"] == "closed"


@pytest.mark.parametrize("error_class", [ErrorClass.TRANSIENT, ErrorClass.PERMANENT])
def test_a_command_that_fails_after_an_abort_has_its_devices_cancelled(
    queued: Client, vendor: Scripted, drive: Drive, error_class: ErrorClass
) -> None:
    """The abort is settled while the command is on its way; the devices come back after that."""
    from app.deployments import progress

    def abort() -> None:
        assert queued.post(f"{PATH}/abort")[0] == 200
        progress.settle(1)

    vendor.meanwhile, vendor.faults = abort, [fault(error_class)]
    deliver()
    drive(30)
    assert (command().state, command().due_at) == ("failed", None)
    assert (lab().excluded, lab().pending) == (20, 0)
    assert vendor.published == {}
    assert rows("SELECT due_at FROM deployments") == [(None,)]
    assert_counters()


def test_devices_that_reported_by_themselves_are_not_sent(queued: Client, vendor: Scripted, drive: Drive) -> None:
    items = queued.get(f"{PATH}/assignments?ring=lab")["items"]
    body = [
        {"deployment_id": 1, "external_id": it["external_id"], "sequence": 1, "outcome": "already_compliant"}
        for it in items
    ]
    assert queued.post("/reports", body[:15])[0] == 200
    deliver()
    assert len(vendor.published["1:lab:publish:1"]) == 5
    assert lab().dispatched == 5
    assert_counters()
    drive(90, step=3, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"


def test_a_ring_whose_every_device_reported_by_itself_needs_no_command(
    queued: Client, vendor: Scripted, drive: Drive
) -> None:
    items = queued.get(f"{PATH}/assignments?ring=lab")["items"]
    body = [
        {"deployment_id": 1, "external_id": it["external_id"], "sequence": 1, "outcome": "succeeded"} for it in items
    ]
    assert queued.post("/reports", body)[0] == 200
    deliver()
    assert (command().state, vendor.calls) == ("failed", [])
    drive(90, step=3, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"


def test_results_that_cannot_be_read_are_asked_for_again(queued: Client, vendor: Scripted, drive: Drive) -> None:
    deliver()
    vendor.faults = [fault(), fault(ErrorClass.PERMANENT)]
    drive(60, until=lambda: lab().succeeded == 20)
    assert lab().succeeded == 20
    assert vendor.calls.count("results") == 3
    assert_counters()


def test_the_breaker_opens_after_five_faults_and_blocks_every_call(
    queued: Client, vendor: Scripted, clock: Clock, drive: Drive
) -> None:
    from app.connectors import breaker, calling, circuits

    vendor.faults = [fault() for _ in range(breaker.FAULTS_TO_OPEN)]
    for turn in range(breaker.FAULTS_TO_OPEN):
        assert queued.get("/connectors/simulated")["state"] == "closed"
        assert queued.get("/connectors/simulated")["failures"] == turn
        deliver()
        clock.advance(20)
    assert queued.get("/connectors/simulated")["state"] == "open"
    assert len(vendor.calls) == 5
    deliver()
    with pytest.raises(circuits.BreakerOpen):
        calling.call("simulated", "health", lambda connector: connector.health())
    assert len(vendor.calls) == 5
    assert command().state == "retry_wait"
    assert "breaker" in command().error
    assert deployment()[0] == "running"
    assert rows("SELECT count(*) FROM assignments WHERE state = 'failed'") == [(0,)]
    drive(240, step=5, until=lambda: deployment()[0] == "completed")
    assert deployment()[0] == "completed"
    changes = rows("SELECT payload FROM events WHERE type = 'breaker.changed' ORDER BY id")
    assert [(it.payload["from"], it.payload["to"]) for it in changes] == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ]
    assert_counters()


def test_a_probe_that_fails_opens_the_breaker_for_twice_as_long(queued: Client, vendor: Scripted, clock: Clock) -> None:
    from app.connectors import breaker

    vendor.faults = [fault() for _ in range(breaker.FAULTS_TO_OPEN + 1)]
    for _ in range(breaker.FAULTS_TO_OPEN):
        deliver()
        clock.advance(20)
    clock.advance(breaker.FIRST_WAIT)
    deliver()
    shown = queued.get("/connectors/simulated")
    assert (shown["state"], shown["wait_seconds"]) == ("open", 2 * breaker.FIRST_WAIT)
    assert len(vendor.calls) == 6


def test_a_permanent_error_says_nothing_about_the_vendors_health(queued: Client, vendor: Scripted) -> None:
    vendor.faults = [fault(ErrorClass.PERMANENT)]
    deliver()
    assert queued.get("/connectors/simulated")["failures"] == 0
