"""Devices that fail, across deployments: how often, why last, and what narrows the list down."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.db import db
from app.deployments import silence
from app.http.serialization import timestamp
from app.identity.roles import Role
from app.identity.scopes import Scopes
from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.database import rows, statements
from tests.support.fleet import DEVICES, Fleet
from tests.support.http import Client, refused

ALWAYS, ONCE, SILENT, WELL = DEVICES
PATH = "/devices/failures"


@pytest.fixture
def failing(fleet: Fleet, clock: Clock) -> Fleet:
    """Two deployments: one device fails in both for two reasons, one in the first, one stays silent in the second."""
    said = fleet.api.post("/devices", [{**_device(ONCE), "business_unit": "Köln", "site_class": "intermittent"}])
    assert said[0] == 200
    first = fleet.dispatched("1.0", application="vpn")
    _fail(fleet, first, "disk_full", ALWAYS, ONCE)
    fleet.report(first, "succeeded", SILENT, WELL)
    fleet.api.post(f"/deployments/{first}/abort")
    clock.advance(3_600)
    second = fleet.dispatched("2.0", application="mail")
    _fail(fleet, second, "no_network", ALWAYS)
    fleet.report(second, "succeeded", ONCE, WELL)
    clock.advance(30 * 86_400)
    fleet.drive(3)  # the connector has nothing to say
    silence.give_up()
    return fleet


def _device(external_id: str) -> dict[str, Any]:
    return {"external_id": external_id, "platform": "windows", "connector": "simulated", "tags": ["lab"]}


def _fail(fleet: Fleet, deployment: int, reason: str, *external_ids: str) -> None:
    said = {"deployment_id": deployment, "outcome": "failed", "reason": reason}
    body = [{**said, "external_id": it, "sequence": 1_000_000 + deployment} for it in external_ids]
    assert fleet.api.post("/reports", body)[0] == 200


def found(fleet: Fleet, query: str = "") -> dict[str, tuple[int, str | None]]:
    """The failures and the last reason of each device that is listed."""
    items = fleet.api.get(f"{PATH}?{query}")["items"]
    return {item["external_id"]: (item["failures"], item["last_reason"]) for item in items}


def test_a_device_is_shown_with_its_failures_and_the_last_of_them(failing: Fleet) -> None:
    items = {item["external_id"]: item for item in failing.api.get(PATH)["items"]}
    assert set(items) == {ALWAYS, ONCE, SILENT}
    last = items[ALWAYS]
    assert (last["failures"], last["last_reason"], last["last_status"]) == (2, "no_network", "failed")
    assert (last["last_application"], last["last_release"], last["last_ring"]) == ("mail", "2.0", "everyone")
    assert last["first_failed_at"] <= last["last_failed_at"]
    assert last["last_deployment_id"] == 2
    assert (items[ONCE]["failures"], items[ONCE]["last_reason"]) == (1, "disk_full")
    assert (items[SILENT]["last_status"], items[SILENT]["last_reason"]) == ("unreachable", None)
    assert failing.api.get(f"/devices/{last['id']}")["external_id"] == ALWAYS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("reason=disk_full", {ALWAYS: (1, "disk_full"), ONCE: (1, "disk_full")}),
        ("application=mail", {ALWAYS: (1, "no_network"), SILENT: (1, None)}),
        ("application=mail&status=failed", {ALWAYS: (1, "no_network")}),
        ("status=unreachable&status=expired", {SILENT: (1, None)}),
        ("release=1.0", {ALWAYS: (1, "disk_full"), ONCE: (1, "disk_full")}),
        ("at_least=2", {ALWAYS: (2, "no_network")}),
        ("at_least=2&reason=disk_full", {}),
        (f"business_unit={quote('Köln')}", {ONCE: (1, "disk_full")}),
        ("site_class=online", {ALWAYS: (2, "no_network"), SILENT: (1, None)}),
        ("platform=macos", {}),
        ("connector=jamf", {}),
        ("reason=nothing", {}),
    ],
)
def test_what_narrows_the_list_down_is_also_what_is_counted(failing: Fleet, query: str, expected: Any) -> None:
    assert found(failing, query) == expected


def test_times_narrow_it_down(failing: Fleet, clock: Clock) -> None:
    # Reports are stored by the database's clock, which no test moves.
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE assignments SET moved_at = now() - interval '2 days' WHERE deployment_id = 1"))
    (between,) = rows("SELECT now() - interval '1 day' AS at")
    assert found(failing, f"since={timestamp(between.at)}&status=failed") == {ALWAYS: (1, "no_network")}
    assert found(failing, f"until={timestamp(between.at)}&status=failed") == {
        ALWAYS: (1, "disk_full"),
        ONCE: (1, "disk_full"),
    }
    assert found(failing, f"since={timestamp(clock.time + timedelta(days=1))}") == {}


def test_a_device_that_was_repaired_does_not_count(failing: Fleet) -> None:
    failing.report(2, "succeeded", ALWAYS)
    assert found(failing, "status=failed")[ALWAYS] in ((1, "disk_full"), (2, "no_network"))
    rows_now = rows("SELECT count(*) AS n FROM assignments WHERE state = 'failed'")[0].n
    assert sum(failures for failures, _ in found(failing, "status=failed").values()) == rows_now


def test_it_has_pages_and_is_exported_whole(failing: Fleet) -> None:
    whole = failing.api.get(PATH)["items"]
    page = failing.api.get(f"{PATH}?limit=2")
    assert page["items"] + failing.api.get(f"{PATH}?cursor={page['next']}")["items"] == whole
    sent = failing.api.raw("GET", f"{PATH}?limit=1", headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in sent.text.splitlines()] == whole
    table = failing.api.raw("GET", f"{PATH}?at_least=2", headers={"Accept": "text/csv"}).text
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["external_id"], row["failures"], row["last_reason"]) == (ALWAYS, "2", "no_network")
    assert list(row) == list(whole[0])


def test_one_statement_lists_them_however_many_there_are(failing: Fleet) -> None:
    with statements() as for_one:
        failing.api.get(f"{PATH}?limit=1")
    with statements() as for_all:
        failing.api.get(PATH)
    assert len(for_one) == len(for_all)
    (statement,) = [each for each in for_all if " assignments" in each]
    assert "IN ('failed', 'unreachable', 'expired')" in statement, "written out, so that an index can serve it"


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (Scopes(business_units=("Köln",)), {ONCE}),
        (Scopes(applications=("mail",)), {ALWAYS, SILENT}),
        (Scopes(device=SILENT), {SILENT}),
        (Scopes(connector="jamf"), set()),
    ],
)
def test_a_limited_token_sees_its_own(failing: Fleet, scopes: Scopes, expected: set[str]) -> None:
    limited = Client(failing.api.client, make_token("limited", Role.VIEWER, scopes))
    assert {item["external_id"] for item in limited.get(PATH)["items"]} == expected


def test_what_is_no_filter_is_refused(fleet: Fleet) -> None:
    for query, field in (("status=succeeded", "status"), ("at_least=0", "at_least"), ("site_class=moon", "site_class")):
        refused(fleet.api.raw("GET", f"{PATH}?{query}"), 422, "invalid", field)
