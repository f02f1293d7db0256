"""The machine's clock is set back or forward an hour while a rollout is under way: it goes on within one interval."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.commands import service as commands
from app.connectors.protocol import ConnectorError, ErrorClass, Pace
from app.db import db
from app.deployments import dispatch, progress, silence
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.http import Client
from tests.support.jobs import Drive, Work
from tests.support.plans import plan

PATH = "/deployments/1"
HOUR = 3_600


def roll_out(client: Client, **of_first: Any) -> None:
    assert client.raw("PUT", "/ring-plans/small", json=plan(of_first)).status_code == 201
    client.register(50)
    client.register(8, tags=["lab"])
    client.deploy(plan="small")


def command(number: int = 1) -> Any:
    return rows("SELECT * FROM commands ORDER BY id")[number - 1]


def state() -> str:
    return str(rows("SELECT state FROM deployments")[0].state)


def transient(retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(ErrorClass.TRANSIENT, "the vendor says no", retry_after)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
@pytest.mark.parametrize("seconds", range(8))
def test_a_rollout_goes_on(
    client: Client, vendor: Scripted, clock: Clock, drive: Drive, seconds: int, step: int
) -> None:
    """Whatever it was about to do: be planned, dispatch, collect, soak, start the next ring."""
    roll_out(client)
    drive(seconds)
    assert state() != "completed"
    clock.advance(step)
    drive(40, until=lambda: state() == "completed")
    assert state() == "completed"
    assert_counters()


@pytest.mark.parametrize("kind", ["freezes", "emergency-stop"])
def test_a_stop_that_stands_still_stands(
    client: Client, vendor: Scripted, clock: Clock, drive: Drive, kind: str
) -> None:
    roll_out(client)
    stop = client.post(f"/{kind}", {"reason": "fire"})[1]
    clock.advance(-HOUR)
    drive(5)
    assert vendor.calls == []
    assert client.get(f"/{kind}/{stop['id']}")["stands"]
    assert len(client.get(PATH)["holds"]) == 1


def test_a_paused_one_is_still_judged(client: Client, vendor: Scripted, clock: Clock, drive: Drive) -> None:
    roll_out(client)
    drive(2)
    assert client.post(f"{PATH}/pause")[0] == 200
    due_at = rows("SELECT due_at FROM deployments")[0].due_at
    clock.advance(-HOUR)
    drive(1)
    assert rows("SELECT due_at FROM deployments")[0].due_at < due_at


def test_a_wait_that_is_just_long_is_kept(client: Client, vendor: Scripted, clock: Clock, work: Work) -> None:
    roll_out(client)
    vendor.faults = [transient(retry_after=2 * HOUR)]
    work()
    assert command().state == "retry_wait"
    clock.advance(30)
    progress.sweep()
    work()
    assert vendor.calls == ["publish"]
    clock.advance(-HOUR)
    progress.sweep()
    work()
    assert vendor.calls == ["publish", "find", "publish"]


def test_a_call_under_way_gets_its_whole_time_again(
    client: Client, vendor: Scripted, clock: Clock, work: Work, drive: Drive
) -> None:
    roll_out(client)
    progress.plan(1)
    progress.advance(1)

    def set_back() -> None:
        clock.advance(-HOUR)
        progress.sweep()
        dispatch.deliver(1)  # while the first call is still under way
        assert vendor.calls == ["publish"]
        vendor.meanwhile = lambda: None

    vendor.meanwhile = set_back
    vendor.faults = [ConnectorError(ErrorClass.UNKNOWN, "timed out")]
    dispatch.deliver(1)
    assert command().state == "unknown"
    clock.advance(Pace().call_lasts + 1)
    dispatch.deliver(1)
    assert command().state == "confirmed"
    assert vendor.calls[:2] == ["publish", "find"]


def test_the_rate_is_that_of_the_minute(client: Client, vendor: Scripted, clock: Clock, drive: Drive) -> None:
    roll_out(client, devices_per_minute=3)
    drive(3)
    assert [hold["hold"] for hold in client.get(PATH)["holds"]] == ["rate"]
    clock.advance(-HOUR)
    drive(130)
    assert rows("SELECT dispatched FROM rings WHERE key = 'lab'")[0].dispatched == 9


def test_a_silent_device_is_given_up_after_its_time(client: Client, vendor: Scripted, clock: Clock, work: Work) -> None:
    roll_out(client)
    progress.plan(1)
    progress.advance(1)
    dispatch.deliver(1)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE commands SET due_at = NULL"))  # there is nothing to collect
    clock.advance(-HOUR)
    silence.give_up()
    clock.advance(29)
    silence.give_up()
    assert rows("SELECT silent FROM rings WHERE key = 'lab'")[0].silent == 0
    clock.advance(2)
    silence.give_up()
    assert rows("SELECT silent FROM rings WHERE key = 'lab'")[0].silent == 9


def test_the_breaker_counts_the_calls_of_the_last_minute(
    client: Client, vendor: Scripted, clock: Clock, work: Work
) -> None:
    roll_out(client)
    work()
    assert commands.recent_calls("simulated", clock()).made == 1
    clock.advance(-HOUR)
    assert commands.recent_calls("simulated", clock()).made == 0
