"""Silent devices are given up and come back; a ring that waits too long asks a person; a bad release stops early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.connectors import registry
from app.connectors.protocol import ResultPage
from app.deployments import dispatch, progress, silence
from app.deployments.rules.rings import SILENT_AFTER
from tests.support.analysis import analysis
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.counters import assert_counters
from tests.support.fleet import DEVICES, Fleet
from tests.support.jobs import Drive, Work
from tests.support.moments import state_at
from tests.support.plans import gate


@pytest.fixture
def mute(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A vendor whose devices never say anything."""
    from app.settings import load_settings

    monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", '{"silent": 1}')
    load_settings.cache_clear()
    yield
    monkeypatch.undo()
    load_settings.cache_clear()


def _ring(api: Api, deployment: int, position: int = 0) -> Any:
    return api.get(f"/deployments/{deployment}/rings")["items"][position]


def _report(api: Api, deployment: int, devices: list[str], outcome: str, sequence: int = 1) -> None:
    body = [
        {"deployment_id": deployment, "external_id": device, "sequence": sequence, "outcome": outcome}
        for device in devices
    ]
    status, answer = api.post("/reports", body)
    assert status == 200, answer


def _lab(api: Api, deployment: int) -> list[str]:
    found = api.get(f"/deployments/{deployment}/assignments?ring=lab&limit=500")["items"]
    return [str(item["external_id"]) for item in found]


def test_silent_devices_lower_coverage_and_count_as_no_failure(
    mute: None, api: Api, drive: Drive, clock: Clock, work: Work
) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    drive(3)
    devices = _lab(api, deployment)
    clock.advance(10)
    _report(api, deployment, devices[:10], "installing")
    clock.advance(10)
    silence.give_up()
    ring = _ring(api, deployment)
    # Ten have just said that they are installing: a sign of life.
    assert (ring["silent"], ring["pending"], ring["failed"]) == (10, 10, 0)
    clock.advance(20)
    silence.give_up()
    ring = _ring(api, deployment)
    assert (ring["silent"], ring["pending"], ring["failed"], ring["eligible"]) == (20, 0, 0, 20)
    states = {item["status"] for item in api.get(f"/deployments/{deployment}/assignments?ring=lab&limit=500")["items"]}
    assert states == {"unreachable", "expired"}
    work()
    assert api.get(f"/deployments/{deployment}")["state"] == "running"


def test_a_late_report_brings_a_given_up_device_back(mute: None, api: Api, drive: Drive, clock: Clock) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    drive(3)
    devices = _lab(api, deployment)
    clock.advance(20)
    silence.give_up()
    _report(api, deployment, devices[:5], "succeeded")
    _report(api, deployment, devices[5:7], "installing")
    ring = _ring(api, deployment)
    assert (ring["succeeded"], ring["silent"]) == (5, 15)


def test_a_ring_of_silent_devices_never_passes_and_asks_a_person(
    mute: None, api: Api, drive: Drive, clock: Clock, work: Work
) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    drive(3)
    clock.advance(20)
    silence.give_up()
    clock.advance(24 * 3600)
    progress.sweep()
    work()
    stalled = api.get(f"/deployments/{deployment}")
    assert (stalled["state"], stalled["reason"]) == ("paused", "stalled:lab")
    assert [hold["hold"] for hold in stalled["holds"]] == ["stalled"]
    status, _ = api.post(f"/deployments/{deployment}/resume")
    assert status == 200
    progress.sweep()
    work()
    assert api.get(f"/deployments/{deployment}")["state"] == "running"


def test_the_sequential_test_stops_a_bad_release_before_the_ceiling(
    mute: None, api: Api, drive: Drive, work: Work
) -> None:
    api.register(2_000, tags=["lab"])
    deployment = api.deploy()["id"]
    drive(3)
    found = api.get(f"/deployments/{deployment}/assignments?limit=500")["items"]
    devices = [str(item["external_id"]) for item in found]
    # 2,000 dispatched: the ceiling of 10 % is 200 failures, the test needs fewer
    _report(api, deployment, devices[:160], "failed")
    progress.advance(deployment)
    stopped = api.get(f"/deployments/{deployment}")
    assert (stopped["state"], stopped["reason"]) == ("paused", "gate_failed:lab")
    assert stopped["rings"][0]["verdict_code"] == "sequential_test"


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Changes how the simulated devices and their vendor behave, until the test is over."""
    from app.settings import load_settings

    def change(value: str) -> None:
        monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", value)
        load_settings.cache_clear()

    yield change
    monkeypatch.undo()
    load_settings.cache_clear()


def test_an_open_breaker_is_a_hold_and_nothing_is_lost_by_it(
    profile: Callable[[str], None], api: Api, drive: Drive
) -> None:
    profile('{"silent": 0, "failure": 0, "outages": 1}')
    api.register(500)
    path = f"/deployments/{api.deploy()['id']}"
    drive(90)
    held = api.get(path)
    assert (held["state"], held["rings"][0]["dispatched"]) == ("running", 0)
    assert [hold["hold"] for hold in held["holds"]] == ["breaker"]
    profile('{"silent": 0, "failure": 0}')
    drive(700, step=2, until=lambda: state_at(path) == "completed")
    ended = api.get(path)
    assert (ended["state"], ended["holds"]) == ("completed", [])


@pytest.mark.parametrize("end", ["abort", "rollback"])
def test_no_device_stays_pending_after_the_end(
    mute: None, api: Api, drive: Drive, clock: Clock, work: Work, end: str
) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    drive(3)
    lab = _lab(api, deployment)
    _report(api, deployment, lab[:5], "installing")
    assert api.post(f"/deployments/{deployment}/{end}")[0] in (200, 201)
    work()
    silence.give_up()
    ring = _ring(api, deployment)
    assert (ring["pending"], ring["silent"]) == (20, 0)  # they have just been told, and most of them will report
    _report(api, deployment, lab[:2], "succeeded", sequence=2)
    clock.advance(20)
    silence.give_up()
    ring = _ring(api, deployment)
    assert (ring["succeeded"], ring["silent"], ring["pending"]) == (2, 18, 0)
    path = f"/deployments/{deployment}/assignments?ring=lab&status="
    assert [len(api.get(path + status)["items"]) for status in ("expired", "unreachable")] == [3, 15]
    _report(api, deployment, lab[2:4], "succeeded", sequence=3)
    assert (_ring(api, deployment)["succeeded"], _ring(api, deployment)["silent"]) == (4, 16)
    assert_counters()


def test_a_device_that_reported_without_a_command_is_given_up_too(mute: None, api: Api, clock: Clock) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    progress.plan(deployment)
    _report(api, deployment, _lab(api, deployment)[:1], "installing")
    assert api.post(f"/deployments/{deployment}/abort")[0] == 200
    progress.settle(deployment)
    clock.advance(20)
    silence.give_up()
    assert [_ring(api, deployment)[name] for name in ("silent", "pending", "excluded")] == [1, 0, 19]
    assert_counters()


def test_the_time_that_devices_took_to_report_is_no_patience_of_the_covered_ring(
    mute: None, api: Api, drive: Drive, clock: Clock
) -> None:
    """While devices are pending a ring may wait for longer; when all have reported, that time must not be used up."""
    never_measured = [analysis("nobody.writes.this")]
    rings = [{"name": "all", "gate": gate(max_wait_seconds=60, analyses=never_measured)}]
    body = {"silent_after": {"online": 900, "intermittent": 900, "air_gapped": 900}, "rings": rings}
    assert api.raw("PUT", "/ring-plans/slow", json=body).status_code == 201
    devices = api.register(4)
    deployment = api.deploy(plan="slow")["id"]
    drive(3)
    clock.advance(500)
    _report(api, deployment, devices, "succeeded")
    drive(20)
    assert _ring(api, deployment)["verdict_code"] == "analysis"
    assert api.get(f"/deployments/{deployment}")["state"] == "running"
    drive(60)
    assert api.get(f"/deployments/{deployment}")["reason"] == "stalled:all"


class Mute(Scripted):
    """A vendor that never has a result."""

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        return ResultPage([], cursor, exhausted=False)


@pytest.mark.parametrize("dated", [timedelta(0), timedelta(days=-30)])
def test_devices_that_report_before_their_commands_confirmation_are_given_up(
    fleet: Fleet, clock: Clock, dated: timedelta
) -> None:
    """The call timed out and the vendor had it. A device's time begins with the receipt, whatever its clock says."""
    vendor = Mute()
    vendor.deaf, vendor.faults = True, [TimeoutError("no answer")]
    with registry.replaced({"simulated": vendor}):
        deployment = fleet.api.deploy(plan="one")["id"]
        progress.plan(deployment)
        progress.advance(deployment)
        dispatch.deliver(1)
        fleet.report(deployment, "installing", at=clock.time + dated)
        clock.advance(120)
        dispatch.deliver(1)
        dispatch.collect(1)
        assert vendor.calls[:2] == ["publish", "find"]
        assert fleet.ring(deployment)["dispatched"] == 0
        silence.give_up()
        assert fleet.ring(deployment)["silent"] == 0
        clock.advance(SILENT_AFTER["online"])
        dispatch.collect(1)
        silence.give_up()
    assert (fleet.ring(deployment)["silent"], fleet.ring(deployment)["pending"]) == (len(DEVICES), 0)
    assert_counters()
