"""No dead ends: what is stuck can be waived, a waiver can be renewed, and holds use up nobody's patience."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.deployments import silence
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.mute import PATH, report, roll_out, told
from tests.support.plans import plan

HOUR = 3_600


def terms(clock: Clock, **fields: Any) -> dict[str, Any]:
    expires = (clock.time + timedelta(hours=1)).isoformat()
    return {"reason": "laptops are off", "compensating_controls": "they are called", "expires_at": expires, **fields}


def lab(client: Client) -> Any:
    return client.get(PATH)["rings"][0]


def test_a_freeze_uses_up_no_patience(mute: Client, drive: Drive, clock: Clock) -> None:
    roll_out(mute, plan(max_wait_seconds=HOUR))
    drive(3)
    silence_all(mute, clock)
    assert mute.post("/freezes", {"reason": "holidays"})[0] == 201
    drive(30, step=10)
    clock.advance(3 * 24 * HOUR)
    drive(30, step=10)
    assert mute.get(PATH)["state"] == "running"


def silence_all(client: Client, clock: Clock) -> None:
    clock.advance(100)
    silence.give_up()
    assert lab(client)["silent"] == 10


def test_a_stalled_ring_is_waived_like_a_failed_one(
    mute: Client, colleague: Client, drive: Drive, clock: Clock
) -> None:
    roll_out(mute, plan(max_wait_seconds=600))
    drive(3)
    silence_all(mute, clock)
    drive(900, step=30, until=lambda: mute.get(PATH)["state"] == "paused")
    shown = mute.get(PATH)
    assert shown["reason"] == "stalled:lab"
    assert [way["decision"] for way in shown["next"]["ways"]] == ["resume", "waive", "rollback", "abort"]
    assert colleague.post(f"{PATH}/waive", terms(clock))[0] == 200
    assert colleague.post(f"{PATH}/resume")[0] == 200
    drive(10)
    assert [ring["state"] for ring in mute.get(PATH)["rings"][:2]] == ["waived", "deploying"]


def test_the_rest_of_a_waived_ring_follows_at_its_pace(
    mute: Client, colleague: Client, drive: Drive, clock: Clock
) -> None:
    roll_out(mute, plan({"concurrency": 4}, strict=True))
    drive(3)
    assert lab(mute)["dispatched"] == 4
    report(mute, told(mute), "failed")
    drive(5)
    assert (lab(mute)["state"], lab(mute)["dispatched"]) == ("failed", 4)
    assert colleague.post(f"{PATH}/waive", terms(clock))[0] == 200
    assert colleague.post(f"{PATH}/resume")[0] == 200
    drive(10)
    assert lab(mute)["dispatched"] == 8
    report(mute, told(mute)[4:], "succeeded")
    drive(10)
    assert (lab(mute)["state"], lab(mute)["dispatched"], lab(mute)["succeeded"]) == ("waived", 10, 4)
    assert mute.get(PATH)["rings"][1]["state"] == "deploying"
    assert_counters()


def test_the_rest_of_a_waived_ring_can_be_left_out(mute: Client, colleague: Client, drive: Drive, clock: Clock) -> None:
    roll_out(mute, plan({"concurrency": 4}, strict=True))
    drive(3)
    report(mute, told(mute), "failed")
    drive(5)
    assert lab(mute)["state"] == "failed"
    status, answer = colleague.post(f"{PATH}/waive", terms(clock, skip_rest=True))
    assert status == 200
    ring = answer["rings"][0]
    assert (ring["state"], ring["excluded"], ring["pending"]) == ("waived", 6, 0)
    (event,) = rows("SELECT payload FROM events WHERE type = 'ring.waived'")
    assert event.payload["skipped"] == 6
    assert_counters()


def test_an_expired_waiver_can_be_renewed(mute: Client, colleague: Client, drive: Drive, clock: Clock) -> None:
    roll_out(mute, plan())
    drive(3)
    report(mute, told(mute), "failed")
    drive(5)
    assert colleague.post(f"{PATH}/waive", terms(clock))[0] == 200
    clock.advance(2 * HOUR)
    refusal = refused(colleague.raw("POST", f"{PATH}/resume", json={}), 409, "waiver-expired")
    assert "renew" in refusal["detail"]
    assert [way["decision"] for way in mute.get(PATH)["next"]["ways"]] == ["waive", "rollback", "abort"]
    assert colleague.post(f"{PATH}/waive", terms(clock))[0] == 200
    assert colleague.post(f"{PATH}/resume")[0] == 200
    refused(colleague.raw("POST", f"{PATH}/waive", json=terms(clock)), 409, "nothing-to-waive")


def test_a_started_ring_whose_devices_all_left_is_skipped(mute: Client, drive: Drive) -> None:
    roll_out(mute, plan())
    drive(3)
    report(mute, told(mute), "not_applicable")
    drive(5)
    assert [ring["state"] for ring in mute.get(PATH)["rings"][:2]] == ["skipped", "deploying"]


def test_a_deployment_that_reached_nobody_is_not_completed(mute: Client, drive: Drive) -> None:
    roll_out(mute, plan())
    for ring in ("lab", "canary", "pilot"):
        drive(10, until=lambda ring=ring: told(mute, ring))
        report(mute, told(mute, ring), "not_applicable")
    drive(10)
    assert (mute.get(PATH)["state"], mute.get(PATH)["reason"]) == ("aborted", "all_rings_skipped")


def test_a_rollback_leaves_no_device_behind_for_its_neighbours_sake(mute: Client, drive: Drive, clock: Clock) -> None:
    roll_out(mute, plan(strict=True, target=0.99, error_ceiling=0.05, min_reported=500))
    for ring in ("lab", "canary", "pilot"):
        drive(30, until=lambda ring=ring: told(mute, ring))
        report(mute, told(mute, ring), "succeeded")
    drive(30, until=lambda: mute.get(PATH)["state"] == "completed")
    drive(5)
    assert mute.post(f"{PATH}/rollback", {"reason": "printers"})[0] == 201
    drive(30, until=lambda: sum(ring["dispatched"] for ring in mute.get("/deployments/2")["rings"]) == 20)
    back = mute.get("/deployments/2")
    assert [ring["dispatched"] for ring in back["rings"]] == [ring["eligible"] for ring in back["rings"]]
    assert sum(ring["dispatched"] for ring in back["rings"]) == 20
    assert {way["decision"] for way in back["next"]["ways"]} == {"pause", "abort"}
    silent, failing, *healthy = [it for ring in ("pilot", "canary", "lab") for it in told(mute, ring, 2)]
    outcomes = {failing: "failed", **dict.fromkeys(healthy, "succeeded")}
    body = [
        {"deployment_id": 2, "external_id": it, "sequence": 2, "outcome": outcome} for it, outcome in outcomes.items()
    ]
    assert mute.post("/reports", body)[0] == 200
    drive(10)
    assert mute.get("/deployments/2")["state"] == "running", silent
    clock.advance(100)
    silence.give_up()
    drive(10)
    back = mute.get("/deployments/2")
    assert back["state"] == "completed"
    assert [sum(ring[name] for ring in back["rings"]) for name in ("succeeded", "failed", "silent")] == [18, 1, 1]
    assert_counters()


def test_the_api_says_what_a_soak_and_a_plan_wait_for(mute: Client, drive: Drive) -> None:
    roll_out(mute, plan(soak_seconds=HOUR))
    planning = mute.get(PATH)["next"]
    assert planning["awaits"][0]["what"] == "planning"
    drive(3)
    report(mute, told(mute), "succeeded")
    drive(5)
    (awaited,) = mute.get(PATH)["next"]["awaits"]
    assert awaited["what"] == "soak"
    assert awaited["until"] is not None
    assert "left" in awaited["reason"]
