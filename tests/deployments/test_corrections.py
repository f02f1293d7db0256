"""Devices that break after they succeeded, and devices that are repaired: as long as the rollout can learn from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.db import db
from app.deployments import membership, replay
from tests.support.api import Api, make_token
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import state_at
from tests.support.plans import gate


def rings(on_fail: str = "pause") -> list[dict[str, Any]]:
    """A lab, and the rest, which soaks for an hour."""
    return [
        {"name": "lab", "tag": "lab", "gate": gate(on_fail=on_fail)},
        {"name": "rest", "gate": gate(soak_seconds=3_600)},
    ]


@pytest.fixture
def spread(api: Api, drive: Drive) -> int:
    """A rollout whose lab has passed and whose second ring soaks."""
    return _spread(api, drive, rings())


def _spread(api: Api, drive: Drive, of_plan: list[dict[str, Any]]) -> int:
    api.register(500)
    assert api.raw("PUT", "/ring-plans/two", json={"rings": of_plan}).status_code == 201
    deployment = int(api.deploy(plan="two")["id"])
    drive(600, until=lambda: _states(api, deployment) == ["passed", "soaking"])
    return deployment


def _states(api: Api, deployment: int) -> list[str]:
    return [ring["state"] for ring in api.get(f"/deployments/{deployment}")["rings"]]


def _report(
    api: Api, deployment: int, outcome: str, devices: int, ring: str = "lab", status: str = "succeeded"
) -> None:
    """Let devices of the ring report something newer than all before."""
    found = api.get(f"/deployments/{deployment}/assignments?ring={ring}&status={status}&limit=500")["items"][:devices]
    assert len(found) == devices
    (newest,) = rows("SELECT max(sequence) AS sequence FROM reports")
    body = [
        {
            "deployment_id": deployment,
            "external_id": it["external_id"],
            "sequence": newest.sequence + 1,
            "outcome": outcome,
            "reason": "crashes" if outcome == "failed" else "",
        }
        for it in found
    ]
    answer = api.post("/reports", body)
    assert answer[0] == 200, answer


def test_a_soak_hears_devices_break(spread: int, api: Api, drive: Drive) -> None:
    _report(api, spread, "failed", 250, ring="canary")
    drive(4)
    paused = api.get(f"/deployments/{spread}")
    assert (paused["state"], paused["reason"]) == ("paused", "gate_failed:rest")
    assert_counters()


def test_a_ring_that_breaks_after_it_passed_fails_and_can_be_waived(
    spread: int, api: Api, clock: Clock, drive: Drive
) -> None:
    _report(api, spread, "failed", 10)
    drive(4)
    paused = api.get(f"/deployments/{spread}")
    assert (paused["state"], paused["reason"]) == ("paused", "gate_failed:lab")
    assert _states(api, spread) == ["failed", "soaking"]
    assert "resume" not in [way["decision"] for way in paused["next"]["ways"]]
    other = Api(api.client, make_token("colleague"))
    terms = {
        "reason": "a driver",
        "compensating_controls": "none",
        "expires_at": (clock.time + timedelta(30)).isoformat(),
    }
    assert other.post(f"/deployments/{spread}/waive", terms)[0] == 200
    assert other.post(f"/deployments/{spread}/resume")[0] == 200
    drive(7_200, step=60, until=lambda: state_at(f"/deployments/{spread}") == "completed")
    assert _states(api, spread) == ["waived", "passed"]
    db.session.rollback()
    assert replay.replay().findings == []


def test_one_device_that_breaks_later_stops_nothing(spread: int, api: Api, drive: Drive) -> None:
    _report(api, spread, "failed", 1)
    drive(7_200, step=60, until=lambda: state_at(f"/deployments/{spread}") == "completed")
    assert _states(api, spread) == ["passed", "passed"]


def test_a_repaired_device_has_succeeded_and_is_compliant(spread: int, api: Api, drive: Drive) -> None:
    before = api.get(f"/deployments/{spread}/rings")["items"][0]
    (compliant,) = rows("SELECT compliant FROM rings ORDER BY id LIMIT 1")
    _report(api, spread, "failed", 1)
    _report(api, spread, "succeeded", 1, status="failed")
    after = api.get(f"/deployments/{spread}/rings")["items"][0]
    assert (after["failed"], after["succeeded"]) == (before["failed"], before["succeeded"])
    assert rows("SELECT compliant FROM rings ORDER BY id LIMIT 1") == [compliant]
    drive(2)
    assert api.get(f"/deployments/{spread}")["state"] == "running"


def test_broken_devices_are_rolled_back_too(api: Api, drive: Drive) -> None:
    """They have the release; so do devices that failed and turn out to have it after the rollback began."""
    deployment = _spread(api, drive, rings(on_fail="rollback"))
    _report(api, deployment, "failed", 10)
    drive(4)
    ended = api.get(f"/deployments/{deployment}")
    assert (ended["state"], ended["reason"]) == ("failed", "gate_failed:lab")
    (back,) = rows("SELECT id FROM deployments WHERE kind = 'rollback'")
    drive(600, until=lambda: state_at(f"/deployments/{back.id}") == "completed")
    returned = rows("SELECT device_id FROM assignments WHERE deployment_id = :id AND state = 'succeeded'", id=back.id)
    broken = rows("SELECT device_id FROM assignments WHERE deployment_id = :id AND broke", id=deployment)
    assert len(broken) == 10
    assert {row.device_id for row in broken} < {row.device_id for row in returned}


def test_a_failed_device_that_has_the_release_after_all_joins_the_rollback(spread: int, api: Api, drive: Drive) -> None:
    _report(api, spread, "failed", 1)
    broken = rows("SELECT device_id FROM assignments WHERE state = 'failed'")
    with db.engine.begin() as connection:  # as if it had never succeeded
        connection.exec_driver_sql("UPDATE assignments SET broke = false")
    status, back = api.post(f"/deployments/{spread}/rollback", {"reason": "crashes"})
    assert status == 201, back
    drive(1)
    _report(api, spread, "succeeded", 1, status="failed")
    membership.join_all()
    drive(600, until=lambda: state_at(f"/deployments/{back['id']}") == "completed")
    found = rows(
        "SELECT state FROM assignments WHERE deployment_id = :id AND device_id = :device",
        id=back["id"],
        device=broken[0].device_id,
    )
    assert [row.state for row in found] == ["succeeded"]
