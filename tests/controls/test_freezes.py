"""Freezes and emergency stops: at once by one person, lifted by two; what stands for whom, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.api import Api, As
from tests.support.clock import Clock
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.threads import together

KINDS = pytest.mark.parametrize(("path", "kind"), [("/freezes", "freeze"), ("/emergency-stop", "emergency_stop")])
WHY = {"reason": "quarter end"}


def declared(api: Api, path: str = "/freezes", **fields: Any) -> Any:
    status, body = api.post(path, {**WHY, **fields})
    assert status == 201, body
    return body


def standing(application: str = "vpn") -> list[tuple[str, str]]:
    """What stands now for an application, asked as a tick asks."""
    from app import clock
    from app.controls import stops
    from app.db import db

    return [(stop.kind, stop.reason) for stop in stops.standing(db.session(), application, clock.now())]


def ids(api: Api, path: str) -> list[int]:
    return [item["id"] for item in api.get(path)["items"]]


@pytest.fixture
def applications(api: Api) -> None:
    """The applications `vpn` and `mail` are known."""
    api.register(50)
    for name in ("vpn", "mail"):
        api.deploy(application=name)


@pytest.fixture
def approver(speaking_as: As) -> Api:
    return speaking_as("anna", "approver")


@KINDS
def test_it_stands_at_once_for_every_application(api: Api, path: str, kind: str) -> None:
    assert standing() == []
    answer = api.raw("POST", path, json=WHY)
    shown = answer.json
    assert answer.headers["Location"].endswith(f"{path}/{shown['id']}")
    assert (shown["stands"], shown["created_by"], shown["application"]) == (True, "tester", None)
    assert standing("vpn") == standing("anything") == [(kind, "quarter end")]
    assert api.get(f"{path}/{shown['id']}") == shown
    (event,) = api.get(f"/events?type={kind}.declared")["items"]
    assert event["payload"]["reason"] == "quarter end"


@KINDS
def test_it_can_be_about_one_application(api: Api, applications: None, path: str, kind: str) -> None:
    declared(api, path, application="mail")
    assert standing("mail") == [(kind, "quarter end")]
    assert standing("vpn") == []


@KINDS
def test_a_misspelt_application_is_refused(api: Api, applications: None, path: str, kind: str) -> None:
    with nothing_written():
        refused(api.raw("POST", path, json={**WHY, "application": "Vpn"}), 422, "unknown-application", "application")
    assert rows("SELECT 1 FROM freezes") == []


def test_emergency_stops_are_named_first(api: Api) -> None:
    declared(api)
    declared(api, "/emergency-stop", reason="ransomware")
    assert standing() == [("emergency_stop", "ransomware"), ("freeze", "quarter end")]


@KINDS
def test_two_people_lift_it(api: Api, approver: Api, clock: Clock, path: str, kind: str) -> None:
    lift = f"{path}/{declared(api, path)['id']}/lift"
    status, asked = api.post(lift, {"reason": "books are closed"})
    assert (status, asked["lift_requested_by"], asked["lift_reason"]) == (202, "tester", "books are closed")
    assert asked["stands"]
    assert standing()
    clock.advance(60)
    status, lifted = approver.post(lift, {"reason": "agreed"})
    assert (status, lifted["stands"], lifted["lifted_by"]) == (200, False, "anna")
    assert lifted["lifted_at"] > lifted["lift_requested_at"]
    assert standing() == []
    types = [item["type"] for item in api.get("/events?limit=500")["items"]]
    assert types == [f"{kind}.declared", f"{kind}.lift_requested", f"{kind}.lifted"]
    (event,) = api.get(f"/events?type={kind}.lifted")["items"]
    assert (event["actor"], event["payload"]["lift_requested_by"], event["payload"]["comment"]) == (
        "anna",
        "tester",
        "agreed",
    )
    with nothing_written():
        refused(api.raw("POST", lift, json={"reason": "again"}), 409, "nothing-to-lift")


@KINDS
def test_nobody_lifts_alone(speaking_as: As, path: str, kind: str) -> None:
    api = speaking_as("tester", "admin")
    lift = f"{path}/{declared(api, path)['id']}/lift"
    assert api.post(lift, WHY)[0] == 202
    with nothing_written():
        refused(api.raw("POST", lift, json=WHY), 403, "own-lift")
        refused(speaking_as("tester", "approver").raw("POST", lift, json=WHY), 403, "own-lift")
    assert standing()


def test_an_operator_asks_but_does_not_approve(api: Api, speaking_as: As, approver: Api) -> None:
    lift = f"/freezes/{declared(api)['id']}/lift"
    assert speaking_as("otto").post(lift, WHY)[0] == 202
    with nothing_written():
        refused(speaking_as("olga").raw("POST", lift, json=WHY), 403, "forbidden")
    assert approver.post(lift, WHY)[0] == 200


def test_of_two_who_ask_at_once_one_approves(api: Api, speaking_as: As) -> None:
    freeze = declared(api)["id"]
    people = [speaking_as(name, "approver") for name in ("anna", "bert")]
    clients = [Client(it.client, it.headers["Authorization"].removeprefix("Bearer ")) for it in people]

    def ask(client: Client) -> int:
        return int(client.raw("POST", f"/freezes/{freeze}/lift", json=WHY).status_code)

    assert sorted(together(*[lambda it=it: ask(it) for it in clients])) == [200, 202]


def test_the_kinds_are_not_mistaken_for_each_other(api: Api) -> None:
    freeze, stop = declared(api)["id"], declared(api, "/emergency-stop")["id"]
    refused(api.raw("POST", f"/emergency-stop/{freeze}/lift", json=WHY), 404, "no-such-emergency-stop")
    refused(api.raw("POST", f"/freezes/{stop}/lift", json=WHY), 404, "no-such-freeze")
    refused(api.raw("GET", f"/freezes/{stop}"), 404, "no-such-freeze")
    assert (ids(api, "/freezes"), ids(api, "/emergency-stop")) == ([freeze], [stop])


def test_it_begins_and_ends_by_itself(api: Api, clock: Clock) -> None:
    begins, ends = (clock.time + timedelta(hours=hours) for hours in (1, 3))
    freeze = declared(api, starts_at=begins.isoformat(), ends_at=ends.isoformat())
    seen = []
    for _ in range(4):
        seen.append((bool(standing()), api.get(f"/freezes/{freeze['id']}")["stands"], ids(api, "/freezes?standing=1")))
        clock.advance(3600)
    stands = (True, True, [freeze["id"]])
    assert seen == [(False, False, []), stands, stands, (False, False, [])]
    refused(api.raw("POST", f"/freezes/{freeze['id']}/lift", json=WHY), 409, "nothing-to-lift")


def test_it_stands_in_its_windows_only(api: Api, clock: Clock) -> None:
    clock.time = datetime(2026, 6, 5, 19, 30, tzinfo=UTC)  # a Friday, 21:30 in Berlin
    window = {"cron": "0 22 * * fri", "duration_minutes": 60, "time_zone": "Europe/Berlin"}
    freeze = declared(api, windows=[window, {"cron": "0 20 * * fri", "duration_minutes": 120, "time_zone": "UTC"}])
    other = declared(api, reason="audit")["id"]
    seen = []
    for _ in range(5):
        seen.append((("freeze", "quarter end") in standing(), ids(api, "/freezes?standing=true&limit=1")))
        clock.advance(3600)
    # One window from 22:00 to 23:00, the other from 22:00 to 24:00, Berlin's time.
    shut, stands = (False, [other]), (True, [freeze["id"]])
    assert seen == [shut, stands, stands, shut, shut]
    (first, _) = api.get(f"/freezes/{freeze['id']}")["windows"]
    assert first == {**window, "opens_next": "2026-06-12T20:00:00.000Z", "closes_at": None}


def test_a_window_that_cannot_be_read_stands(api: Api) -> None:
    from app.db import db

    freeze = declared(api, windows=[{"cron": "0 0 29 2 *", "duration_minutes": 1}])["id"]
    db.session.rollback()
    for cron, zone in (("never", "UTC"), ("0 0 29 2 *", "No/Where")):
        stored = json.dumps([{"cron": cron, "duration_minutes": 1, "time_zone": zone}])
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE freezes SET windows = CAST(:it AS jsonb)"), {"it": stored})
        assert standing() == [("freeze", "quarter end")]
        assert api.get(f"/freezes/{freeze}")["stands"]
        db.session.rollback()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2900-01-02T00:00:00Z", "ends_at": "2900-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2900-01-01T00:00:00"}, "ends_at"),
        ({"windows": [{"cron": "0 0 * * *", "duration_minutes": 0}]}, "windows.0.duration_minutes"),
        ({"windows": [{"cron": "0 0 * * *", "duration_minutes": 10**30}]}, "windows.0.duration_minutes"),
        ({"windows": [{"cron": "daily", "duration_minutes": 60}]}, "windows.0.cron"),
        ({"windows": [{"cron": "0 0 * * *", "duration_minutes": 1, "time_zone": "CET/Berlin"}]}, "windows.0.time_zone"),
        ({"windows": [{"cron": "0 0 * * *", "duration_minutes": 1}] * 21}, "windows"),
        ({"until": "2900-01-01T00:00:00Z"}, "until"),
        (
            {
                "starts_at": "2900-01-01T00:00:00Z",
                "ends_at": "2900-03-01T00:00:00Z",
                "windows": [{"cron": "0 0 1 3 *", "duration_minutes": 60}],
            },
            "windows",
        ),
    ],
)
def test_what_would_not_stand_as_meant_is_refused(api: Api, fields: dict[str, Any], field: str) -> None:
    with nothing_written():
        refused(api.raw("POST", "/freezes", json={**WHY, **fields}), 422, "invalid", field)
    assert rows("SELECT 1 FROM freezes") == []


def test_an_emergency_stop_has_no_end(api: Api) -> None:
    refused(
        api.raw("POST", "/emergency-stop", json={**WHY, "ends_at": "2900-01-01T00:00:00Z"}), 422, "invalid", "ends_at"
    )


def test_what_stands_is_one_statement(api: Api) -> None:
    from sqlalchemy import event

    from app.db import db

    for _ in range(3):
        declared(api, windows=[{"cron": "* * * * *", "duration_minutes": 5}])
    db.session.rollback()
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert len(standing()) == 3
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1
