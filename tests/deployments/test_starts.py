"""The earliest start of a deployment: it waits with its reason, starts on time, and can be changed before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.deployments import progress
from app.http.serialization import timestamp
from app.identity.roles import Role
from tests.support.api import deployment, make_token
from tests.support.approval import DANGEROUS, EVIDENCE
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import nothing_written, rows, statements
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.moments import state_at
from tests.support.previews import previewed

HOUR = timedelta(hours=1)
PATH = "/deployments/1"


@pytest.fixture
def ahead(clock: Clock) -> Callable[[timedelta], str]:
    """A time so far ahead, as the API writes it."""
    return lambda span: timestamp(clock.time + span)


def holds(client: Client) -> list[str]:
    return [hold["hold"] for hold in client.get(PATH)["holds"]]


def published() -> list[Any]:
    return list(rows("SELECT published_at FROM simulated_publications ORDER BY id"))


def events(client: Client, *types: str) -> list[Any]:
    found = client.get(f"{PATH}/events?order=oldest&limit=500")["items"]
    return [event for event in found if event["type"] in types]


def scheduled(client: Client, starts_at: str, **fields: Any) -> Any:
    """A planned deployment that waits for its start."""
    client.register(60)
    created = client.deploy(starts_at=starts_at, **fields)
    progress.plan(created["id"])
    return created


def test_it_is_planned_and_waits_and_starts_on_the_tick_after_its_time(
    client: Client, drive: Drive, clock: Clock
) -> None:
    starts_at = clock.time + HOUR
    local = starts_at.astimezone(ZoneInfo("Asia/Tokyo"))
    created = scheduled(client, local.replace(tzinfo=None).isoformat(), time_zone="Asia/Tokyo")
    assert (created["starts_at"], created["time_zone"]) == (timestamp(starts_at), "Asia/Tokyo")
    assert created["starts_at_local"] == local.isoformat(timespec="seconds")
    drive(60, step=5)
    shown = client.get(PATH)
    assert (shown["state"], shown["started_at"], published()) == ("running", None, [])
    assert sum(ring["targeted"] for ring in shown["rings"]) == 60
    (hold,) = shown["holds"]
    assert hold == {
        "hold": "scheduled",
        "reason": f"it starts at {local.isoformat(timespec='seconds')} (Asia/Tokyo)",
    }
    (awaited,) = shown["next"]["awaits"]
    assert (awaited["what"], awaited["until"]) == ("scheduled", timestamp(starts_at))
    assert {way["decision"] for way in shown["next"]["ways"]} == {"reschedule", "pause", "abort"}
    assert [item["id"] for item in client.get("/deployments?scheduled=true")["items"]] == [1]
    assert client.get("/deployments?scheduled=false")["items"] == []

    clock.advance((starts_at - clock.time).total_seconds() - 1)
    drive(0.9, step=0.3)
    assert published() == []
    drive(4, until=lambda: bool(published()))
    shown = client.get(PATH)
    assert starts_at <= datetime.fromisoformat(shown["started_at"]) <= starts_at + timedelta(seconds=2)
    assert (holds(client), shown["starts_at"]) == ([], timestamp(starts_at))
    assert [event["payload"]["hold"] for event in events(client, "hold.began", "hold.ended")] == ["scheduled"] * 2
    assert client.get("/deployments?scheduled=true")["items"] == []
    drive(600, until=lambda: state_at(PATH) == "completed")
    assert client.get(PATH)["state"] == "completed"
    assert_counters()


def test_a_clock_that_is_set_back_after_the_start_does_not_hold_it_again(
    client: Client, drive: Drive, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    clock.advance(3_600)
    drive(2)
    assert client.get(PATH)["started_at"] is not None
    clock.advance(-1_800)
    assert "scheduled" not in holds(client)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_at": "2026-06-01T22:00:00"}, "starts_at"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "2999-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": 1_900_000_000}, "starts_at"),
        ({"starts_at": "2026-06-01"}, "starts_at"),
        ({"starts_at": "2026-06-01T22:00:00", "time_zone": "Berlin"}, "time_zone"),
        ({"time_zone": "Europe/Berlin"}, "time_zone"),
    ],
)
def test_a_start_that_is_none_is_refused(client: Client, fields: dict[str, Any], field: str) -> None:
    client.register(10)
    for path in ("/deployments", "/deployments?dry_run=true"):
        with nothing_written():
            refused(client.raw("POST", path, json=deployment(**fields)), 422, "invalid", field)


def test_a_preview_counts_from_the_start_and_shows_what_holds_it_then(
    client: Client, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    client.register(60)
    later = {"starts_at": ahead(5 * HOUR), "ends_at": ahead(7 * HOUR), "reason": "the end of the year"}
    assert client.post("/freezes", later)[0] == 201
    now, then = previewed(client), previewed(client, starts_at=ahead(6 * HOUR))
    assert [hold["hold"] for hold in now["holds"]] == []
    assert [hold["hold"] for hold in then["holds"]] == ["scheduled", "freeze"]
    ends = [datetime.fromisoformat(each["earliest"]["ends_at"]) for each in (now, then)]
    assert ends[1] - ends[0] == 6 * HOUR


def test_freezes_and_windows_still_count_at_its_time(
    client: Client, drive: Drive, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    assert client.post("/freezes", {"reason": "quarter end", "ends_at": ahead(2 * HOUR)})[0] == 201
    assert holds(client) == ["freeze", "scheduled"]
    clock.advance(3_601)
    drive(3)
    assert (holds(client), published()) == (["freeze"], [])
    clock.advance(3_600)
    drive(4, until=lambda: bool(published()))
    assert published()


def test_it_can_be_moved_started_at_once_and_cancelled(
    client: Client, drive: Drive, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    drive(3)
    shown, first, later = client.get(PATH), ahead(HOUR - timedelta(seconds=3)), ahead(5 * HOUR)
    moved = {"starts_at": later, "reason": "the help desk asked"}
    stale = client.raw("POST", f"{PATH}/reschedule", json=moved, headers={"If-Match": f'"{shown["version"] + 1}"'})
    refused(stale, 412, "stale-version")
    key = {"Idempotency-Key": "once", "If-Match": f'"{shown["version"]}"'}
    for _ in range(2):
        answer = client.raw("POST", f"{PATH}/reschedule", json=moved, headers=key)
        assert (answer.status_code, answer.json["starts_at"]) == (200, later)
    assert answer.json["version"] == shown["version"] + 1
    (event,) = events(client, "deployment.rescheduled")
    assert event["payload"]["before"] == {"starts_at": first, "time_zone": "UTC"}
    assert event["payload"]["after"] == {"starts_at": later, "time_zone": "UTC"}
    assert (event["payload"]["why"], event["actor"]) == ("the help desk asked", "tester")
    with nothing_written():  # the same again is no decision
        assert client.post(f"{PATH}/reschedule", moved)[0] == 200
        refused(client.raw("POST", f"{PATH}/reschedule", json={"starts_at": "2020-01-01T00:00Z"}), 422, "invalid")
        refused(client.raw("POST", f"{PATH}/reschedule", json={"reason": "now"}), 422, "invalid", "starts_at")
    clock.advance(2 * 3_600)
    drive(3)
    assert (holds(client), published()) == (["scheduled"], [])
    status, answer = client.post(f"{PATH}/reschedule", {"starts_at": None})
    assert (status, answer["starts_at"], answer["starts_at_local"]) == (200, None, None)
    drive(4, until=lambda: bool(published()))
    assert published()
    refused(client.raw("POST", f"{PATH}/reschedule", json=moved), 409, "nothing-to-reschedule")
    client.post(f"{PATH}/abort")
    refused(client.raw("POST", f"{PATH}/reschedule", json=moved), 409, "illegal-transition")


def test_one_that_never_started_is_cancelled_and_has_nothing_to_roll_back(
    client: Client, drive: Drive, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    drive(3)
    refused(client.raw("POST", f"{PATH}/rollback", json={}), 409, "illegal-transition")
    assert client.post(f"{PATH}/abort", {"reason": "not needed"})[1]["state"] == "aborted"
    drive(5)
    ring = client.get(PATH)["rings"][-1]
    assert (published(), ring["pending"], ring["excluded"]) == ([], 0, ring["targeted"])
    assert_counters()


def test_a_paused_one_keeps_waiting_for_a_person_after_its_time(
    client: Client, drive: Drive, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    client.post(f"{PATH}/pause", {"reason": "a look first"})
    assert holds(client) == ["scheduled"]
    clock.advance(3_601)
    drive(15, step=5)
    assert (client.get(PATH)["state"], holds(client), published()) == ("paused", [], [])
    client.post(f"{PATH}/resume")
    drive(4, until=lambda: bool(published()))
    assert published()


def test_an_approval_is_for_one_start(
    client: Client, clock: Clock, ahead: Callable[[timedelta], str], drive: Drive
) -> None:
    approver = Client(client.client, make_token("anna", Role.APPROVER))
    client.raw("PUT", "/ring-plans/signed", json=_signed(client))
    scheduled(client, ahead(HOUR), plan="signed", risk=DANGEROUS, evidence=EVIDENCE)

    def standing() -> int:
        return int(client.get(f"{PATH}/approvals")["standing"])

    assert approver.post(f"{PATH}/approve", {"comment": "read"})[0] == 200
    assert (standing(), holds(client)) == (1, ["scheduled"])
    clock.advance(1_800)
    assert standing() == 1, "the time that it waits changes nothing"
    client.post(f"{PATH}/reschedule", {"starts_at": ahead(HOUR), "reason": "later"})
    assert (standing(), holds(client)) == (0, ["approval", "scheduled"])
    (event,) = events(client, "approval.invalidated")
    assert event["payload"]["why"] == "the start changed"
    assert approver.post(f"{PATH}/approve", {"comment": "again"})[0] == 200
    clock.advance(3_601)
    drive(4, until=lambda: bool(published()))
    assert published()


def test_a_rollback_starts_at_once(
    client: Client, drive: Drive, clock: Clock, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    clock.advance(3_601)
    drive(30, until=lambda: client.get(PATH)["rings"][0]["succeeded"] > 0)
    status, back = client.post(f"{PATH}/rollback")
    assert (status, back["starts_at"], back["time_zone"]) == (201, None, None)
    refused(
        client.raw("POST", f"/deployments/{back['id']}/reschedule", json={"starts_at": None}),
        409,
        "nothing-to-reschedule",
    )


def test_a_tick_before_the_start_asks_no_more_than_any(
    client: Client, drive: Drive, ahead: Callable[[timedelta], str]
) -> None:
    scheduled(client, ahead(HOUR))
    progress.advance(1)
    with statements() as sent:
        progress.advance(1)
    assert not [statement for statement in sent if " assignments" in statement]
    assert len(sent) < 15
    (row,) = rows("SELECT due_at, starts_at FROM deployments")
    assert row.due_at <= row.starts_at


def _signed(client: Client) -> Any:
    plan = client.get("/ring-plans/demo")
    rings = [{**ring, "approval": {"when": "always", "people": 1}} for ring in plan["rings"]]
    return {"rings": rings, "silent_after": plan["silent_after"]}
