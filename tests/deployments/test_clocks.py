"""Devices whose clocks are wrong: what they say counts, when they say that it happened does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.deployments import silence
from tests.support.api import Api, make_token
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.fleet import DEVICES, Fleet, events
from tests.support.plans import gate

YEARS = timedelta(days=730)


@pytest.mark.parametrize("off", [YEARS, timedelta(seconds=301), -timedelta(hours=1), -YEARS])
def test_a_time_that_cannot_be_true_counts_as_now_and_is_marked(fleet: Fleet, clock: Clock, off: timedelta) -> None:
    deployment = fleet.dispatched("1.0")
    clock.advance(60)
    fleet.report(deployment, "succeeded", DEVICES[0], at=clock.time + off)
    fleet.report(deployment, "succeeded", DEVICES[1], at=clock.time - timedelta(seconds=20))
    (stored, _) = rows("SELECT occurred_at, received_at, clamped FROM reports ORDER BY id")
    assert (stored.occurred_at, stored.received_at, stored.clamped) == (clock.time + off, clock.time, True)
    wrong, right = fleet.of(deployment, DEVICES[0]), fleet.of(deployment, DEVICES[1])
    assert (wrong["clamped"], right["clamped"]) == (True, False)
    assert wrong["reported_at"] > right["reported_at"]
    assert [it["clamped"] for it in events("reports.ingested")] == [1, 0]


def test_a_clock_a_little_ahead_is_neither_marked_nor_ahead_of_ours(fleet: Fleet, clock: Clock) -> None:
    deployment = fleet.dispatched("1.0")
    fleet.report(deployment, "installing", DEVICES[0], at=clock.time + timedelta(minutes=5))
    (moved,) = rows("SELECT reported_at, clamped FROM assignments WHERE reported_at IS NOT NULL")
    assert (moved.reported_at, moved.clamped) == (clock.time, False)


@pytest.mark.parametrize("first", [YEARS, timedelta(0)])
@pytest.mark.parametrize("second", [timedelta(0), -timedelta(hours=1), -YEARS])
def test_a_rollback_takes_every_device_that_has_the_release(
    fleet: Fleet, clock: Clock, first: timedelta, second: timedelta
) -> None:
    """A clock that ran ahead once, or that is behind now, hides nothing that the device reports later."""
    for version, off in (("1.0", first), ("2.0", second)):
        deployment = fleet.dispatched(version)
        fleet.report(deployment, "succeeded", at=clock.time + off)
        fleet.finish(deployment)
    assert [row.version for row in rows(_INSTALLED)] == ["2.0"] * len(DEVICES)
    assert fleet.ring(fleet.roll_back(deployment))["targeted"] == len(DEVICES)


def test_what_is_received_last_is_what_a_device_has(fleet: Fleet, clock: Clock) -> None:
    """Whatever the two reports are dated, and whichever deployment began first."""
    first = fleet.dispatched("1.0")
    started = clock.time
    assert fleet.api.post(f"/deployments/{first}/abort")[0] == 200
    fleet.drive(3)
    second = fleet.dispatched("2.0")
    fleet.report(second, "succeeded")
    fleet.finish(second)
    fleet.report(first, "succeeded", DEVICES[0], at=started)
    assert fleet.ring(fleet.roll_back(first))["targeted"] == 1


_INSTALLED = "SELECT version FROM installations JOIN releases ON releases.id = release_id"


def test_a_device_that_dates_its_start_ahead_is_given_up_like_the_others(fleet: Fleet, clock: Clock) -> None:
    deployment = fleet.dispatched("1.0")
    fleet.report(deployment, "installing", DEVICES[0], at=clock.time + YEARS)
    fleet.report(deployment, "installing", DEVICES[1])
    clock.advance(7 * 86_400)
    fleet.drive(2)  # its connector is read
    silence.give_up()
    assert [fleet.of(deployment, it)["status"] for it in DEVICES[:2]] == ["expired", "expired"]
    assert_counters()


def test_a_time_ahead_does_not_hide_what_another_reporter_says(fleet: Fleet, clock: Clock, database: Flask) -> None:
    deployment = fleet.dispatched("1.0")
    fleet.report(deployment, "installing", at=clock.time + YEARS)
    fleet.report(deployment, "deferred", at=clock.time + timedelta(minutes=4))
    clock.advance(1)
    other = Fleet.__new__(Fleet)
    other.api = Api(database.test_client(), make_token("someone-else"))
    other.report(deployment, "succeeded", at=clock.time)
    assert fleet.ring(deployment)["succeeded"] == len(DEVICES)


@pytest.mark.parametrize("off", [YEARS, -YEARS])
def test_compliance_follows_our_clock(fleet: Fleet, clock: Clock, off: timedelta) -> None:
    """Neither is a clock ahead too late, nor is a clock behind in time."""
    plan = {"rings": [{"name": "everyone", "gate": gate(compliant_within={"online": 60})}]}
    assert fleet.api.raw("PUT", "/ring-plans/timed", json=plan).status_code == 201
    deployment = fleet.dispatched("1.0", plan="timed")
    clock.advance(30)
    fleet.report(deployment, "succeeded", *DEVICES[:2], at=clock.time + off)
    clock.advance(60)
    fleet.report(deployment, "succeeded", *DEVICES[2:], at=clock.time + off)
    assert fleet.ring(deployment)["compliant"] == 2
