"""Devices that change between planning and their turn: who no longer fits is excluded, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from app.connectors import registry
from app.connectors.protocol import ConnectorError, ErrorClass
from app.deployments import dispatch, membership, progress
from app.metrics.projection import project
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.fleet import DEVICES, Fleet
from tests.support.plans import gate

SCOPE = {"tags": ["lab"], "business_units": ["sales"]}


@pytest.fixture
def planned(fleet: Fleet) -> Fleet:
    """Four devices of which the first may change before its command is delivered; the ring is of the tag `vip`."""
    fleet.register(*DEVICES, business_unit="sales", tags=["lab", "vip"])
    rings = [{"name": "vips", "tag": "vip", "gate": gate()}, {"name": "rest", "gate": gate()}]
    assert fleet.api.raw("PUT", "/ring-plans/two", json={"rings": rings}).status_code == 201
    fleet.api.deploy(plan="two", scope=SCOPE)
    progress.plan(1)
    progress.advance(1)
    return fleet


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"platform": "macos"}, "platform_changed"),
        ({"connector": "other"}, "connector_changed"),
        ({"business_unit": "legal"}, "scope_changed"),
        ({"tags": ["vip"]}, "tag_changed"),
        ({"tags": ["lab"]}, "tag_changed"),
    ],
)
def test_a_device_that_changed_before_its_turn_is_excluded(planned: Fleet, change: dict[str, Any], reason: str) -> None:
    vendor = Scripted()
    with registry.replaced({"simulated": vendor, "other": Scripted()}):
        planned.register(DEVICES[0], **{"business_unit": "sales", "tags": ["lab", "vip"], **change})
        dispatch.deliver(1)
    assert sorted(vendor.published["1:lab:publish:1"]) == list(DEVICES[1:])
    shown = planned.of(1, DEVICES[0])
    assert (shown["status"], shown["reason"]) == ("not_applicable", reason)
    ring = planned.ring(1)
    assert (ring["excluded"], ring["eligible"], ring["dispatched"]) == (1, 3, 3)
    assert_counters()
    (event,) = rows("SELECT type, payload FROM events WHERE type = 'assignments.excluded'")
    assert event.payload["tallies"][0]["reason"] == reason
    assert [(it.path, it.value) for it in project(event)] == [("assignment.lab.simulated.not_applicable", 1)]


def test_a_change_that_does_not_matter_is_none(planned: Fleet) -> None:
    planned.register(DEVICES[0], business_unit="sales", tags=["lab", "vip", "new"], criticality="critical")
    dispatch.deliver(1)
    assert planned.ring(1)["dispatched"] == len(DEVICES)


def test_joiners_of_the_last_ring_need_not_have_its_tag(fleet: Fleet) -> None:
    """A device that comes into scope joins the last ring, whatever that ring is for."""
    rings = [{"name": "most", "gate": gate()}, {"name": "vips", "tag": "vip", "gate": gate()}]
    assert fleet.api.raw("PUT", "/ring-plans/two", json={"rings": rings}).status_code == 201
    fleet.register("boss", tags=["vip"])
    deployment = fleet.dispatched("1.0", plan="two")
    fleet.register("late")
    membership.join_all()
    fleet.report(deployment, "succeeded")
    fleet.drive(10, until=lambda: fleet.of(deployment, "boss")["status"] == "dispatched")
    fleet.drive(3)
    assert [fleet.of(deployment, it)["status"] for it in ("boss", "late")] == ["dispatched", "dispatched"]


def test_who_was_told_already_stays(planned: Fleet) -> None:
    dispatch.deliver(1)
    planned.register(DEVICES[0], platform="macos", business_unit="sales", tags=["lab", "vip"])
    planned.drive(2)
    assert planned.of(1, DEVICES[0])["status"] == "dispatched"


def test_a_ring_whose_every_device_changed_is_not_dispatched(planned: Fleet) -> None:
    planned.register(*DEVICES, platform="macos")
    dispatch.deliver(1)
    assert rows("SELECT state, failure FROM commands") == [("failed", "no_devices")]
    assert (planned.ring(1)["eligible"], planned.ring(1)["dispatched"]) == (0, 0)
    assert_counters()


@pytest.mark.parametrize("how", ["retire", "change"])
def test_who_leaves_while_its_command_waits_for_a_retry_is_not_told(planned: Fleet, clock: Clock, how: str) -> None:
    vendor = Scripted()
    vendor.faults = [ConnectorError(ErrorClass.TRANSIENT, "busy")]
    with registry.replaced({"simulated": vendor}):
        dispatch.deliver(1)
        if how == "retire":
            assert planned.api.post("/devices/retire", {"external_ids": [DEVICES[0]]})[0] == 200
        else:
            planned.register(DEVICES[0], platform="macos")
        clock.advance(5)
        dispatch.deliver(1)
    assert sorted(vendor.published["1:lab:publish:1"]) == list(DEVICES[1:])
    assert planned.of(1, DEVICES[0])["status"] == ("retired" if how == "retire" else "not_applicable")
    assert (planned.ring(1)["dispatched"], planned.ring(1)["excluded"]) == (3, 1)
    assert_counters()


@pytest.mark.parametrize("deaf", [True, False])
def test_a_command_that_may_have_been_sent_is_looked_up_even_if_nobody_waits_for_it(
    planned: Fleet, clock: Clock, deaf: bool
) -> None:
    """Its devices retired meanwhile: the vendor may have it all the same, and then its results are read."""
    vendor = Scripted()
    vendor.deaf, vendor.faults = deaf, [TimeoutError("no answer")]
    with registry.replaced({"simulated": vendor}):
        dispatch.deliver(1)
        assert planned.api.post("/devices/retire", {"external_ids": list(DEVICES)})[0] == 200
        clock.advance(120)
        dispatch.deliver(1)
    assert vendor.calls == ["publish", "find"]
    (command,) = rows("SELECT state, failure FROM commands")
    assert tuple(command) == (("confirmed", None) if deaf else ("failed", "no_devices"))
    assert planned.ring(1)["dispatched"] == 0
    assert_counters()


def test_a_rollback_reaches_devices_that_left_the_scope(planned: Fleet) -> None:
    dispatch.deliver(1)
    planned.report(1, "succeeded")
    planned.register(*DEVICES[:2], business_unit="legal", tags=[])
    planned.register(DEVICES[2], platform="macos", business_unit="sales", tags=["lab", "vip"])
    status, back = planned.api.post("/deployments/1/rollback")
    assert status == 201, back
    planned.drive(5)
    states = [planned.of(back["id"], it)["status"] for it in DEVICES]
    assert states == ["dispatched", "dispatched", "not_applicable", "dispatched"]
    assert_counters()
