"""Every list begins with the newest, keeps its pages while rows are added, and is sent whole as NDJSON or CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest

from app.deployments import progress
from app.http import exports
from tests.support.api import Api
from tests.support.database import statements
from tests.support.http import Client, refused

NDJSON = {"Accept": "application/x-ndjson"}
CSV = {"Accept": "text/csv"}
DEVICES = 7


@pytest.fixture
def fleet(client: Client) -> Client:
    client.register(DEVICES)
    return client


def ids(client: Api, path: str) -> list[int]:
    return [item["id"] for item in client.get(path)["items"]]


def walked(client: Api, path: str) -> list[int]:
    """The ids of all pages."""
    found: list[int] = []
    cursor: int | None = 0
    while cursor is not None:
        page = client.get(f"{path}&cursor={cursor}")
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    return found


def test_the_newest_comes_first_unless_the_oldest_is_asked_for(fleet: Client) -> None:
    newest = ids(fleet, "/devices")
    assert newest == sorted(newest, reverse=True)
    assert ids(fleet, "/devices?order=oldest") == sorted(newest)
    assert walked(fleet, "/devices?limit=2") == newest
    assert walked(fleet, "/devices?limit=3&order=oldest") == sorted(newest)


def test_rows_that_are_added_between_two_pages_move_nothing(fleet: Client) -> None:
    before = ids(fleet, "/devices")
    first = fleet.get("/devices?limit=3")
    fleet.post("/devices", [{"external_id": "later", "platform": "windows", "connector": "simulated"}])
    rest = ids(fleet, f"/devices?cursor={first['next']}")
    assert [item["id"] for item in first["items"]] + rest == before


def test_only_the_fields_that_were_asked_for(fleet: Client) -> None:
    item = fleet.get("/devices?fields=external_id,platform&limit=1")["items"][0]
    assert list(item) == ["external_id", "platform"]
    assert list(fleet.get("/devices?fields=platform&fields=id&limit=1")["items"][0]) == ["platform", "id"]
    problem = refused(fleet.raw("GET", "/devices?fields=colour"), 422, "invalid", "fields")
    assert "'colour' is none of its fields: id, external_id" in problem["errors"][0]["message"]


def test_deployments_are_found_by_what_people_know_of_them(client: Client) -> None:
    client.register(40)
    first = client.deploy(application="vpn", version="1.0")["id"]
    second = client.deploy(application="mail", version="2.0", supersede=True)["id"]
    client.post(f"/deployments/{second}/pause", {"reason": "a look first"})
    asker = client.get(f"/deployments/{first}")["requested_by"]
    since = client.get(f"/deployments/{second}")["created_at"]
    for query, expected in {
        "": [second, first],
        "?application=vpn": [first],
        "?release=2.0": [second],
        f"?requested_by={asker}": [second, first],
        "?requested_by=nobody": [],
        "?kind=rollback": [],
        "?plan=demo&platform=windows": [second, first],
        f"?since={since}": [second],
        f"?until={since}": [first],
        "?state=planning&state=paused": [second, first],
        "?state=completed": [],
    }.items():
        assert ids(client, f"/deployments{query}") == expected, query


def test_assignments_are_found_by_status_reason_and_device(client: Client) -> None:
    client.register(40)
    number = client.deploy()["id"]
    progress.plan(number)
    path = f"/deployments/{number}/assignments"
    names = [item["external_id"] for item in client.get(f"{path}?limit=3")["items"]]
    said = {"deployment_id": number, "sequence": 1, "outcome": "failed"}
    reasons = ("disk_full", "disk_full", "no_network")
    body = [{**said, "external_id": name, "reason": reason} for name, reason in zip(names, reasons, strict=True)]
    assert client.post("/reports", body)[0] == 200

    def found(query: str) -> set[str]:
        return {item["external_id"] for item in client.get(f"{path}?{query}&limit=500")["items"]}

    assert found("status=failed") == set(names)
    assert found("status=failed&reason=no_network") == {names[2]}
    assert len(found("status=failed&status=pending")) == 40
    assert found(f"external_id={names[0]}") == {names[0]}
    assert found("connector=jamf") == set()


@pytest.mark.parametrize("rows", [2, 2_000])
def test_an_export_has_every_item_whatever_the_page(fleet: Client, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(exports, "ROWS", rows)
    whole = fleet.get("/devices")["items"]
    sent = fleet.raw("GET", "/devices?limit=1", headers=NDJSON)
    assert sent.content_type == "application/x-ndjson"
    assert [json.loads(line) for line in sent.text.splitlines()] == whole
    table = list(csv.DictReader(io.StringIO(fleet.raw("GET", "/devices", headers=CSV).text)))
    assert [row["external_id"] for row in table] == [item["external_id"] for item in whole]
    assert [json.loads(row["tags"]) for row in table] == [item["tags"] for item in whole]
    assert list(table[0]) == list(whole[0])
    following = fleet.raw("GET", f"/devices?cursor={whole[4]['id']}&fields=id", headers=CSV).text
    assert following.split() == ["id", *(str(item["id"]) for item in whole[5:])]


def test_a_cell_is_never_a_formula(client: Client) -> None:
    client.post("/incidents", {"severity": "P3", "title": '=HYPERLINK("https://example.org")'})
    (row,) = csv.DictReader(io.StringIO(client.raw("GET", "/incidents", headers=CSV).text))
    assert row["title"] == '\'=HYPERLINK("https://example.org")'


def test_an_empty_export_has_its_columns(client: Client) -> None:
    assert client.raw("GET", "/drift", headers=CSV).text.startswith("id,external_id,application,")
    assert client.raw("GET", "/drift", headers=NDJSON).text == ""


def test_what_is_refused_is_refused_before_an_export_begins(client: Client) -> None:
    refused(client.raw("GET", "/deployments/999/assignments", headers=CSV), 404, "no-such-deployment")
    refused(client.raw("GET", "/devices?limit=0", headers=CSV), 422, "invalid", "limit")


def test_a_list_takes_the_same_statements_for_one_and_for_many(fleet: Client) -> None:
    with statements() as for_one:
        fleet.get("/devices?limit=1")
    with statements() as for_all:
        fleet.get("/devices?limit=500")
    assert len(for_all) == len(for_one)
