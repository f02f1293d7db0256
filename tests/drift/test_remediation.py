"""Rings that allow it are instructed again, at most three times, more slowly each time; elsewhere a person decides."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.drift import Fleet, change, instructed, issued, remediate
from tests.support.jobs import Work
from tests.support.simulation import Behave

HOUR = 3600


def remediable(fleet: Fleet) -> int:
    return len([finding for finding in fleet.findings() if finding["ring"] in ("lab", "canary")])


def test_lab_and_canary_get_their_release_again_and_nothing_else_does(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=0.4, drift_version=0.3)
    fleet.reconcile()
    before = fleet.findings()
    assert {finding["kind"] for finding in before if finding["ring"] == "canary"} == {"missing", "version"}
    remediate(fleet)
    by_ring = Counter(finding["ring"] for finding in before if finding["ring"] != "pilot")
    assert instructed() == by_ring
    commands = rows("SELECT * FROM commands WHERE purpose = 'remediation'")
    assert {
        (command.verb, command.size, command.state, command.release_id, command.deployment_id, command.due_at)
        for command in commands
    } == {("publish", devices, "confirmed", 1, 1, None) for devices in by_ring.values()}
    assert rows("SELECT 1 FROM rings WHERE sending <> 0") == []
    states = {(finding["ring"], finding["state"], finding["tries"]) for finding in fleet.findings()}
    assert states == {("lab", "remediating", 1), ("canary", "remediating", 1), ("pilot", "needs_person", 0)}
    counters = fleet.counters()
    assert counters["drift.remediation.simulated.sent"] == by_ring.total()
    assert counters["drift.remediation.simulated.needs_person"] == len(before) - by_ring.total()

    drift(drift_missing=0.4)  # each new instruction is a new draw
    fleet.reconcile()
    after = Counter(finding["state"] for finding in fleet.findings() if finding["ring"] in ("lab", "canary"))
    assert after["resolved"] > 0
    assert after["remediating"] > 0


def test_after_the_third_try_a_person_is_asked(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    devices = remediable(fleet)
    sent = 0
    for hours in (1, 2, 4):
        began = clock()
        remediate(fleet)
        sent += devices
        assert instructed().total() == sent
        (lab,) = fleet.findings(external_id="dev-00025")
        due = datetime.fromisoformat(lab["next_try_at"])
        assert abs(due - began - timedelta(hours=hours)) < timedelta(seconds=1)
        clock.advance(hours * HOUR - 60)
        fleet.reconcile()
        remediate(fleet)
        assert instructed().total() == sent
        clock.advance(60)
    remediate(fleet)
    assert instructed().total() == sent
    assert {(finding["state"], finding["tries"], finding["next_try_at"]) for finding in fleet.findings()} == {
        ("needs_person", 3, None),
        ("needs_person", 0, None),
    }
    assert fleet.counters()["drift.remediation.simulated.needs_person"] == len(fleet.devices)
    clock.advance(24 * HOUR)
    fleet.reconcile()
    remediate(fleet)
    assert instructed().total() == sent


def test_another_kind_of_drift_does_not_restart_the_tries(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    remediate(fleet)
    drift(drift_version=1)
    fleet.reconcile()
    remediate(fleet)
    assert instructed().total() == remediable(fleet)
    assert {finding["tries"] for finding in fleet.findings(kind="version") if finding["ring"] == "lab"} == {1}


@pytest.mark.parametrize("path", ["/freezes", "/emergency-stop"])
def test_nothing_is_sent_while_dispatch_is_held(fleet: Fleet, drift: Behave, clock: Clock, path: str) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    assert fleet.api.post(path, {"reason": "quarter's end"})[0] == 201
    remediate(fleet)
    assert instructed().total() == 0
    assert {finding["tries"] for finding in fleet.findings()} == {0}


def test_a_hold_that_comes_later_stops_what_is_not_sent_yet(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    from app.drift import remediation

    drift(drift_missing=1)
    fleet.reconcile()
    remediation.remediate()
    until = (clock() + timedelta(hours=3)).isoformat()
    assert fleet.api.post("/freezes", {"reason": "quarter's end", "ends_at": until})[0] == 201
    fleet.drive(2)
    assert instructed().total() == 0
    clock.advance(2 * HOUR)
    remediate(fleet)  # the first attempt has not left yet, so a second one is not made
    assert {finding["tries"] for finding in fleet.findings()} == {0, 1}
    clock.advance(HOUR)
    fleet.drive(2)
    assert instructed().total() == remediable(fleet)


def test_a_connector_whose_breaker_is_open_costs_no_try(fleet: Fleet, drift: Behave) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    assert fleet.api.post("/connectors/simulated/breaker", {"state": "open", "reason": "maintenance"})[0] == 200
    remediate(fleet)
    assert {finding["tries"] for finding in fleet.findings()} == {0}


def test_a_newer_deployment_takes_over(fleet: Fleet, drift: Behave, clock: Clock, work: Work) -> None:
    from app.drift import remediation

    drift(drift_missing=1)
    fleet.reconcile()
    fleet.api.deploy(version="2.0", plan="quick")
    work()
    remediation.remediate()
    assert rows("SELECT 1 FROM commands WHERE purpose = 'remediation'") == []


def test_a_newer_deployment_restarts_the_tries(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    drift(drift_missing=1)
    fleet.reconcile()
    remediate(fleet)
    newer = fleet.roll_out(version="2.0")
    clock.advance(1)
    fleet.reconcile()
    lab = fleet.findings(external_id="dev-00025")
    assert [(finding["expected"], finding["state"], finding["tries"], finding["deployment_id"]) for finding in lab] == [
        ("2.0", "open", 0, newer)
    ]
    remediate(fleet)
    assert {row.release_id for row in rows("SELECT release_id FROM commands WHERE deployment_id = :id", id=newer)} >= {
        2
    }


def test_two_runs_at_once_instruct_no_device_twice(fleet: Fleet, drift: Behave) -> None:
    from flask import current_app

    from app.drift import remediation
    from tests.support.threads import together

    drift(drift_missing=1)
    fleet.reconcile()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself

    def run() -> None:
        with app.app_context():
            remediation.remediate()

    together(run, run)
    assert sum(issued()) == remediable(fleet)
    sending = rows("SELECT sum(sending) AS devices FROM rings")
    assert sending[0].devices == remediable(fleet)


def test_a_command_has_many_devices_but_not_too_many(
    fleet: Fleet, drift: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.drift import remediation

    monkeypatch.setattr(remediation, "COMMAND_SIZE", 10)
    drift(drift_missing=1)
    fleet.reconcile()
    remediate(fleet)
    by_ring = Counter(finding["ring"] for finding in fleet.findings())
    assert by_ring["lab"] == 8
    assert issued() == sorted([8, by_ring["canary"] - 10, 10])
    assert instructed() == {"lab": 8, "canary": by_ring["canary"]}


MEANWHILE = {
    "retired": "UPDATE devices SET retired_at = now()",
    "of another connector": "UPDATE devices SET connector = 'other'",
    "of another platform": "UPDATE devices SET platform = 'macos'",
    "accepted": "UPDATE drift_findings SET state = 'accepted'",
    "back": "UPDATE drift_findings SET state = 'resolved'",
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_device_that_changed_since_its_command_was_issued_is_left_out(
    fleet: Fleet, drift: Behave, meanwhile: str
) -> None:
    from app.drift import remediation

    drift(drift_missing=1)
    fleet.reconcile()
    remediation.remediate()
    of_device = "id" if "devices" in MEANWHILE[meanwhile] else "device_id"
    change(f"{MEANWHILE[meanwhile]} WHERE {of_device} = (SELECT id FROM devices WHERE external_id = 'dev-00025')")
    fleet.drive(2)
    published = rows(
        "SELECT unnest(devices) AS device FROM simulated_publications WHERE ring = 'lab' AND key LIKE '%from%'"
    )
    assert {row.device for row in published} == {f"dev-{n:05d}" for n in range(0, 200, 25) if n != 25}
    assert rows("SELECT 1 FROM rings WHERE sending <> 0") == []


def test_a_newer_deployment_takes_devices_over_from_a_command_that_waits(
    fleet: Fleet, drift: Behave, clock: Clock, work: Work
) -> None:
    from app.drift import remediation

    drift(drift_missing=1)
    fleet.reconcile()
    remediation.remediate()
    fleet.api.deploy(version="2.0", plan="quick", scope={"tags": ["lab"]})
    work()
    assert "lab" not in instructed()
    assert instructed()["canary"] > 0


def test_hundreds_of_findings_wait_behind_a_rollback(fleet: Fleet, drift: Behave, work: Work) -> None:
    """They need one job for each connector and release of a ring, below every queue that a rollout needs."""
    from app import queue
    from app.drift import remediation, service

    behind = fleet.roll_out(application="crm")
    drift(drift_missing=1)
    service.reconcile()
    service.reconcile()
    assert queue.depths() == {"control": 0, "bulk": 0, "drift": 2}
    fleet.work()
    assert len(fleet.findings()) == 400
    assert len(fleet.findings(state="open")) == remediable(fleet) > 50
    remediation.remediate()
    assert queue.depths() == {"control": 0, "bulk": 0, "drift": 4}
    status, _ = fleet.api.post(f"/deployments/{behind}/rollback", {"reason": "it crashes"})
    assert status == 201
    done = work()
    assert done.index("plan") < done.index("deliver_remediation")
    assert done.count("deliver_remediation") == 4
    # The rollback has taken its own devices over.
    outcomes = rows("SELECT DISTINCT deployment_id, state, failure FROM commands WHERE purpose = 'remediation'")
    assert set(outcomes) == {(1, "confirmed", None), (behind, "failed", "no_devices")}


def test_the_sweep_does_not_enqueue_again_what_still_waits(fleet: Fleet, drift: Behave, clock: Clock) -> None:
    from app import queue
    from app.deployments import progress
    from app.drift import remediation

    drift(drift_missing=1)
    fleet.reconcile()
    remediation.remediate()
    for _ in range(10):
        clock.advance(progress.LEASE_SECONDS + 1)
        progress.sweep()
    assert queue.depths()["drift"] == 2
    assert rows("SELECT 1 FROM commands WHERE purpose = 'remediation' AND state <> 'queued'") == []
