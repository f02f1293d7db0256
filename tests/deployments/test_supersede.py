"""Another release takes the place of one that is being rolled out."""

from __future__ import annotations

from tests.support.api import Api, deployment
from tests.support.counters import assert_counters
from tests.support.database import nothing_written, rows
from tests.support.http import refused
from tests.support.jobs import Drive
from tests.support.moments import first_ring_at, state_at

NEWER = {"version": "2.0", "artifact_hash": "sha256:" + "b" * 64}


def test_a_second_deployment_takes_the_place_only_when_it_says_so(api: Api, drive: Drive) -> None:
    api.register(500)
    first = api.deploy()["id"]
    drive(60, until=lambda: first_ring_at(f"/deployments/{first}") == "passed")
    status, problem = api.post("/deployments", deployment(**NEWER))
    assert (status, problem["type"]) == (409, "urn:eucora:problem:live-deployment")
    assert "supersede" in problem["detail"]
    second = api.deploy(**NEWER, supersede=True)
    assert second["supersedes"] == first
    ended = api.get(f"/deployments/{first}")
    assert (ended["state"], ended["reason"]) == ("aborted", "superseded")
    path = f"/deployments/{second['id']}"
    drive(240, until=lambda: state_at(path) == "completed")
    assert api.get(path)["state"] == "completed"
    outcomes = {row.state for row in rows("SELECT DISTINCT state FROM assignments WHERE deployment_id = :id", id=first)}
    assert "superseded" in outcomes
    assert "pending" not in outcomes
    left = sum(ring["excluded"] for ring in api.get(f"/deployments/{first}")["rings"])
    assert left == rows("SELECT count(*) AS n FROM assignments WHERE state = 'superseded'")[0].n > 300
    assert_counters()


def test_the_successor_is_planned_only_after_the_waiting_devices_were_given_back(api: Api, drive: Drive) -> None:
    from app.deployments import progress

    api.register(500)
    first = api.deploy()["id"]
    drive(2)
    second = api.deploy(**NEWER, supersede=True)["id"]
    progress.plan(second)
    assert api.get(f"/deployments/{second}")["state"] == "planning"
    progress.settle(first)
    progress.plan(second)
    assert api.get(f"/deployments/{second}")["state"] == "running"


def test_one_that_was_not_planned_yet_is_taken_back(api: Api, drive: Drive) -> None:
    api.register(500)
    first = api.deploy()["id"]
    second = api.deploy(**NEWER, supersede=True)["id"]
    drive(3)
    assert api.get(f"/deployments/{first}")["state"] == "rejected"
    assert api.get(f"/deployments/{first}")["reason"] == "superseded"
    assert api.get(f"/deployments/{second}")["state"] == "running"
    assert rows("SELECT 1 FROM assignments WHERE deployment_id = :id", id=first) == []


def test_a_scope_without_a_device_ends_nothing(api: Api, drive: Drive) -> None:
    api.register(100)
    first = api.deploy()["id"]
    drive(3)
    for scope in ({"tags": ["no-such-tag"]}, {"tags": ["lab"], "site_classes": ["air_gapped"]}):
        with nothing_written():
            body = deployment(**NEWER, supersede=True, scope=scope)
            refused(api.raw("POST", "/deployments", json=body), 422, "empty-scope", "scope")
    assert api.get(f"/deployments/{first}")["state"] == "running"
    assert api.deploy(**NEWER, supersede=True, scope={"tags": ["lab"]})["supersedes"] == first


def test_a_rollback_is_superseded_only_by_its_id(api: Api, drive: Drive) -> None:
    api.register(100)
    first = api.deploy()["id"]
    drive(60, until=lambda: first_ring_at(f"/deployments/{first}") == "passed")
    back = api.post(f"/deployments/{first}/rollback")[1]["id"]
    newer = deployment(**NEWER)
    status, problem = api.post("/deployments", newer)
    assert (status, problem["type"]) == (409, "urn:eucora:problem:live-deployment")
    assert f"supersedes_rollback: {back}" in problem["detail"]
    for wrong in ({}, {"supersedes_rollback": first}):
        with nothing_written():
            answer = api.raw("POST", "/deployments", json={**newer, "supersede": True, **wrong})
            problem = refused(answer, 409, "live-rollback", "supersedes_rollback")
        assert f"supersedes_rollback: {back}" in problem["detail"]
    assert api.get(f"/deployments/{back}")["state"] == "planning"
    drive(1)
    assert api.deploy(**NEWER, supersedes_rollback=back)["supersedes"] == back
    assert api.get(f"/deployments/{back}")["reason"] == "superseded"


def test_the_id_of_a_rollback_supersedes_no_rollout(api: Api) -> None:
    api.register(100)
    first = api.deploy()["id"]
    answer = api.raw("POST", "/deployments", json=deployment(**NEWER, supersedes_rollback=first))
    refused(answer, 409, "live-deployment")
    assert api.get(f"/deployments/{first}")["state"] == "planning"
