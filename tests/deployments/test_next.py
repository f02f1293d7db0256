"""What a live deployment says it waits for while its queue is behind, its vendor throttles, or others come first."""

from __future__ import annotations

from typing import Any

import pytest

from app import queue
from app.connectors.protocol import ConnectorError, ErrorClass
from app.deployments import dispatch, progress
from app.http.serialization import timestamp
from app.queue import BEHIND, ROLLOUTS, Job, QueueName
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.database import rows
from tests.support.http import Client
from tests.support.jobs import Drive

ANY_JOB = {QueueName.CONTROL: Job.ADVANCE, QueueName.BULK: Job.DELIVER, QueueName.DRIFT: Job.COMPARE}


@pytest.fixture
def planned(client: Client, vendor: Scripted, clock: Clock) -> Client:
    """Deployment 1, whose command 1 waits to be sent."""
    client.register(50)
    client.deploy()
    progress.plan(1)
    progress.advance(1)
    queue.connection().flushall()
    return client


def awaits(client: Client, number: int = 1) -> dict[str, Any]:
    listed = client.get(f"/deployments/{number}")["next"]["awaits"]
    return {awaited["what"]: awaited for awaited in listed}


def throttled(retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(ErrorClass.TRANSIENT, "429: too many requests", retry_after)


@pytest.mark.parametrize("name", ROLLOUTS)
def test_a_queue_that_is_behind_is_named(planned: Client, clock: Clock, name: QueueName) -> None:
    queue.enqueue(ANY_JOB[name], 1)
    clock.advance(BEHIND[name] - 5)
    assert "queue" not in awaits(planned)
    clock.advance(70)
    awaited = awaits(planned)["queue"]
    assert f"the queue `{name}` is behind: its oldest job has waited 2 min" in awaited["reason"]
    assert "flask doctor" in awaited["reason"]
    assert planned.get("/deployments/1")["holds"] == []


def test_the_queue_of_drift_keeps_no_rollout_waiting(planned: Client, clock: Clock) -> None:
    queue.enqueue(Job.COMPARE, 1)
    clock.advance(BEHIND[QueueName.DRIFT] + 60)
    assert "queue" not in awaits(planned)


def test_planning_names_the_queue_that_it_waits_in(client: Client, clock: Clock) -> None:
    client.register(50)
    client.deploy()
    assert list(awaits(client)) == ["planning"]
    clock.advance(BEHIND[QueueName.BULK] + 60)
    assert list(awaits(client)) == ["planning", "queue"]
    assert {way["decision"] for way in client.get("/deployments/1")["next"]["ways"]} == {"abort"}


def test_planning_names_the_deployment_that_must_be_settled_first(planned: Client) -> None:
    planned.deploy(version="2.0", artifact_hash="sha256:" + "b" * 64, supersede=True)
    progress.plan(2)
    assert "deployment 1, which it supersedes" in awaits(planned, 2)["planning"]["reason"]
    progress.settle(1)
    assert "assigned to rings" in awaits(planned, 2)["planning"]["reason"]


def test_a_vendor_that_throttles_a_command_is_named_with_the_time_it_asked_for(
    planned: Client, vendor: Scripted, clock: Clock, drive: Drive
) -> None:
    vendor.faults = [throttled(retry_after=45)]
    dispatch.deliver(1)
    (command,) = rows("SELECT due_at FROM commands")
    awaited = awaits(planned)["connector"]
    until = timestamp(command.due_at)
    assert awaited["reason"] == f"connector simulated: 429: too many requests; it asked us to wait until {until}"
    assert (awaited["until"], awaited["then"]) == (until, "the command is sent again")
    drive(60, until=lambda: "connector" not in awaits(planned))
    assert "connector" not in awaits(planned)


def test_a_vendor_that_does_not_say_when_is_asked_again_by_our_own_rule(planned: Client, vendor: Scripted) -> None:
    vendor.faults = [throttled()]
    dispatch.deliver(1)
    awaited = awaits(planned)["connector"]
    assert awaited["reason"] == "connector simulated: 429: too many requests"
    assert awaited["until"] is not None


def test_a_vendor_that_throttles_the_reading_of_results_is_named_and_left_alone(
    planned: Client, vendor: Scripted, clock: Clock, drive: Drive
) -> None:
    dispatch.deliver(1)
    vendor.faults = [throttled(retry_after=45)]
    dispatch.collect(1)
    awaited = awaits(planned)["connector"]
    assert "429: too many requests; it asked us to wait until" in awaited["reason"]
    assert awaited["then"] == "the command's results are read again"
    vendor.calls.clear()
    drive(40)
    assert "results" not in vendor.calls
    drive(20, until=lambda: "results" in vendor.calls)
    assert "connector" not in awaits(planned)


def test_no_vendor_puts_the_reading_of_results_off_for_long(planned: Client, vendor: Scripted, drive: Drive) -> None:
    dispatch.deliver(1)
    vendor.faults = [throttled(retry_after=7_200)]
    dispatch.collect(1)
    vendor.calls.clear()
    drive(90, until=lambda: "results" in vendor.calls)
    assert "results" in vendor.calls
