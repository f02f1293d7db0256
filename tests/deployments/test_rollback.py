"""Going back: a deployment of its own, for the devices that still have the release, to what each had before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import ARTIFACT, Api
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import first_ring_at, is_over_at, state_at


@pytest.fixture
def rolled(api: Api, drive: Drive) -> Callable[..., Any]:
    """Rolls a version out to its end and answers with the deployment."""

    def roll(version: str, **fields: Any) -> Any:
        artifact = "sha256:" + version.replace(".", "").zfill(64)
        created = api.deploy(version=version, artifact_hash=artifact, **fields)
        return ended(api, drive, created["id"])

    api.register(300)
    return roll


def ended(api: Api, drive: Drive, deployment: int) -> Any:
    path = f"/deployments/{deployment}"
    drive(240, until=lambda: is_over_at(path))
    drive(4)  # what follows the end
    return api.get(path)


def back(api: Api, deployment: int) -> Any:
    status, answer = api.post(f"/deployments/{deployment}/rollback", {"reason": "printers fail"})
    assert status == 201, answer
    return answer


def installed() -> Counter[str | None]:
    """How many devices have which version now."""
    found = rows(
        "SELECT version, count(*) AS devices FROM installations LEFT JOIN releases ON releases.id = release_id"
        " GROUP BY version"
    )
    return Counter({row.version: row.devices for row in found})


def test_a_rollback_returns_each_device_to_the_release_it_had(
    api: Api, drive: Drive, rolled: Callable[..., Any]
) -> None:
    first, second = rolled("1.0"), rolled("2.0")
    assert installed() == {"2.0": 300}
    created = back(api, second["id"])
    assert (created["kind"], created["rolls_back"], created["state"]) == ("rollback", second["id"], "planning")
    assert [ring["key"] for ring in created["rings"]] == [ring["key"] for ring in reversed(second["rings"])]
    done = ended(api, drive, created["id"])
    assert done["state"] == "completed", done
    gone = sum(ring["targeted"] for ring in done["rings"])
    brought = rows(
        "SELECT count(*) FROM assignments WHERE deployment_id = :id AND state = 'succeeded'", id=second["id"]
    )
    assert gone == brought[0].count > 250
    assert installed() == {"1.0": gone, "2.0": 300 - gone}
    told = rows("SELECT DISTINCT verb, version FROM simulated_publications WHERE key LIKE :of", of=f"{created['id']}:%")
    assert [(row.verb, row.version) for row in told] == [("publish", "1.0")]
    assert api.get(f"/deployments/{first['id']}")["state"] == "completed"
    assert_counters()


def test_devices_without_a_previous_release_lose_the_application(
    api: Api, drive: Drive, rolled: Callable[..., Any]
) -> None:
    only = rolled("1.0")
    done = ended(api, drive, back(api, only["id"])["id"])
    assert done["state"] == "completed"
    told = rows("SELECT DISTINCT verb FROM simulated_publications WHERE key LIKE :of", of=f"{done['id']}:%")
    assert [row.verb for row in told] == ["withdraw"]
    gone = sum(ring["succeeded"] for ring in done["rings"])
    assert installed()[None] == gone > 250


def test_rolling_back_v2_after_v3_was_installed_leaves_v3_alone(
    api: Api, drive: Drive, rolled: Callable[..., Any]
) -> None:
    rolled("1.0")
    second = rolled("2.0")
    rolled("3.0", scope={"tags": ["lab"]})
    before = installed()
    assert before["3.0"] == 12
    done = ended(api, drive, back(api, second["id"])["id"])
    assert done["state"] == "completed"
    assert installed()["3.0"] == 12
    lab = next(ring for ring in done["rings"] if ring["key"] == "lab")
    assert (lab["targeted"], lab["state"]) == (0, "skipped")


def test_a_rollback_is_no_failed_deployment_and_has_metrics_of_its_own(
    api: Api, drive: Drive, rolled: Callable[..., Any]
) -> None:
    from app.db import db
    from app.events.models import Event
    from app.metrics.projection import totals

    only = rolled("1.0")
    before = totals(db.session.query(Event).all())
    done = ended(api, drive, back(api, only["id"])["id"])
    after = totals(db.session.query(Event).all())
    deployments = "stats.counters.eucora.application._other.deployments"
    assert {name: count for name, count in after.items() if name.startswith(deployments)} == {
        name: count for name, count in before.items() if name.startswith(deployments)
    }
    assert after["stats.counters.eucora.application._other.rollbacks.completed.count"] == 1
    moved = {name for name in after if ".rollback.assignment." in name and name.endswith(".succeeded.count")}
    assert sum(after[name] for name in moved) == sum(ring["succeeded"] for ring in done["rings"])
    ordinary = {name for name in after if name.startswith("stats.counters.eucora.assignment.")}
    assert {name: after[name] for name in ordinary} == {name: before[name] for name in ordinary}


def test_a_live_deployment_ends_with_its_rollback(api: Api, drive: Drive) -> None:
    api.register(300)
    live = api.deploy()["id"]
    drive(60, until=lambda: first_ring_at(f"/deployments/{live}") == "passed")
    created = back(api, live)
    assert (api.get(f"/deployments/{live}")["state"], created["state"]) == ("aborted", "planning")
    done = ended(api, drive, created["id"])
    assert done["state"] == "completed"
    assert next(ring for ring in done["rings"] if ring["key"] == "lab")["succeeded"] >= 10
    assert_counters()


def test_devices_that_install_after_the_rollback_was_planned_join_it(api: Api, drive: Drive, clock: Any) -> None:
    from app.deployments import membership

    api.register(300)
    live = api.deploy()["id"]
    drive(2)
    devices = api.get(f"/deployments/{live}/assignments?ring=lab&limit=50")["items"]
    assert {item["status"] for item in devices} >= {"dispatched"} or devices
    told = [item["external_id"] for item in devices if item["status"] in ("dispatched", "installing")]
    assert len(told) >= 2
    first, late = told[0], told[1]
    report = {"deployment_id": live, "sequence": 10**6, "outcome": "succeeded"}
    assert api.post("/reports", [{**report, "external_id": first}])[0] == 200
    created = back(api, live)
    from app.deployments import progress

    progress.plan(created["id"])
    planned = sum(ring["targeted"] for ring in api.get(f"/deployments/{created['id']}")["rings"])
    assert api.post("/reports", [{**report, "external_id": late}])[0] == 200
    membership.join_all()
    joined = sum(ring["targeted"] for ring in api.get(f"/deployments/{created['id']}")["rings"])
    assert joined > planned >= 1
    assert rows("SELECT 1 FROM risk_assessments WHERE deployment_id = :id", id=created["id"]) == []
    assert_counters()


def test_a_gate_may_roll_back_by_itself(api: Api, drive: Drive) -> None:
    plan = api.get("/ring-plans/demo")
    for ring in plan["rings"]:
        ring["gate"]["on_fail"] = "rollback"
    body = {"rings": plan["rings"], "silent_after": plan["silent_after"]}
    assert api.raw("PUT", "/ring-plans/careful", json=body).status_code == 201
    api.register(300)
    live = api.deploy(plan="careful")["id"]
    drive(60, until=lambda: first_ring_at(f"/deployments/{live}") == "passed")
    drive(3)
    pilot = api.get(f"/deployments/{live}/assignments?limit=500")["items"]
    told = [item for item in pilot if item["status"] in ("dispatched", "installing")]
    if not told:
        drive(3)
        pilot = api.get(f"/deployments/{live}/assignments?limit=500")["items"]
        told = [item for item in pilot if item["status"] in ("dispatched", "installing")]
    report = {"deployment_id": live, "sequence": 10**6, "outcome": "failed"}
    assert api.post("/reports", [{**report, "external_id": item["external_id"]} for item in told])[0] == 200
    drive(240, until=lambda: state_at(f"/deployments/{live}") == "failed")
    assert api.get(f"/deployments/{live}")["state"] == "failed"
    drive(120, until=lambda: state_at(f"/deployments/{live + 1}") == "completed")
    rollback = api.get(f"/deployments/{live + 1}")
    assert (rollback["kind"], rollback["rolls_back"], rollback["state"]) == ("rollback", live, "completed")
    assert rollback["requested_by"] == "system"
    assert_counters()


def test_what_cannot_be_rolled_back(api: Api, drive: Drive, rolled: Callable[..., Any]) -> None:
    first = rolled("1.0")
    second = api.deploy(version="2.0", artifact_hash=ARTIFACT)
    status, problem = api.post(f"/deployments/{first['id']}/rollback")
    assert (status, problem["type"]) == (409, "urn:eucora:problem:live-deployment")
    status, problem = api.post(f"/deployments/{second['id']}/rollback")
    assert (status, problem["type"]) == (409, "urn:eucora:problem:illegal-transition")
    ended(api, drive, second["id"])
    created = back(api, second["id"])
    status, problem = api.post(f"/deployments/{created['id']}/rollback")
    assert (status, problem["type"]) == (409, "urn:eucora:problem:rollback-of-rollback")
    status, problem = api.post("/deployments/4711/rollback")
    assert (status, problem["type"]) == (404, "urn:eucora:problem:no-such-deployment")
