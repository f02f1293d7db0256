"""A deployment's events: what was decided about it, incidents about it, and the freezes that touch it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.controls.models import FreezeKind
from app.deployments import progress
from app.events.models import OF_FREEZES
from app.http.serialization import timestamp
from app.metrics.projection import RULES
from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.database import statements
from tests.support.http import Client

CONTROLS = ("freeze", "emergency_stop", "incident")
Touching = Callable[..., list[Any]]


@pytest.fixture
def fleet(client: Client) -> Client:
    client.register(40)
    return client


def deploy(client: Client, application: str) -> int:
    number = int(client.deploy(application=application)["id"])
    progress.plan(number)
    return number


def told(client: Client, number: int, query: str = "") -> list[tuple[str, str]]:
    """The events about freezes, stops and incidents in those of a deployment, oldest first, each with its reason."""
    items = client.get(f"/deployments/{number}/events?order=oldest&limit=500{query}")["items"]
    about = [item for item in items if item["type"].split(".")[0] in CONTROLS]
    return [(item["type"], item["payload"].get("reason", item["payload"].get("title"))) for item in about]


def freeze(client: Client, reason: str, **fields: Any) -> int:
    status, body = client.post("/freezes", {"reason": reason, **fields})
    assert status == 201, body
    return int(body["id"])


def lift(client: Client, number: int, path: str = "/freezes") -> None:
    other = Client(client.client, make_token("colleague"))
    assert client.post(f"{path}/{number}/lift", {"reason": "over"})[0] == 202
    assert other.post(f"{path}/{number}/lift", {"reason": "over"})[0] == 200


def test_it_has_the_freezes_of_its_application_and_those_of_all(fleet: Client, clock: Clock) -> None:
    for application in ("vpn", "mail"):
        deploy(fleet, application)
    everywhere = freeze(fleet, "the end of the year")
    freeze(fleet, "vpn only", application="vpn")
    fleet.post("/emergency-stop", {"reason": "fire", "application": "mail"})
    lift(fleet, everywhere)
    steps = [("freeze.lift_requested", "the end of the year"), ("freeze.lifted", "the end of the year")]
    assert told(fleet, 1) == [("freeze.declared", "the end of the year"), ("freeze.declared", "vpn only"), *steps]
    assert told(fleet, 2) == [("freeze.declared", "the end of the year"), ("emergency_stop.declared", "fire"), *steps]
    logged = {item["id"]: item for item in fleet.get("/events?limit=500")["items"]}
    for item in fleet.get("/deployments/1/events?limit=500")["items"]:
        assert item == logged[item["id"]], "it is the line of the log, not another one"


def test_a_freeze_that_was_over_before_it_or_came_after_its_end_does_not_touch_it(fleet: Client, clock: Clock) -> None:
    lift(fleet, freeze(fleet, "lifted before"))
    ended = clock.time + timedelta(seconds=30)
    freeze(fleet, "ended before", ends_at=timestamp(ended))
    still = freeze(fleet, "declared before, and still standing")
    clock.advance(60)
    deploy(fleet, "vpn")
    clock.advance(60)
    freeze(fleet, "during")
    fleet.post("/deployments/1/abort")
    clock.advance(60)
    freeze(fleet, "after")
    lift(fleet, still)
    assert [reason for _, reason in told(fleet, 1)] == ["declared before, and still standing", "during"]


def test_it_has_the_incidents_about_it_and_no_others(fleet: Client, clock: Clock) -> None:
    for application in ("vpn", "mail"):
        deploy(fleet, application)
    for about in ({"deployment_id": 1}, {"deployment_id": 2}, {}):
        assert fleet.post("/incidents", {"severity": "P1", "title": "it crashes", **about})[0] == 201
    other = Client(fleet.client, make_token("colleague"))
    assert other.post("/incidents/1/close", {"resolution": "fixed"})[0] == 200
    assert [type for type, _ in told(fleet, 1)] == ["incident.opened", "incident.closed"]
    assert [type for type, _ in told(fleet, 2)] == ["incident.opened"]


def test_its_pages_are_those_of_one_list(fleet: Client, clock: Clock) -> None:
    deploy(fleet, "vpn")
    for n in range(4):
        freeze(fleet, f"freeze {n}")
        fleet.post("/deployments/1/" + ("resume" if n % 2 else "pause"))
    for order in ("newest", "oldest"):
        whole = fleet.get(f"/deployments/1/events?limit=500&order={order}")["items"]
        assert [item["id"] for item in whole] == sorted((item["id"] for item in whole), reverse=order == "newest")
        walked, cursor = [], 0
        while cursor is not None:
            page = fleet.get(f"/deployments/1/events?limit=3&order={order}&cursor={cursor}")
            walked += page["items"]
            cursor = page["next"]
        assert walked == whole
    assert len(whole) > 8


def test_the_overview_and_the_dossier_have_them_too(fleet: Client, clock: Clock) -> None:
    deploy(fleet, "vpn")
    freeze(fleet, "the end of the year")
    fleet.post("/incidents", {"severity": "P1", "title": "it crashes", "deployment_id": 1})
    latest = [event["type"] for event in fleet.get("/deployments/1/overview")["latest_events"]]
    assert latest[:2] == ["incident.opened", "freeze.declared"]
    content = fleet.get("/deployments/1/dossier")["content"]
    ids = [event["id"] for event in content["events"]]
    assert ids == sorted(ids)
    declared = next(event for event in content["events"] if event["type"] == "freeze.declared")
    before = next(event for event in content["events"] if event["id"] == declared["id"] - 1)
    assert declared["previous_hash"] == before["hash"]


def test_as_many_statements_for_one_freeze_as_for_many(fleet: Client, clock: Clock) -> None:
    deploy(fleet, "vpn")
    freeze(fleet, "one")
    with statements() as for_one:
        fleet.get("/deployments/1/events")
    for n in range(5):
        freeze(fleet, f"another {n}")
    with statements() as for_many:
        fleet.get("/deployments/1/events")
    assert len(for_one) == len(for_many)
    (statement,) = [each for each in for_many if "FROM events" in each]
    assert "IN ('emergency_stop.declared'" in statement, "written out, so that the index of these events can serve it"


def test_every_event_of_a_freeze_or_stop_is_looked_for() -> None:
    kinds = {kind.value for kind in FreezeKind}
    assert set(OF_FREEZES) == {type for type in RULES if type.partition(".")[0] in kinds}
