"""What is remediated without a person: rings that allow it, after deployments that completed, and never too many."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from app.drift.rules import most_at_once
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.drift import GATE, Fleet, Interrupted, Limit, change
from tests.support.http import refused
from tests.support.jobs import Work
from tests.support.moments import state_at
from tests.support.simulation import Behave


@pytest.mark.parametrize(
    ("devices", "most"), [(0, 3), (20, 3), (79, 3), (80, 4), (1_000, 50), (10_000, 500), (1_000_000, 500)]
)
def test_how_many_devices_may_differ_at_once(devices: int, most: int) -> None:
    assert most_at_once(devices, 0.05, 500) == most


def test_a_lower_limit_counts_in_a_small_fleet_too() -> None:
    assert most_at_once(1_000_000, 0.05, 1) == 1


def reasons(fleet: Fleet, **filters: str) -> Counter[str | None]:
    return Counter(finding["reason"] for finding in fleet.findings(**filters))


def asked() -> Any:
    """The numbers of the newest event about too many findings."""
    (event, *_) = rows("SELECT payload FROM events WHERE payload ? 'most' ORDER BY id DESC")
    return event.payload


def attempted(work: Work) -> int:
    """Devices that get a command when the schedule asks for remediation now."""
    from app.drift import remediation

    before = rows("SELECT coalesce(sum(size), 0) AS devices FROM commands WHERE purpose = 'remediation'")[0].devices
    remediation.remediate()
    work()
    after = rows("SELECT coalesce(sum(size), 0) AS devices FROM commands WHERE purpose = 'remediation'")[0].devices
    return int(after - before)


@pytest.mark.parametrize("limit", [{"share": 0.05, "devices": 500}, {"share": 1, "devices": 10}])
def test_above_the_limit_a_person_is_asked_about_all_of_them(
    fleet: Fleet, drift: Behave, limits: Limit, work: Work, limit: dict[str, float]
) -> None:
    limits(**limit)
    drift(drift_missing=1)
    fleet.reconcile()
    assert {finding["state"] for finding in fleet.findings()} == {"needs_person"}
    assert reasons(fleet) == Counter(
        "too_many" if finding["ring"] in ("lab", "canary") else "ring" for finding in fleet.findings()
    )
    assert reasons(fleet, reason="too_many") == {"too_many": len(fleet.findings(reason="too_many"))}
    numbers = asked()
    assert (numbers["different"], numbers["devices"], numbers["most"]) == (200, 200, 10)
    assert numbers["tallies"] == [{"kind": "missing", "count": reasons(fleet)["too_many"], "reason": "too_many"}]
    assert attempted(work) == 0
    assert fleet.counters()["drift.remediation.simulated.needs_person"] == 200


def test_when_the_inventory_is_right_again_the_rest_is_remediated(
    fleet: Fleet, drift: Behave, limits: Limit, work: Work, clock: Clock
) -> None:
    limits(share=0.05, devices=500)
    drift(drift_missing=1)
    fleet.reconcile()
    change("UPDATE drift_findings SET state = 'resolved', reason = NULL WHERE device_id <> 26")  # all but dev-00025
    clock.advance(25 * 3600)  # what was too much does not become less by waiting
    fleet.reconcile()
    assert reasons(fleet, external_id="dev-00025") == {"too_many": 1}
    drift()
    change("DELETE FROM drift_findings WHERE device_id <> 26")
    change("UPDATE simulated_publications SET devices = array_remove(devices, 'dev-00025')")
    fleet.reconcile()
    (lab,) = fleet.findings()
    assert (lab["external_id"], lab["state"], lab["reason"]) == ("dev-00025", "open", None)
    assert asked()["tallies"] == [{"kind": "missing", "count": 1}]
    assert attempted(work) == 1


def test_what_was_found_within_a_day_counts_together(fleet: Fleet, drift: Behave, limits: Limit, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    limits(share=0.05, devices=500)
    change("UPDATE drift_findings SET found_at = found_at - interval '25 hours'")
    change("UPDATE drift_findings SET state = 'needs_person', reason = 'ring' WHERE device_id <> 26")
    fleet.reconcile()
    assert reasons(fleet, state="open") == {None: 1}
    change("UPDATE drift_findings SET found_at = found_at + interval '2 hours'")
    fleet.reconcile()
    assert reasons(fleet, external_id="dev-00025") == {"too_many": 1}


def test_nothing_is_remediated_before_the_whole_inventory_was_compared(fleet: Fleet, drift: Behave, work: Work) -> None:
    from app.connectors import registry
    from app.drift import service

    with registry.replaced({"simulated": Interrupted(2, drift_version=1)}):
        service.compare(fleet.deployment, page_size=50)
    assert len(fleet.findings()) == 100
    assert {finding["next_try_at"] for finding in fleet.findings(state="open")} == {None}
    assert attempted(work) == 0
    drift(drift_version=1)
    fleet.reconcile()
    assert attempted(work) == len(fleet.findings(state="remediating")) > 0


# Besides, a rehearsal's device gets its release back.
_OF_FINDINGS = "SELECT * FROM commands WHERE purpose = 'remediation' AND device_id IS NULL"


def test_after_an_aborted_deployment_a_person_is_asked(fleet: Fleet, drift: Behave, work: Work, clock: Clock) -> None:
    deployment = fleet.api.deploy(version="2.0", scope={"tags": ["lab"]})["id"]
    fleet.drive(2)
    assert fleet.api.post(f"/deployments/{deployment}/abort", {"reason": "it crashes"})[0] == 200
    fleet.drive(2)
    drift(drift_missing=1)
    fleet.reconcile()
    theirs = [finding for finding in fleet.findings() if finding["deployment_id"] == deployment]
    assert theirs
    assert {(finding["state"], finding["reason"]) for finding in theirs} == {("needs_person", "not_completed")}
    assert attempted(work) == len(fleet.findings(state="remediating")) > 0
    assert deployment not in {row.deployment_id for row in rows(_OF_FINDINGS)}


# -- rings that allow it, whatever their place and name


def rolled_out(fleet: Fleet, *rings: dict[str, Any]) -> None:
    """Another application, with a plan of these rings."""
    assert fleet.api.raw("PUT", "/ring-plans/own", json={"rings": list(rings)}).status_code == 201
    deployment = fleet.api.deploy(application="crm", plan="own")["id"]
    fleet.drive(60, step=2, until=lambda: state_at(f"/deployments/{deployment}") == "completed")
    fleet.work()


def by_ring(fleet: Fleet) -> dict[str, set[str]]:
    """The states of findings by the name of their ring."""
    states: dict[str, set[str]] = {}
    for row in rows("""
        SELECT ring.name, finding.state
          FROM drift_findings AS finding
          JOIN applications AS application ON application.id = finding.application_id AND application.name = 'crm'
          JOIN rings AS ring ON ring.deployment_id = finding.deployment_id AND ring.key = finding.ring
    """):
        states.setdefault(row.name, set()).add(row.state)
    return states


def test_a_ring_is_remediated_because_its_plan_says_so(fleet: Fleet, drift: Behave) -> None:
    early: dict[str, Any] = {"name": "early", "share": 30, "gate": GATE}
    everyone: dict[str, Any] = {"name": "everyone", "share": 30, "gate": GATE}
    last: dict[str, Any] = {"name": "canary", "gate": GATE}
    rolled_out(fleet, early, {**everyone, "auto_remediate": True}, last)
    drift(drift_missing=1)
    fleet.reconcile()
    assert by_ring(fleet) == {"early": {"needs_person"}, "everyone": {"open"}, "canary": {"needs_person"}}


def test_in_an_older_snapshot_the_name_decides(fleet: Fleet, drift: Behave) -> None:
    """The same in SQL and in Python."""
    from app.deployments.rules.rings import Plan

    rolled_out(
        fleet,
        {"name": "everyone", "share": 30, "gate": GATE, "auto_remediate": True},
        {"name": "canary", "share": 30, "gate": GATE},
        {"name": "lab", "gate": GATE},
    )
    change("""
        UPDATE deployments SET plan = jsonb_set(plan, '{rings}', (
            SELECT jsonb_agg(ring - 'auto_remediate' ORDER BY place)
              FROM jsonb_array_elements(plan->'rings') WITH ORDINALITY AS of(ring, place)))
    """)
    drift(drift_missing=1)
    fleet.reconcile()
    assert by_ring(fleet) == {"everyone": {"needs_person"}, "canary": {"open"}, "lab": {"open"}}
    (snapshot,) = rows("SELECT plan FROM deployments ORDER BY id DESC LIMIT 1")
    assert {ring.name: ring.auto_remediate for ring in Plan.from_json(snapshot.plan).rings} == {
        "everyone": False,
        "canary": True,
        "lab": True,
    }


def test_the_api_stores_and_shows_it(fleet: Fleet) -> None:
    rings = fleet.api.get("/ring-plans/quick")["rings"]
    assert [ring["auto_remediate"] for ring in rings] == [True, True, False]
    for name in ("standard", "demo"):
        rings = fleet.api.get(f"/ring-plans/{name}")["rings"]
        assert [ring["name"] for ring in rings if ring["auto_remediate"]] == ["lab", "canary"]
    wrong = {"rings": [{"name": "all", "gate": GATE, "auto_remediate": "perhaps"}]}
    refused(fleet.api.raw("PUT", "/ring-plans/quick", json=wrong), 422, "invalid", "rings.0.auto_remediate")
