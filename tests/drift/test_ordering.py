"""A person orders the remediation of many findings with one call."""

from __future__ import annotations

from collections import Counter
from typing import Any

from app.drift import remediation
from tests.support.clock import Clock
from tests.support.drift import Fleet, Limit, change, instructed, issued, remediate
from tests.support.fleet import events
from tests.support.jobs import Work
from tests.support.simulation import Behave

EVENT = "drift.remediation_ordered"
HOUR = 3600


def order(fleet: Fleet, most: int = 1_000, **fields: Any) -> dict[str, int]:
    finding = fleet.findings()[0]
    wanted = {"application": finding["application"], "platform": finding["platform"], **fields}
    body = {"filter": wanted, "most": most, "reason": "checked with the vendor: they are really gone"}
    status, answer = fleet.api.post("/drift/remediations", body)
    assert status == 200, answer
    return {**answer}


def states(fleet: Fleet) -> Counter[tuple[str, str]]:
    return Counter((finding["ring"], finding["state"]) for finding in fleet.findings())


def test_one_call_has_all_findings_of_a_ring_remediated(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    pilot = states(fleet)["pilot", "needs_person"]
    assert pilot > 100
    assert order(fleet, ring="pilot", reason="ring") == {"ordered": pilot, "left": 0}
    assert {finding["ordered_by"] for finding in fleet.findings(state="open")} > {None}
    fleet.drive(2)  # the order has enqueued the work
    assert instructed()["pilot"] == pilot
    assert max(issued()) == pilot
    event = events(EVENT)[0]
    assert (event["devices"], event["filter"]["ring"], event["left"]) == (pilot, "pilot", 0)
    assert event["reason"].startswith("checked")
    assert order(fleet, ring="pilot") == {"ordered": 0, "left": 0}
    assert len(events(EVENT)) == 1


def test_what_was_ordered_stays_ordered_when_inventories_are_compared_again(
    fleet: Fleet, drift: Behave, limits: Limit
) -> None:
    """It neither needs a person again because of its ring nor because so many differ."""
    limits(share=0.001, devices=1)
    drift(drift_missing=1)
    fleet.reconcile()
    assert {finding["reason"] for finding in fleet.findings()} == {"too_many", "ring"}
    everything = len(fleet.findings())
    assert order(fleet) == {"ordered": everything, "left": 0}
    fleet.reconcile()
    fleet.drive(2)
    fleet.reconcile()
    assert set(states(fleet).elements()) == {(ring, "remediating") for ring in ("lab", "canary", "pilot")}
    assert sum(instructed().values()) == everything


def test_an_order_has_its_own_tries_and_then_a_person_is_asked_again(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    for orders in (1, 2):
        ordered = order(fleet, ring="pilot")["ordered"]
        for wait in (0, 1, 2, 4):
            clock.advance(wait * HOUR + 1)
            remediate(fleet)
            fleet.reconcile()
        assert instructed()["pilot"] == 3 * orders * ordered
        found = [finding for finding in fleet.findings() if finding["ring"] == "pilot"]
        assert {(it["state"], it["reason"], it["ordered_by"]) for it in found} == {("needs_person", "tries", None)}


def test_the_filters_and_the_bound(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=0.5, drift_version=0.3)
    fleet.reconcile()
    waiting = [finding for finding in fleet.findings(state="needs_person") if finding["kind"] != "extra"]
    versions = [finding for finding in waiting if finding["kind"] == "version"]
    for none in (
        {"connector": "nobody"},
        {"deployment_id": 4711},
        {"ring": "lab"},
        {"reason": "not_completed"},
        {"scope": {"tags": ["nowhere"]}},
        {"application": "another"},
        {"platform": "linux"},
    ):
        assert order(fleet, **none) == {"ordered": 0, "left": 0}
    assert order(fleet, most=2, kind="version") == {"ordered": 2, "left": len(versions) - 2}
    rest = order(fleet, kind="version", scope={"site_classes": ["online", "intermittent", "air_gapped"]})
    assert rest == {"ordered": len(versions) - 2, "left": 0}
    assert order(fleet) == {"ordered": len(waiting) - len(versions), "left": 0}


def test_nothing_is_sent_during_an_emergency_stop(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    ordered = order(fleet, ring="pilot")["ordered"]
    assert fleet.api.post("/emergency-stop", {"reason": "wait"})[0] == 201
    remediate(fleet)
    assert instructed()["pilot"] == 0
    change("UPDATE freezes SET lifted_at = now()")
    remediate(fleet)
    assert instructed()["pilot"] == ordered


def test_findings_of_an_aborted_deployment_can_be_ordered(fleet: Fleet, drift: Behave) -> None:
    change("UPDATE deployments SET state = 'aborted' WHERE id = :id", id=fleet.deployment)
    drift(drift_missing=1)
    fleet.reconcile()
    assert {finding["reason"] for finding in fleet.findings()} == {"not_completed"}
    everything = len(fleet.findings())
    assert order(fleet, reason="not_completed")["ordered"] == everything
    remediate(fleet)
    assert sum(instructed().values()) == everything


def test_what_a_body_must_have(fleet: Fleet) -> None:
    wanted = {"application": "app", "platform": "windows"}
    for body in (
        {"filter": wanted, "most": 1},
        {"filter": wanted, "reason": "x"},
        {"most": 1, "reason": "x"},
        {"filter": {**wanted, "kind": "extra"}, "most": 1, "reason": "x"},
        {"filter": wanted, "most": 50_001, "reason": "x"},
    ):
        assert fleet.api.raw("POST", "/drift/remediations", json=body).status_code == 422


def test_a_clock_that_is_set_back_stops_no_retry(fleet: Fleet, drift: Behave, clock: Clock, work: Work) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    ordered = order(fleet, ring="pilot")["ordered"]
    clock.advance(2 * HOUR)
    remediation.remediate()
    assert work() is not None
    assert instructed()["pilot"] == ordered
    clock.advance(-2 * HOUR)
    remediate(fleet)
    assert instructed()["pilot"] == 2 * ordered
    remediate(fleet)
    assert instructed()["pilot"] == 2 * ordered  # the next try has its wait
    clock.advance(2 * HOUR + 1)
    remediate(fleet)
    assert instructed()["pilot"] == 3 * ordered


def test_an_hour_that_the_clock_went_back_keeps_no_device_out(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    """The deployment ended, and its devices reported, in what is the future now."""
    clock.advance(-HOUR)
    drift(drift_missing=1)
    fleet.reconcile()
    ordered = order(fleet, ring="pilot")["ordered"]
    assert ordered > 100
    remediate(fleet)
    assert instructed()["pilot"] == ordered
