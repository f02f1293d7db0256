"""Why nothing is being dispatched: each hold stands, is told, is counted, and goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api, make_token
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.jobs import Drive

PATH = "/deployments/1"


def shown(api: Api) -> Any:
    return api.get(PATH)


def names(api: Api) -> list[str]:
    return [hold["hold"] for hold in shown(api)["holds"]]


def published() -> list[datetime]:
    return [row.published_at for row in rows("SELECT published_at FROM simulated_publications ORDER BY id")]


def use_plan(api: Api, name: str = "mine", **changes: Any) -> None:
    """Store plan `demo` under another name, with these fields of each ring or of the plan changed."""
    plan = api.get("/ring-plans/demo")
    body = {"rings": plan["rings"], "silent_after": plan["silent_after"], "windows": changes.pop("windows", [])}
    for ring in body["rings"]:
        ring.update(changes)
    answer = api.raw("PUT", f"/ring-plans/{name}", json=body)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["/freezes", "/emergency-stop"])
def test_a_freeze_stops_at_once_and_goes_on_when_two_people_lift_it(
    api: Api, drive: Drive, clock: Clock, path: str
) -> None:
    api.register(500)
    api.deploy()
    drive(60, until=lambda: shown(api)["rings"][0]["state"] == "passed")
    before = len(published())
    status, freeze = api.post(path, {"reason": "quarter end"})
    assert status == 201, freeze
    drive(60, step=3)
    hold = "freeze" if path == "/freezes" else "emergency_stop"
    assert names(api) == [hold]
    assert len(published()) - before <= 0
    assert shown(api)["state"] == "running"
    (event,) = rows("SELECT payload FROM events WHERE type = 'hold.began'")
    assert event.payload["hold"] == hold
    other = Api(api.client, make_token("colleague"))
    assert api.post(f"{path}/{freeze['id']}/lift", {"reason": "over"})[0] == 202
    drive(5)
    assert names(api) == [hold]
    assert other.post(f"{path}/{freeze['id']}/lift", {"reason": "over"})[0] == 200
    drive(120, until=lambda: shown(api)["state"] == "completed")
    assert (shown(api)["state"], names(api)) == ("completed", [])
    assert rows("SELECT count(*) AS n FROM events WHERE type = 'hold.ended'")[0].n == 1
    assert_counters()


def test_a_command_in_the_queue_is_not_sent_into_a_freeze(api: Api, clock: Clock, work: Any) -> None:
    from app.deployments import progress

    api.register(500)
    api.deploy()
    progress.plan(1)
    progress.advance(1)
    assert rows("SELECT state FROM commands") == [("queued",)]
    api.post("/emergency-stop", {"reason": "fire"})
    work()
    assert published() == []
    assert rows("SELECT state FROM commands") == [("queued",)]


def test_a_held_deployment_is_judged(api: Api, drive: Drive) -> None:
    """A breach is not ignored while something waits for a person."""
    api.register(500)
    api.deploy()
    drive(2)
    api.post("/freezes", {"reason": "quarter end"})
    told = [
        item
        for item in api.get(f"{PATH}/assignments?ring=lab&limit=50")["items"]
        if item["status"] in ("dispatched", "installing")
    ][:5]
    report = {"deployment_id": 1, "sequence": 10**6, "outcome": "failed"}
    assert api.post("/reports", [{**report, "external_id": item["external_id"]} for item in told])[0] == 200
    drive(6)
    assert (shown(api)["state"], shown(api)["reason"]) == ("paused", "gate_failed:lab")


def test_broken_glass_passes_a_freeze_but_no_emergency_stop(api: Api, drive: Drive) -> None:
    api.register(500)
    api.deploy()
    api.post("/freezes", {"reason": "quarter end"})
    drive(10)
    assert (names(api), published()) == (["freeze"], [])
    incident = api.post("/incidents", {"severity": "P1", "title": "exploited in the wild"})[1]["id"]
    status, answer = api.post(f"{PATH}/break-glass", {"reason": "patch now", "incident_id": incident})
    assert status in (200, 201), answer
    drive(10)
    assert names(api) == []
    assert published()
    api.post("/emergency-stop", {"reason": "fire"})
    drive(5)
    assert names(api) == ["emergency_stop"]


def test_dispatching_waits_for_the_plans_window(api: Api, drive: Drive, clock: Clock) -> None:
    clock.time = datetime(2026, 3, 2, 19, 58, tzinfo=UTC)  # a Monday, 20:58 in Berlin
    use_plan(api, windows=[{"cron": "0 22 * * 1-5", "duration_minutes": 60, "time_zone": "Europe/Berlin"}])
    api.register(500)
    api.deploy(plan="mine")
    drive(30, step=5)
    (hold,) = shown(api)["holds"]
    assert (hold["hold"], published()) == ("window", [])
    assert "2026-03-02T21:00:00" in hold["reason"]
    clock.time = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    drive(240, until=lambda: shown(api)["state"] == "completed")
    assert shown(api)["state"] == "completed"


def test_a_rollout_that_needs_several_weekly_windows_never_stalls(api: Api, drive: Drive, clock: Clock) -> None:
    """The days between two windows use up no patience, which is one day here."""
    opening = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)  # a Monday, 22:00 in Berlin
    clock.time = opening - timedelta(minutes=1)
    window = {"cron": "0 22 * * 1", "duration_minutes": 2, "time_zone": "Europe/Berlin"}
    use_plan(api, windows=[window], devices_per_minute=10)
    api.register(40)
    api.deploy(plan="mine")
    openings = 0
    while shown(api)["state"] == "running" or not openings:
        assert openings < 10
        clock.time = opening + openings * timedelta(days=7)
        drive(150, step=5)
        openings += 1
        clock.advance(timedelta(days=3).total_seconds())
        drive(10, step=10)
    assert shown(api)["state"] == "completed"
    assert openings > 1


def test_no_minute_sees_more_devices_than_the_rate(api: Api, drive: Drive) -> None:
    use_plan(api, devices_per_minute=60)
    api.register(150)
    api.deploy(plan="mine")
    seen = set()

    def watch() -> bool:
        seen.update(names(api))
        return bool(shown(api)["state"] == "completed")

    drive(400, step=2, until=watch)
    assert shown(api)["state"] == "completed"
    assert seen == {"rate"}
    told = rows("SELECT confirmed_at, size FROM commands WHERE purpose = 'rollout' ORDER BY confirmed_at")
    of_global = rows(
        "SELECT confirmed_at, size FROM commands JOIN rings ON rings.id = ring_id WHERE rings.key = 'global' ORDER BY 1"
    )
    assert sum(row.size for row in told) == 150
    for row in of_global:
        minute = [
            it.size for it in of_global if row.confirmed_at <= it.confirmed_at < row.confirmed_at + timedelta(minutes=1)
        ]
        assert sum(minute) <= 60
    assert len(of_global) >= 2


def test_no_more_devices_are_under_way_than_the_concurrency(api: Api, drive: Drive) -> None:
    use_plan(api, concurrency=7)
    api.register(60)
    api.deploy(plan="mine")
    most = 0

    def watch() -> bool:
        nonlocal most
        waiting = rows(
            "SELECT pending - coalesce((waiting->>'simulated')::int, 0) AS out FROM rings WHERE state <> 'pending'"
        )
        most = max([most, *(row.out for row in waiting)])
        return bool(shown(api)["state"] == "completed")

    drive(400, until=watch)
    assert shown(api)["state"] == "completed"
    assert 1 <= most <= 7
    assert_counters()


def test_devices_that_report_by_themselves_leave_room_for_nobody_else(api: Api, drive: Drive) -> None:
    """What needs no telling is no more waited for, and the concurrency counts those that were told."""
    use_plan(api, concurrency=3)
    api.register(500)
    api.deploy(plan="mine")
    drive(1)
    (lab,) = rows("SELECT * FROM rings WHERE key = 'lab'")
    assert lab.waiting == {"simulated": 17}
    found = api.get(f"{PATH}/assignments?ring=lab&limit=50")["items"]
    untold = [item["external_id"] for item in found if item["status"] == "pending"][:10]
    report = {"deployment_id": 1, "sequence": 1, "outcome": "already_compliant"}
    assert api.post("/reports", [{**report, "external_id": device} for device in untold])[0] == 200
    (lab,) = rows("SELECT * FROM rings WHERE key = 'lab'")
    assert (lab.waiting, lab.pending, lab.succeeded) == ({"simulated": 7}, 10, 10)
