"""A limited token reaches what is within its limits, and is told which limit is in the way of anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.deployments import progress
from app.identity.authentication import limits_of
from app.identity.roles import Role
from app.identity.scopes import Limit, Scopes
from tests.support.api import API, deployment, make_token
from tests.support.database import nothing_changed, nothing_written, rows
from tests.support.http import Client, refused

SIMULATED, DEVICE = Scopes(connector="simulated"), Scopes(device="dev-00001")
VPN, BERLIN = Scopes(applications=("vpn",)), Scopes(business_units=("Berlin", "Köln"))
ONE_OF_EACH = {
    Limit.CONNECTOR: SIMULATED,
    Limit.DEVICE: DEVICE,
    Limit.APPLICATIONS: VPN,
    Limit.BUSINESS_UNITS: BERLIN,
}


def limited(app: Flask, scopes: Scopes, role: Role = Role.OPERATOR) -> Client:
    return Client(app.test_client(), make_token(f"limited {role.value}", role, scopes))


def device(external_id: str, **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "platform": "windows", "connector": "simulated", **fields}


def requests(app: Flask) -> Iterator[tuple[str, str, Any]]:
    """Every method and path of the API that needs a token, with its view."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(API):
            path = rule.rule.removeprefix(API).replace("<application>", "vpn")  # the one of the limit
            path = re.sub(r"<(string:)?\w+>", "x", re.sub(r"<int:\w+>", "77", path))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path, (app.view_functions[rule.endpoint], rule.arguments)


@pytest.mark.parametrize("limit", Limit)
def test_what_does_not_check_a_limit_is_closed_to_tokens_that_have_it(database: Flask, limit: Limit) -> None:
    client = limited(database, ONE_OF_EACH[limit], Role.ADMIN)
    closed, opened = 0, set()
    with nothing_written():
        for method, path, (view, arguments) in requests(database):
            if getattr(view, "open_to_all", False):
                continue
            checked = limits_of(view, arguments)
            answer = client.raw(method, path, **({} if method == "GET" else {"json": {}}))
            if limit in checked:
                assert answer.status_code != 403, (method, path, answer.text)
                opened.add((method, path))
            else:
                detail = refused(answer, 403, "out-of-scope")["detail"]
                assert limit.value in detail
                closed += 1
    assert closed > 30
    assert ("GET", "/whoami") in opened
    assert ("POST", "/reports") in opened
    assert ("POST", "/tokens") not in opened


def test_limits_come_after_roles(database: Flask) -> None:
    client = limited(database, SIMULATED, Role.REPORTER)
    refused(client.raw("POST", "/deployments", json=deployment()), 403, "forbidden")


DEVICES: dict[str, tuple[Scopes, dict[str, Any], str | None]] = {
    "its connector": (SIMULATED, device("new"), None),
    "another connector": (Scopes(connector="intune"), device("new"), "connector"),
    "its device": (DEVICE, device("dev-00001", tags=["lab"]), None),
    "another device": (DEVICE, device("dev-00002"), "external_id"),
    "its business unit": (BERLIN, device("new", business_unit="Köln"), None),
    "another business unit": (BERLIN, device("new", business_unit="Paris"), "business_unit"),
    "no business unit": (BERLIN, device("new"), "business_unit"),
    "taking a device over": (BERLIN, device("of-paris", business_unit="Berlin"), "external_id"),
}


@pytest.mark.parametrize("case", DEVICES)
def test_devices_are_registered_within_the_limits(client: Client, database: Flask, case: str) -> None:
    scopes, item, field = DEVICES[case]
    client.register(5)
    assert client.post("/devices", [device("of-paris", business_unit="Paris")])[0] == 200
    bound = limited(database, scopes)
    if field is None:
        assert bound.post("/devices", [item])[0] == 200
        return
    with nothing_changed():
        refused(bound.raw("POST", "/devices", json=[item]), 403, "out-of-scope", f"0.{field}")


def test_lines_of_others_are_rejected_alone(client: Client, database: Flask) -> None:
    client.register(1, business_unit="Paris")
    lines = [
        device("new-1", business_unit="Berlin"),
        device("new-2", business_unit="Paris"),
        device("dev-00000", business_unit="Berlin"),
        device("new-3", business_unit="Köln"),
    ]
    body = "\n".join(map(json.dumps, lines))
    results = limited(database, BERLIN).upload("/devices", body)
    assert [it["status"] for it in results] == ["created", "rejected", "rejected", "created"]
    assert [it["errors"][0]["field"] for it in results if "errors" in it] == ["business_unit", "external_id"]
    assert "Paris" in results[2]["errors"][0]["message"]
    assert rows("SELECT business_unit FROM devices WHERE external_id = 'dev-00000'") == [("Paris",)]


def test_devices_are_listed_and_retired_within_the_limits(client: Client, database: Flask) -> None:
    client.register(3, business_unit="Berlin")
    assert client.post("/devices", [device("paris", business_unit="Paris")])[0] == 200
    of_berlin, of_one = limited(database, BERLIN), limited(database, DEVICE)
    assert [it["external_id"] for it in of_berlin.get("/devices?order=oldest")["items"]] == [
        f"dev-0000{n}" for n in range(3)
    ]
    assert [it["external_id"] for it in of_one.get("/devices")["items"]] == ["dev-00001"]
    assert of_one.get("/devices?external_id=paris")["items"] == []
    body = {"external_ids": ["dev-00000", "paris"]}
    with nothing_changed():
        refused(of_berlin.raw("POST", "/devices/retire", json=body), 403, "out-of-scope", "external_ids.1")
    assert of_berlin.post("/devices/retire", {"external_ids": ["dev-00000"]})[0] == 200


def report(external_id: str, sequence: int = 1, deployment_id: int = 1) -> dict[str, Any]:
    return {
        "deployment_id": deployment_id,
        "external_id": external_id,
        "sequence": sequence,
        "outcome": "succeeded",
    }


@pytest.fixture
def deployed(client: Client) -> Client:
    """Five devices in Berlin and one in Paris in a deployment of `vpn`."""
    client.register(5, business_unit="Berlin")
    assert client.post("/devices", [device("paris", business_unit="Paris")])[0] == 200
    client.deploy()
    progress.plan(1)
    return client


REPORTS: dict[str, tuple[Scopes, str, bool]] = {
    "its connector": (SIMULATED, "dev-00001", True),
    "another connector": (Scopes(connector="intune"), "dev-00001", False),
    "its device": (DEVICE, "dev-00001", True),
    "another device": (DEVICE, "dev-00002", False),
    "its application": (VPN, "dev-00001", True),
    "another application": (Scopes(applications=("chat",)), "dev-00001", False),
    "its business unit": (BERLIN, "dev-00001", True),
    "another business unit": (BERLIN, "paris", False),
    "two limits": (Scopes(connector="simulated", applications=("vpn",)), "dev-00001", True),
    "one of two limits": (Scopes(connector="simulated", applications=("chat",)), "dev-00001", False),
}


@pytest.mark.parametrize("case", REPORTS)
def test_reports_are_about_what_is_within_the_limits(deployed: Client, database: Flask, case: str) -> None:
    scopes, external_id, accepted = REPORTS[case]
    bound = limited(database, scopes, Role.REPORTER)
    if accepted:
        assert bound.post("/reports", [report(external_id)])[1] == {"items": [{"status": "received"}]}
        (line,) = bound.upload("/reports", json.dumps(report(external_id, 2)))
        assert line["status"] == "late"
        return
    with nothing_written(events=1):
        refused(bound.raw("POST", "/reports", json=[report(external_id)]), 403, "out-of-scope", "0.external_id")
    with nothing_written(events=2):
        (line,) = bound.upload("/reports", json.dumps(report(external_id)))
    assert (line["status"], line["errors"][0]["field"]) == ("rejected", "external_id")
    assert "the token is limited to" in line["errors"][0]["message"]


def test_reports_of_others_are_rejected_alone_and_counted(deployed: Client, database: Flask) -> None:
    bound = limited(database, BERLIN, Role.REPORTER)
    lines = [report("dev-00001"), report("paris"), report("nobody"), report("dev-00002")]
    results = bound.upload("/reports", "\n".join([*map(json.dumps, lines), "{"]))
    assert [it["status"] for it in results] == ["received", "rejected", "rejected", "received", "rejected"]
    assert "Paris" in results[1]["errors"][0]["message"]
    assert "must be a device of this deployment" in results[2]["errors"][0]["message"]
    counted = rows("SELECT payload FROM events WHERE type = 'reports.ingested'")
    assert sum(it.payload["received"] for it in counted) == 2
    assert sum(it.payload["rejected"] for it in counted) == 3


CREATIONS: dict[str, tuple[Scopes, dict[str, Any], str | None]] = {
    "its application": (VPN, {}, None),
    "another application": (VPN, {"application": "chat"}, "application"),
    "its business unit": (BERLIN, {"scope": {"business_units": ["Köln"]}}, None),
    "every business unit": (BERLIN, {}, "scope.business_units"),
    "one too many": (BERLIN, {"scope": {"business_units": ["Köln", "Paris"]}}, "scope.business_units"),
}


@pytest.mark.parametrize("case", CREATIONS)
def test_deployments_are_created_within_the_limits(database: Flask, case: str) -> None:
    scopes, fields, field = CREATIONS[case]
    bound = limited(database, scopes)
    for path in ("/deployments?dry_run=true", "/deployments"):
        if field is None:
            assert bound.post(path, deployment(**fields))[0] in (200, 201)
        else:
            with nothing_changed():
                answer = bound.raw("POST", path, json=deployment(**fields))
                refused(answer, 403, "out-of-scope", field)


def test_deployments_are_shown_and_decided_within_the_limits(client: Client, database: Flask) -> None:
    client.register(5, business_unit="Berlin")
    everywhere = client.deploy(application="chat")["id"]
    in_berlin = client.deploy(scope={"business_units": ["Berlin"]})["id"]
    for scopes in (VPN, BERLIN):
        bound = limited(database, scopes)
        assert [it["id"] for it in bound.get("/deployments")["items"]] == [in_berlin]
        assert bound.get(f"/deployments/{in_berlin}/rings")["items"]
        for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/abort"), ("POST", "/rollback")):
            with nothing_changed():
                answer = bound.raw(
                    method, f"/deployments/{everywhere}{path}", **({} if method == "GET" else {"json": {}})
                )
                refused(answer, 403, "out-of-scope")
        refused(bound.raw("GET", "/deployments/77"), 404, "no-such-deployment")
    progress.plan(in_berlin)
    assert limited(database, VPN).post(f"/deployments/{in_berlin}/pause", {})[0] == 200


def test_a_deployment_beyond_the_limits_is_not_superseded(client: Client, database: Flask) -> None:
    client.register(5, business_unit="Berlin")
    everywhere = client.deploy()["id"]
    wanted = deployment(version="2.0", supersede=True, scope={"business_units": ["Berlin"]})
    of_berlin = limited(database, BERLIN)
    with nothing_changed():
        refused(of_berlin.raw("POST", "/deployments", json=wanted), 403, "out-of-scope")
    status, body = limited(database, VPN).post("/deployments", wanted)
    assert (status, body["supersedes"]) == (201, everywhere)
