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


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ({"platform": "macos"}, {}),
        ({"connector": "other"}, {}),
        ({"business_unit": "legal"}, {}),
        ({"tags": ["lab"]}, {}),
        ({"tags": ["vip"]}, {}),
        ({"tags": ["lab"]}, {"tags": ["lab", "new"]}),
    ],
)
def test_an_excluded_device_that_fits_again_rejoins(
    planned: Fleet, change: dict[str, Any], back: dict[str, Any]
) -> None:
    """In its own ring if it has its tag again, else in the last one."""
    fits = {"business_unit": "sales", "tags": ["lab", "vip"]}
    with registry.replaced({"simulated": Scripted(), "other": Scripted()}):
        planned.register(DEVICES[0], **{**fits, **change})
        dispatch.deliver(1)
        assert planned.of(1, DEVICES[0])["status"] == "not_applicable"
        membership.join_all()
        assert planned.of(1, DEVICES[0])["status"] == "not_applicable"  # it has not changed again
        planned.register(DEVICES[0], **{**fits, **back})
        membership.join_all()
        membership.join_all()
    shown = planned.of(1, DEVICES[0])
    assert (shown["status"], shown["reason"]) == ("pending", None)
    rings = planned.api.get("/deployments/1/rings")["items"]
    assert [(ring["targeted"], ring["excluded"]) for ring in rings] == ([(3, 0), (1, 0)] if back else [(4, 0), (0, 0)])
    assert_counters()


def test_a_device_without_a_tag_of_a_ring_rejoins_too(fleet: Fleet) -> None:
    """The tags of the scope and those of the rings are different things."""
    rings = [{"name": "vips", "tag": "vip", "gate": gate()}, {"name": "rest", "gate": gate()}]
    assert fleet.api.raw("PUT", "/ring-plans/two", json={"rings": rings}).status_code == 201
    fleet.api.deploy(plan="two", scope={"tags": ["lab"]})
    progress.plan(1)
    assert fleet.api.post("/devices/retire", {"external_ids": [DEVICES[0]]})[0] == 200
    fleet.register(DEVICES[0])
    membership.join_all()
    assert fleet.of(1, DEVICES[0])["status"] == "pending"


def test_what_a_device_reported_as_not_applicable_stays(planned: Fleet) -> None:
    dispatch.deliver(1)
    planned.report(1, "not_applicable", DEVICES[0])
    planned.register(DEVICES[0], business_unit="sales", tags=["lab", "vip", "new"])
    membership.join_all()
    assert planned.of(1, DEVICES[0])["status"] == "not_applicable"


def test_a_device_that_gets_the_tag_of_a_ring_joins_that_ring_while_it_is_dispatched(planned: Fleet) -> None:
    planned.register("boss", "intern", business_unit="sales", tags=[])  # out of scope
    membership.join_all()
    assert planned.of(1, "boss") is None
    planned.register("boss", business_unit="sales", tags=["lab", "vip"])
    planned.register("intern", business_unit="sales", tags=["lab"])
    membership.join_all()
    membership.join_all()
    rings = planned.api.get("/deployments/1/rings")["items"]
    assert [ring["targeted"] for ring in rings] == [5, 1]
    joined = rows("SELECT payload FROM events WHERE type = 'assignments.joined' ORDER BY id")
    assert [(it.payload["ring"], it.payload["devices"]) for it in joined] == [("vips", 1), ("rest", 1)]
    planned.drive(5)
    assert planned.of(1, "boss")["status"] == "dispatched"
    # Too late: the ring of the tag soaks or is over.
    planned.report(1, "succeeded", *DEVICES, "boss")
    planned.drive(10, until=lambda: planned.ring(1)["state"] == "passed")
    planned.register("chief", business_unit="sales", tags=["lab", "vip"])
    membership.join_all()
    rings = planned.api.get("/deployments/1/rings")["items"]
    assert [ring["targeted"] for ring in rings] == [5, 2]
    assert_counters()


def test_a_device_of_a_later_ring_that_gets_an_earlier_rings_tag_keeps_its_ring(planned: Fleet) -> None:
    planned.register("late", business_unit="sales", tags=["lab"])
    membership.join_all()
    planned.register("late", business_unit="sales", tags=["lab", "vip"])
    membership.join_all()
    rings = planned.api.get("/deployments/1/rings")["items"]
    assert [ring["targeted"] for ring in rings] == [4, 1]
    planned.drive(3)
    planned.report(1, "succeeded", *DEVICES)
    planned.drive(20, until=lambda: planned.of(1, "late")["status"] == "dispatched")
    assert planned.of(1, "late")["status"] == "dispatched"


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
