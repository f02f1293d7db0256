"""Every kind of drift is found, followed and resolved; what was not read is never a finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from unicodedata import normalize

import pytest
from sqlalchemy import event

from app.connectors import registry
from app.connectors.protocol import InventoryItem, InventoryPage
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.fates import STRAY
from app.connectors.simulated.profile import SimulatedProfile
from tests.support.clock import Clock
from tests.support.drift import INSTANT, Fleet, Interrupted, change
from tests.support.http import refused
from tests.support.simulation import Behave


def kinds(fleet: Fleet, **filters: str) -> Counter[str]:
    return Counter(finding["kind"] for finding in fleet.findings(**filters))


def test_a_fleet_that_has_what_it_should_have_shows_nothing(fleet: Fleet) -> None:
    fleet.reconcile()
    assert fleet.findings() == []
    assert fleet.counters() == {}


def test_a_device_that_lost_its_release_is_found_and_resolved_when_it_is_back(
    fleet: Fleet, drift: Behave, clock: Clock
) -> None:
    drift(drift_missing=0.2)
    fleet.reconcile()
    found = fleet.findings()
    assert 20 <= len(found) <= 65
    assert {(finding["kind"], finding["expected"], finding["found"], finding["application"]) for finding in found} == {
        ("missing", "1.0", None, "vpn")
    }
    by_ring = {finding["ring"]: finding["state"] for finding in found}
    assert by_ring.pop("lab") == "open"
    assert by_ring.pop("pilot") == "needs_person"
    asked = sum(finding["state"] == "needs_person" for finding in found)
    wanted = {"drift.found.simulated.missing": len(found), "drift.remediation.simulated.needs_person": asked}
    assert fleet.counters() == wanted

    clock.advance(300)
    fleet.reconcile()
    again = fleet.findings()
    assert [(finding["id"], finding["state"]) for finding in again] == [
        (finding["id"], finding["state"]) for finding in found
    ]
    assert all(finding["seen_at"] > finding["found_at"] for finding in again)
    assert fleet.counters() == wanted

    drift()
    fleet.reconcile()
    assert {finding["state"] for finding in fleet.findings()} == {"resolved"}
    assert fleet.counters() == {**wanted, "drift.resolved.simulated.missing": len(found)}

    drift(drift_missing=0.2)
    fleet.reconcile()
    assert len(fleet.findings()) == 2 * len(found)
    assert len(fleet.findings(state="resolved")) == len(found)


def test_another_version_is_drift_and_one_kind_becomes_another(fleet: Fleet, drift: Behave) -> None:
    drift(drift_version=1)
    fleet.reconcile()
    found = fleet.findings()
    assert {(finding["kind"], finding["expected"], finding["found"]) for finding in found} == {
        ("version", "1.0", STRAY)
    }
    assert len(found) == 200
    drift(drift_missing=1)
    fleet.reconcile()
    assert kinds(fleet) == {"missing": 200}
    assert [finding["id"] for finding in fleet.findings()] == [finding["id"] for finding in found]
    counters = fleet.counters()
    assert counters["drift.resolved.simulated.version"] == counters["drift.found.simulated.missing"] == 200


class Accented(SimulatedConnector):
    """A vendor that writes ids and versions as it pleases: decomposed, with blanks around them."""

    def __init__(self) -> None:
        super().__init__(SimulatedProfile.model_validate(INSTANT), faults=True)

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        page = super().inventory(application, platform, cursor, limit)
        items = [
            InventoryItem(normalize("NFD", f" {item.external_id} "), normalize("NFD", f"{item.version}\u00a0"))
            for item in page.items
        ]
        return replace(page, items=items)


def test_two_spellings_of_a_version_or_an_id_are_not_two(fleet: Fleet) -> None:
    bureaus = [
        {"external_id": f"Büro/{n} é", "platform": "windows", "connector": "simulated", "tags": ["lab"]}
        for n in range(20)
    ]
    assert fleet.api.post("/devices", bureaus)[0] == 200
    fleet.roll_out(application="Café", version="2:1.0~rc1 Bêta")
    with registry.replaced({"simulated": Accented()}):
        fleet.reconcile()
    assert fleet.findings() == []


def test_an_application_that_nobody_installed_is_extra(fleet: Fleet, drift: Behave) -> None:
    newcomers = [
        {"external_id": f"new-{n:03d}", "platform": "windows", "connector": "simulated", "tags": ["lab"]}
        for n in range(40)
    ]
    assert fleet.api.post("/devices", newcomers)[0] == 200
    drift(drift_extra=0.5)
    fleet.reconcile()
    found = fleet.findings()
    assert 5 <= len(found) <= 35
    assert {(finding["kind"], finding["expected"], finding["found"], finding["state"]) for finding in found} == {
        ("extra", None, "1.0", "needs_person")
    }
    assert all(finding["external_id"].startswith("new-") and finding["deployment_id"] is None for finding in found)
    drift()
    fleet.reconcile()
    assert kinds(fleet, state="resolved") == {"extra": len(found)}


def test_a_device_that_is_retired_or_left_the_scope_has_it_out_of_scope(fleet: Fleet) -> None:
    scope = {"business_units": ["sales"], "tags": ["lab"]}
    fleet.api.register(200, business_unit="sales")
    narrow = fleet.roll_out(application="crm", scope=scope)
    fleet.reconcile()
    assert fleet.findings() == []
    change("UPDATE devices SET business_unit = 'legal' WHERE external_id = 'dev-00025'")
    change("UPDATE devices SET tags = '{}' WHERE external_id = 'dev-00050'")
    change("UPDATE devices SET retired_at = now() WHERE external_id = 'dev-00001'")
    fleet.reconcile()
    found = {finding["external_id"]: finding for finding in fleet.findings(kind="scope")}
    assert {(finding["external_id"], finding["application"], finding["state"]) for finding in found.values()} == {
        ("dev-00025", "crm", "needs_person"),
        ("dev-00050", "crm", "needs_person"),
        ("dev-00001", "vpn", "needs_person"),
    }
    assert (found["dev-00025"]["deployment_id"], found["dev-00025"]["expected"]) == (narrow, None)
    assert found["dev-00025"]["found"] == "1.0"
    change("UPDATE devices SET business_unit = 'sales' WHERE external_id = 'dev-00025'")
    fleet.reconcile()
    assert kinds(fleet, state="resolved") == {"scope": 1}


def test_a_withdrawn_application_that_is_still_there_is_extra(fleet: Fleet) -> None:
    change("UPDATE installations SET release_id = NULL WHERE device_id = 7")
    fleet.reconcile()
    (finding,) = fleet.findings()
    assert (finding["kind"], finding["expected"], finding["found"]) == ("extra", None, "1.0")


def test_devices_on_their_way_are_left_alone(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    deployment = fleet.api.deploy(version="2.0", scope={"tags": ["lab"]})["id"]
    fleet.drive(2)
    assert fleet.api.get(f"/deployments/{deployment}")["state"] == "running"
    fleet.reconcile()
    assert fleet.findings() == []  # some have 2.0 by now, and no installation says so
    drift(drift_missing=1)
    fleet.reconcile()
    assert kinds(fleet) == {"missing": 192}
    path = f"/deployments/{deployment}"
    assert fleet.api.post(f"{path}/abort", {"reason": "enough"})[0] == 200
    fleet.work()
    clock.advance(1)
    fleet.reconcile()
    assert kinds(fleet) == {"missing": 200}


def test_a_late_success_is_no_drift(fleet: Fleet, drift: Behave) -> None:
    fleet.roll_out(version="2.0")
    # The device was silent until the deployment ended; now it has the version that was dispatched to it.
    change("""
        UPDATE installations SET release_id = 1, deployment_id = 1, at = at - interval '1 hour' WHERE device_id <= 50
    """)
    fleet.reconcile()
    assert fleet.findings() == []
    drift(drift_missing=1)
    fleet.reconcile()
    assert {finding["expected"] for finding in fleet.findings()} == {"1.0", "2.0"}


@pytest.mark.parametrize("pages", [0, 2])
def test_an_inventory_that_fails_marks_nothing_missing(fleet: Fleet, drift: Behave, pages: int) -> None:
    from app.drift import service

    vendor = Interrupted(pages, drift_missing=0.5)
    with registry.replaced({"simulated": vendor}):
        service.compare(fleet.deployment, page_size=50)
    assert vendor.asked == pages + 1
    assert fleet.findings() == []


def test_an_open_breaker_is_respected(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=1, outages=1)
    for _ in range(5):
        fleet.reconcile()
    before = fleet.api.get("/events?type=connector.call_failed&limit=500")["items"]
    fleet.reconcile()
    assert fleet.api.get("/events?type=connector.call_failed&limit=500")["items"] == before
    assert fleet.findings() == []


def test_the_size_of_the_pages_changes_nothing_but_the_statements(fleet: Fleet, drift: Behave) -> None:
    from app.db import db
    from app.drift import service

    drift(drift_missing=0.3, drift_version=0.3)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: statements.append(statement))
    fleet.reconcile()
    assert len(statements) < 60
    found = [(finding["external_id"], finding["kind"], finding["found"]) for finding in fleet.findings()]
    change("UPDATE drift_findings SET state = 'resolved', seen_at = found_at - interval '1 hour'")
    service.compare(fleet.deployment, page_size=7)
    again = [(finding["external_id"], finding["kind"], finding["found"]) for finding in fleet.findings()][len(found) :]
    assert sorted(again) == sorted(found)


def test_two_runs_at_once_find_nothing_twice(fleet: Fleet, drift: Behave) -> None:
    from app.drift import service
    from tests.support.threads import together

    drift(drift_missing=1)
    from flask import current_app

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself

    def run() -> None:
        with app.app_context():
            service.compare(1)

    together(run, run, run)
    assert kinds(fleet) == {"missing": 200}
    assert fleet.counters()["drift.found.simulated.missing"] == 200


def test_accepted_drift_stays_until_it_changes(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    finding = fleet.findings(external_id="dev-00001")[0]
    path = f"/drift/{finding['id']}"
    status, accepted = fleet.api.post(f"{path}/accept", {"reason": "a kiosk"})
    assert (status, accepted["state"], accepted["next_try_at"]) == (200, "accepted", None)
    refused(fleet.api.raw("POST", f"{path}/accept", json={"reason": "again"}), 409, "finding-closed")
    (event,) = fleet.api.get("/events?type=drift.accepted")["items"]
    assert (event["actor"], event["payload"]["reason"]) == ("tester", "a kiosk")
    clock.advance(300)
    fleet.reconcile()
    assert fleet.api.get(path)["state"] == "accepted"
    drift(drift_version=1)
    fleet.reconcile()
    changed = fleet.api.get(path)
    assert (changed["kind"], changed["state"]) == ("version", "needs_person")


def test_findings_are_filtered_and_paged(fleet: Fleet, drift: Behave) -> None:
    from app.drift.queries import levels

    drift(drift_missing=1)
    fleet.reconcile()
    assert len(fleet.findings(kind="missing", application="vpn")) == 200
    assert fleet.findings(kind="extra") == fleet.findings(application="other") == []
    first = fleet.api.get("/drift?order=oldest&limit=3")
    second = fleet.api.get(f"/drift?order=oldest&limit=3&cursor={first['next']}")
    assert second["items"][0]["id"] == first["items"][-1]["id"] + 1
    assert fleet.api.get(f"/drift/{first['items'][0]['id']}") == first["items"][0]
    refused(fleet.api.raw("GET", "/drift/4711"), 404, "no-such-finding")
    refused(fleet.api.raw("POST", "/drift/4711/accept", json={"reason": "x"}), 404, "no-such-finding")
    refused(fleet.api.raw("POST", "/drift/1/accept", json={"reason": " "}), 422, "invalid", "reason")
    refused(fleet.api.raw("GET", "/drift?kind=odd"), 422, "invalid", "kind")
    assert {level.path: level.value for level in levels()} == {
        "drift.open.missing": 200,
        "drift.open.extra": 0,
        "drift.open.version": 0,
        "drift.open.scope": 0,
    }
