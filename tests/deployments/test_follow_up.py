"""By policy, devices that install a release after its rollback are returned without asking a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from app.db import db
from app.deployments import follow_up, silence
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.fleet import DEVICES, Fleet, events

EVENT = "rollback.followed_up"


def returned(fleet: Fleet, follows: bool = True) -> tuple[int, int]:
    """A rollout that two devices installed, and its completed rollback with this policy."""
    second = fleet.half_installed()
    status, created = fleet.api.post(f"/deployments/{second}/rollback", {"follow_up": follows})
    assert status == 201
    back = int(created["id"])
    fleet.drive(5, until=lambda: fleet.ring(back)["dispatched"] > 0)
    fleet.report(back, "succeeded", *DEVICES[:2])
    fleet.finish(back)
    return second, back


def follow(fleet: Fleet) -> None:
    """Have late installers followed up, and their commands delivered."""
    follow_up.follow_up_all()
    fleet.drive(5)


def commands(deployment: int) -> list[Any]:
    statement = (
        "SELECT size, state, failure FROM commands WHERE deployment_id = :id AND purpose = 'follow_up' ORDER BY id"
    )
    return [tuple(row) for row in rows(statement, id=deployment)]


def test_a_late_installer_is_returned_by_a_command_of_its_own(fleet: Fleet) -> None:
    second, back = returned(fleet)
    fleet.report(second, "succeeded", DEVICES[2])
    follow(fleet)
    assert fleet.of(back, DEVICES[2])["status"] == "dispatched"
    assert fleet.state(back) == "completed"
    assert fleet.left_behind(second) == {DEVICES[2]: ("dispatched", None)}
    follow(fleet)
    assert commands(back) == [(1, "confirmed", None)]
    assert [(it["devices"], it["rolls_back"]) for it in events(EVENT)] == [(1, second)]
    fleet.report(back, "succeeded", DEVICES[2])
    assert fleet.left_behind(second) == {}
    # The next one is told for itself, and nobody twice.
    fleet.report(second, "succeeded", DEVICES[3])
    follow(fleet)
    follow(fleet)
    assert commands(back) == [(1, "confirmed", None)] * 2
    assert_counters()


def test_without_the_policy_nothing_follows(fleet: Fleet) -> None:
    second, back = returned(fleet, follows=False)
    fleet.report(second, "succeeded", DEVICES[2])
    follow(fleet)
    assert (commands(back), fleet.of(back, DEVICES[2])) == ([], None)
    assert rows("SELECT id FROM late_installs") == []


def test_the_ring_plan_says_whether_late_installers_are_followed_up(fleet: Fleet) -> None:
    plan = fleet.api.get("/ring-plans/one")
    assert plan["follow_up"] is False
    body = {"rings": plan["rings"], "follow_up": True}
    assert fleet.api.raw("PUT", "/ring-plans/one", json=body).status_code == 201
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    fleet.report(back, "succeeded", *DEVICES[:2])
    fleet.finish(back)
    fleet.report(second, "succeeded", *DEVICES[2:])
    follow(fleet)
    assert commands(back) == [(2, "confirmed", None)]


def test_retired_and_accepted_devices_are_left_alone(fleet: Fleet) -> None:
    second, back = returned(fleet)
    stop = fleet.api.post("/emergency-stop", {"reason": "wait"})
    assert stop[0] == 201, stop
    fleet.report(second, "succeeded", *DEVICES[2:])
    follow(fleet)
    assert commands(back) == []
    assert fleet.api.post("/devices/retire", {"external_ids": [DEVICES[2]]})[0] == 200
    body = {"external_ids": [DEVICES[3]], "reason": "a kiosk"}
    assert fleet.api.post(f"/deployments/{back}/left-behind/accept", body)[0] == 200
    with db.engine.begin() as connection:  # what two people could do
        connection.execute(text("UPDATE freezes SET lifted_at = now()"))
    follow(fleet)
    assert (commands(back), rows("SELECT id FROM late_installs")) == ([], [])


def test_a_live_deployment_of_the_application_comes_first(fleet: Fleet) -> None:
    second, back = returned(fleet)
    third = fleet.dispatched("3.0")
    fleet.report(second, "succeeded", *DEVICES[2:])
    follow(fleet)
    assert commands(back) == []
    fleet.report(third, "succeeded", *DEVICES[:3])
    fleet.report(third, "failed", DEVICES[3])
    assert fleet.api.post(f"/deployments/{third}/abort")[0] == 200
    follow(fleet)  # it is settled first
    follow(fleet)
    # One has the newer release; the other one still has what was rolled back, and the newer one failed on it.
    assert fleet.of(back, DEVICES[2]) is None
    assert fleet.of(back, DEVICES[3])["status"] == "dispatched"
    assert_counters()


def test_a_rollback_that_found_nobody_begins_again(fleet: Fleet) -> None:
    first = fleet.dispatched("1.0")
    status, back = fleet.api.post(f"/deployments/{first}/rollback", {"follow_up": True})
    assert status == 201
    fleet.drive(5, until=lambda: fleet.state(back["id"]) == "rejected")
    fleet.report(first, "succeeded", DEVICES[0])
    follow(fleet)
    again = [it for it in fleet.api.get("/deployments?order=oldest")["items"] if it["rolls_back"] == first][-1]
    assert again["id"] != back["id"]
    assert again["state"] == "running"
    assert fleet.of(again["id"], DEVICES[0])["status"] == "dispatched"
    assert_counters()


def test_a_rollback_that_a_person_ended_is_not_followed_up(fleet: Fleet) -> None:
    second = fleet.half_installed()
    back = fleet.api.post(f"/deployments/{second}/rollback", {"follow_up": True})[1]["id"]
    fleet.drive(5, until=lambda: fleet.ring(back)["dispatched"] > 0)
    assert fleet.api.post(f"/deployments/{back}/abort")[0] == 200
    fleet.drive(3)
    fleet.report(second, "succeeded", DEVICES[2])
    follow(fleet)
    assert (commands(back), rows("SELECT id FROM late_installs")) == ([], [])
    assert fleet.left_behind(second)[DEVICES[2]] == (None, "not_in_rollback")


def test_a_silent_late_installer_is_given_up_and_not_told_again(fleet: Fleet, clock: Clock) -> None:
    second, back = returned(fleet)
    fleet.report(second, "succeeded", DEVICES[2])
    follow(fleet)
    clock.advance(3 * 86_400)
    fleet.drive(2)
    silence.give_up()
    follow_up.follow_up_all()
    assert fleet.left_behind(second) == {DEVICES[2]: ("unreachable", None)}
    assert len(commands(back)) == 1
    assert_counters()
