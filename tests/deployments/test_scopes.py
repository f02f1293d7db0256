"""Scopes of deployments: whom one is for must be said, and devices and tags can be left out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.deployments import membership, progress
from app.deployments.scope_schemas import MOST_SCOPE_DEVICES
from app.errors import MOST_ERRORS
from app.events.unit import unit_of_work
from tests.support.api import deployment
from tests.support.database import nothing_written
from tests.support.fleet import Fleet
from tests.support.http import Client, refused
from tests.support.previews import DRY, mixed, planned, previewed


def targeted(client: Client, number: int) -> set[str]:
    """The devices of a deployment."""
    items = client.get(f"/deployments/{number}/assignments?limit=500")["items"]
    return {item["external_id"] for item in items}


@pytest.mark.parametrize("path", ["/deployments", DRY])
@pytest.mark.parametrize(
    ("scope", "field"),
    [
        (None, "scope.everyone"),
        ({}, "scope.everyone"),
        ({"everyone": False}, "scope.everyone"),
        ({"exclude_tags": ["kiosk"]}, "scope.everyone"),
        ({"everyone": True, "tags": ["lab"]}, "scope.everyone"),
        ({"tags": ["lab"], "exclude_tags": ["lab"]}, "scope.exclude_tags.0"),
    ],
)
def test_whom_it_is_for_must_be_said(client: Client, path: str, scope: dict[str, Any] | None, field: str) -> None:
    client.register(10)
    body = deployment(scope=scope) if scope is not None else {**deployment()}
    if scope is None:
        del body["scope"]
    with nothing_written():
        problem = refused(client.raw("POST", path, json=body), 422, "invalid-scope", field)
    assert '"scope": {"everyone": true}' in problem["detail"]


def test_what_selects_needs_no_everyone_and_is_shown_whole(client: Client) -> None:
    mixed(client)
    scopes: list[dict[str, Any]] = [{"business_units": ["unit-1"]}, {"site_classes": ["online"]}, {"everyone": True}]
    for number, scope in enumerate(scopes):
        shown = planned(client, application=f"app-{number}", scope=scope)
        assert shown["state"] == "running"
        assert {kind: shown["scope"][kind] for kind in scope} == scope
        assert shown["scope"]["everyone"] is ("everyone" in scope)
        assert set(shown["scope"]) == {
            *("everyone", "business_units", "tags", "site_classes", "devices"),
            *("exclude_tags", "exclude_devices", "exclude_connectors"),
        }


def test_a_scope_of_an_older_version_is_shown_as_everyone(client: Client) -> None:
    client.register(10)
    number = client.deploy()["id"]
    older = """UPDATE deployments SET scope = '{"business_units": [], "tags": [], "site_classes": []}'"""
    with unit_of_work("an older version") as unit:
        unit.session.execute(text(older))
    progress.plan(number)
    assert client.get(f"/deployments/{number}")["scope"]["everyone"] is True
    assert client.get("/deployments")["items"][0]["scope"]["exclude_devices"] == []
    assert len(targeted(client, number)) == 10


def test_devices_and_tags_are_left_out(client: Client) -> None:
    mixed(client)
    everyone = targeted(client, planned(client, application="all")["id"])
    lab = {name for name in everyone if int(name[4:]) % 10 == 0}
    desk = {name for name in everyone if int(name[4:]) % 7 == 0}
    some = sorted(everyone - lab)[:5]
    for number, (scope, expected) in enumerate(
        (
            ({"everyone": True, "exclude_tags": ["lab"]}, everyone - lab),
            ({"everyone": True, "exclude_devices": some}, everyone - set(some)),
            ({"tags": ["desk"], "exclude_tags": ["lab"]}, desk - lab),
            ({"devices": some}, set(some)),
            ({"devices": some, "tags": ["desk"]}, set(some) & desk),
            ({"devices": some, "exclude_devices": [], "exclude_tags": ["desk"]}, set(some) - desk),
        )
    ):
        before = previewed(client, application=f"app-{number}", scope=scope)
        created = planned(client, application=f"app-{number}", scope=scope)
        found = targeted(client, created["id"])
        assert found == expected, scope
        assert before["devices"] == len(expected)


def test_names_are_spelled_as_those_of_devices(client: Client) -> None:
    names = ("Café 1", "b")
    devices = [{"external_id": name, "platform": "windows", "connector": "simulated"} for name in names]
    assert client.post("/devices", devices)[0] == 200
    decomposed = "Cafe\u0301\u00a01 "
    created = planned(client, scope={"devices": [decomposed]})
    assert created["scope"]["devices"] == ["Café 1"]
    assert targeted(client, created["id"]) == {"Café 1"}


@pytest.mark.parametrize("kind", ["devices", "exclude_devices"])
@pytest.mark.parametrize("path", ["/deployments", DRY])
def test_devices_that_are_not_registered_are_named(client: Client, kind: str, path: str) -> None:
    client.register(3)
    scope = {"tags": ["lab"], kind: ["dev-00001", "typo-1", "typo-2"]}
    with nothing_written():
        answer = client.raw("POST", path, json=deployment(scope=scope))
    problem = refused(answer, 422, "unknown-devices", f"scope.{kind}.1", f"scope.{kind}.2")
    assert "typo-1, typo-2" in problem["detail"]
    assert "dev-00001" not in problem["detail"]


def test_a_hundred_of_many_unknown_devices_are_named(client: Client) -> None:
    client.register(3)
    names = [f"typo-{n:04d}" for n in range(MOST_SCOPE_DEVICES)]
    problem = refused(
        client.raw("POST", "/deployments", json=deployment(scope={"devices": names})), 422, "unknown-devices"
    )
    assert f"{names[MOST_ERRORS - 1]} and {MOST_SCOPE_DEVICES - MOST_ERRORS} more" in problem["detail"]
    assert len(problem["errors"]) == MOST_ERRORS
    assert problem["errors_omitted"] == MOST_SCOPE_DEVICES - MOST_ERRORS
    body = deployment(scope={"devices": [*names, "one more"]})
    refused(client.raw("POST", "/deployments", json=body), 422, "invalid", "scope.devices")


def test_what_is_left_out_stays_out_when_it_comes_later(fleet: Fleet) -> None:
    """Devices that are added later join by the same scope; one that gets an excluded tag before its turn leaves."""
    later = ["later-1", "later-2"]
    fleet.register(*later)
    fleet.api.post("/devices/retire", {"external_ids": later})
    scope = {"everyone": True, "exclude_tags": ["kiosk"], "exclude_devices": ["later-2"]}
    deployed = int(fleet.api.deploy(plan="one", scope=scope)["id"])
    progress.plan(deployed)
    fleet.register("dev-00000", tags=["lab", "kiosk"])
    fleet.register(*later)
    fleet.register("later-3", tags=["kiosk"])
    membership.join_all()
    fleet.drive(10, until=lambda: fleet.ring(deployed)["dispatched"] == 4)
    shown = {it["external_id"]: it for it in fleet.api.get(f"/deployments/{deployed}/assignments")["items"]}
    assert set(shown) == {"dev-00000", "dev-00001", "dev-00002", "dev-00003", "later-1"}
    assert (shown["dev-00000"]["status"], shown["dev-00000"]["reason"]) == ("not_applicable", "tag_changed")
    assert shown["later-1"]["status"] == "dispatched"


def test_a_preview_of_a_plan_can_leave_tags_out(client: Client) -> None:
    mixed(client)
    with_all = client.get("/ring-plans/demo/preview?platform=windows")["devices"]
    without_lab = client.get("/ring-plans/demo/preview?platform=windows&exclude_tags=lab")["devices"]
    lab = client.get("/ring-plans/demo/preview?platform=windows&tags=lab")["devices"]
    assert (without_lab, lab > 0) == (with_all - lab, True)
