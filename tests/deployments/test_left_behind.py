"""Devices that a rollback does not reach: late installers join it, and who still has the release is listed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from app.db import db
from app.deployments import membership, progress
from app.metrics.projection import RULES
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.fleet import DEVICES, Fleet, events

EVENT = "rollback.devices_left_behind"


def test_a_late_installer_joins_the_rollback_whatever_its_report_is_dated(fleet: Fleet, clock: Clock) -> None:
    clock.advance(-86_400)  # joiners are found by the database's clock, which this one cannot move
    second = fleet.half_installed()
    installed = clock.time
    clock.advance(600)
    back = fleet.roll_back(second)
    assert fleet.ring(back)["targeted"] == 2
    with db.engine.begin() as connection:  # nobody is newly registered
        connection.execute(text("UPDATE devices SET changed_at = changed_at - interval '1 day'"))
    fleet.report(second, "succeeded", DEVICES[2], at=installed)  # true: it had no connection since
    membership.join_all()
    assert fleet.ring(back)["targeted"] == 3
    assert not fleet.of(second, DEVICES[2])["clamped"]
    assert fleet.left_behind(back)[DEVICES[2]] == ("pending", None)
    membership.join_all()
    assert fleet.ring(back)["targeted"] == 3
    assert events(EVENT) == []
    assert_counters()


def test_who_comes_back_with_the_release_is_rolled_back_too(fleet: Fleet) -> None:
    """One was retired before the rollback was planned, the other one after it."""
    second = fleet.half_installed()
    assert fleet.api.post("/devices/retire", {"external_ids": [DEVICES[0]]})[0] == 200
    back = fleet.roll_back(second)
    assert fleet.api.post("/devices/retire", {"external_ids": [DEVICES[1]]})[0] == 200
    assert fleet.ring(back)["eligible"] == 0
    with db.engine.begin() as connection:  # nobody has newly installed it
        connection.execute(text("UPDATE assignments SET moved_at = moved_at - interval '1 day'"))
    fleet.register(*DEVICES[:2])
    membership.join_all()
    assert [fleet.of(back, it)["status"] for it in DEVICES[:2]] == ["pending", "pending"]
    assert (fleet.ring(back)["targeted"], fleet.ring(back)["excluded"]) == (2, 0)
    assert_counters()


def test_who_installs_after_the_rollback_is_recorded_and_listed(fleet: Fleet) -> None:
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    fleet.report(back, "succeeded", *DEVICES[:2])
    fleet.finish(back)
    assert fleet.left_behind(back) == fleet.left_behind(second) == {}
    fleet.report(second, "succeeded", *DEVICES[2:])
    assert [(it["rolls_back"], it["devices"]) for it in events(EVENT)] == [(second, 2)]
    assert EVENT in RULES
    expected = dict.fromkeys(DEVICES[2:], (None, "not_in_rollback"))
    assert fleet.left_behind(back) == fleet.left_behind(second) == expected
    # A second rollback reaches them.
    again = fleet.roll_back(second)
    fleet.report(again, "succeeded", *DEVICES[2:])
    assert fleet.left_behind(second) == {}
    assert_counters()


def test_who_installs_as_the_rollback_ends_is_recorded_once(fleet: Fleet) -> None:
    """After the last look for joiners, and before the rollback is settled."""
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    fleet.report(second, "succeeded", DEVICES[2])
    assert fleet.api.post(f"/deployments/{back}/abort")[0] == 200
    fleet.report(second, "succeeded", DEVICES[3])
    for _ in range(2):
        progress.settle(back)
    assert [it["devices"] for it in events(EVENT)] == [2]


def test_an_installer_of_a_rollback_that_found_nobody_is_recorded(fleet: Fleet) -> None:
    first = fleet.dispatched("1.0")
    back = fleet.roll_back(first)
    assert fleet.state(back) == "rejected"
    fleet.report(first, "succeeded", DEVICES[0])
    assert [it["devices"] for it in events(EVENT)] == [1]
    assert fleet.left_behind(first) == {DEVICES[0]: (None, "not_in_rollback")}


def test_the_list_says_what_became_of_each_device(fleet: Fleet, clock: Clock) -> None:
    first = fleet.dispatched("1.0")
    fleet.report(first, "succeeded")
    fleet.finish(first)
    second = fleet.dispatched("2.0")
    fleet.report(second, "succeeded")
    back = fleet.roll_back(second)
    fleet.report(back, "succeeded", DEVICES[0])
    fleet.report(back, "failed", DEVICES[1])
    assert fleet.api.post("/devices/retire", {"external_ids": [DEVICES[3]]})[0] == 200
    assert fleet.left_behind(back) == {DEVICES[1]: ("failed", ""), DEVICES[2]: ("dispatched", None)}
    # A newer release replaces the one that was rolled back, and the device is back in order.
    assert fleet.api.post(f"/deployments/{back}/abort")[0] == 200
    third = fleet.dispatched("3.0", devices=3)
    fleet.report(third, "succeeded", DEVICES[1], at=clock.time - timedelta(days=1))
    assert fleet.left_behind(back) == {DEVICES[2]: ("dispatched", None)}


def test_a_deployment_without_a_rollback_leaves_nobody_behind(fleet: Fleet) -> None:
    first = fleet.dispatched("1.0")
    for number, status, type in ((first, 409, "not-rolled-back"), (4711, 404, "no-such-deployment")):
        answer = fleet.api.raw("GET", f"/deployments/{number}/left-behind")
        assert (answer.status_code, answer.json["type"]) == (status, f"urn:eucora:problem:{type}")


def test_a_device_whose_return_failed_is_listed_until_it_is_back(fleet: Fleet) -> None:
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    fleet.report(back, "failed", DEVICES[0])
    fleet.report(back, "succeeded", DEVICES[1])
    fleet.finish(back)
    assert fleet.left_behind(back)[DEVICES[0]][0] == "failed"
    assert fleet.report(back, "succeeded", DEVICES[0]) == ["received"]
    assert DEVICES[0] not in fleet.left_behind(back)
    assert fleet.report(back, "failed", DEVICES[0]) == ["late"]
    assert_counters()
