"""Weakening a ring plan takes two people."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import make_token
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.plans import plan

STRICT = plan(soak_seconds=60)
LAX = plan(soak_seconds=1)
MINE = "/ring-plans/mine"
PROPOSALS = f"{MINE}/proposals"
WHY = {"reason": "a soak of a second is enough"}


@pytest.fixture
def operator(database: Flask) -> Client:
    """Who changes plans; `mine` has version 1."""
    speaking = Client(database.test_client(), make_token("olga", Role.OPERATOR))
    assert speaking.raw("PUT", MINE, json=STRICT).status_code == 201
    return speaking


@pytest.fixture
def approver(database: Flask) -> Client:
    return Client(database.test_client(), make_token("paul", Role.APPROVER))


def propose(client: Client, content: Any = LAX, path: str = PROPOSALS, **headers: str) -> Any:
    return client.raw("POST", path, json={**WHY, "plan": content}, headers=headers)


def test_one_person_cannot_weaken_a_plan(operator: Client) -> None:
    with nothing_written():
        refusal = refused(operator.raw("PUT", MINE, json=LAX), 409, "second-person-needed")
    assert [error["field"] for error in refusal["errors"]] == [f"rings.{n}.gate.soak_seconds" for n in range(3)]
    assert "was 60, would be 1" in refusal["errors"][0]["message"]
    assert PROPOSALS in refusal["detail"]


def test_one_person_can_make_it_stricter(operator: Client) -> None:
    changed = operator.raw("PUT", MINE, json=plan(soak_seconds=90))
    assert (changed.status_code, changed.json["version"]) == (201, 2)
    (_, event) = rows("SELECT payload FROM events WHERE type = 'ring_plan.changed' ORDER BY id")
    assert event.payload["changes"] == [
        {"field": f"rings.{n}.gate.soak_seconds", "before": 60, "after": 90} for n in range(3)
    ]


def test_a_second_person_confirms(operator: Client, approver: Client) -> None:
    proposed = propose(operator)
    assert proposed.status_code == 201
    assert proposed.headers["Location"] == f"/api/v1{PROPOSALS}/1"
    shown = proposed.json
    assert (shown["state"], shown["based_on"], shown["proposed_by"]) == ("pending", 1, "olga")
    assert [each["field"] for each in shown["weakens"]] == [f"rings.{n}.gate.soak_seconds" for n in range(3)]
    assert operator.get(MINE)["version"] == 1

    confirmed = approver.raw("POST", f"{PROPOSALS}/1/confirm", json={"comment": "agreed"})
    assert (confirmed.status_code, confirmed.json["version"]) == (200, 2)
    assert operator.get(MINE) == confirmed.json
    assert confirmed.json["rings"][0]["gate"]["soak_seconds"] == 1
    decided = operator.get(f"{PROPOSALS}/1")
    assert (decided["state"], decided["decided_by"], decided["comment"]) == ("confirmed", "paul", "agreed")
    events = rows("SELECT type, actor, payload FROM events ORDER BY id")
    assert [(event.type, event.actor) for event in events] == [
        ("ring_plan.changed", "olga"),
        ("ring_plan.proposed", "olga"),
        ("ring_plan.changed", "paul"),
    ]
    assert events[1].payload["weakens"] == shown["weakens"]
    assert (events[2].payload["proposed_by"], events[2].payload["changes"]) == ("olga", shown["changes"])


def test_nobody_confirms_a_proposal_of_their_own(database: Flask, operator: Client) -> None:
    also_approver = Client(database.test_client(), make_token("olga", Role.ADMIN))
    assert propose(operator).status_code == 201
    with nothing_written():
        refused(operator.raw("POST", f"{PROPOSALS}/1/confirm", json={}), 403, "forbidden")
        refused(also_approver.raw("POST", f"{PROPOSALS}/1/confirm", json={}), 403, "own-proposal")


def test_a_proposal_is_decided_once(operator: Client, approver: Client) -> None:
    assert propose(operator).status_code == 201
    rejected = operator.raw("POST", f"{PROPOSALS}/1/reject", json={"comment": "a mistake"})
    assert (rejected.status_code, rejected.json["state"], rejected.json["version"]) == (200, "rejected", 2)
    with nothing_written():
        for decision in ("confirm", "reject"):
            answer = approver.raw("POST", f"{PROPOSALS}/1/{decision}", json={"comment": "again"})
            assert refused(answer, 409, "proposal-decided")["allowed"] == ["pending"]
        refused(approver.raw("POST", f"{PROPOSALS}/2/confirm", json={}), 404, "no-such-proposal")
        refused(approver.raw("GET", "/ring-plans/other/proposals/1"), 404, "no-such-proposal")
    assert operator.get(MINE)["version"] == 1


def test_a_later_proposal_replaces_an_earlier_one(operator: Client, approver: Client) -> None:
    assert propose(operator).status_code == 201
    assert propose(operator, plan(soak_seconds=2)).status_code == 201
    assert [each["state"] for each in operator.get(PROPOSALS)["items"]] == ["pending", "replaced"]
    refused(approver.raw("POST", f"{PROPOSALS}/1/confirm", json={}), 409, "proposal-decided")
    assert approver.raw("POST", f"{PROPOSALS}/2/confirm", json={}).json["version"] == 2


def test_a_proposal_is_about_the_version_it_changes(operator: Client, approver: Client) -> None:
    assert propose(operator).status_code == 201
    assert operator.raw("PUT", MINE, json=plan(soak_seconds=90)).status_code == 201
    with nothing_written():
        refused(approver.raw("POST", f"{PROPOSALS}/1/confirm", json={}), 409, "outdated-proposal")
        refused(propose(operator, **{"If-Match": '"1"'}), 412, "stale-version")
        stale = approver.raw("POST", f"{PROPOSALS}/1/confirm", json={}, headers={"If-Match": '"2"'})
        refused(stale, 412, "stale-version")


def test_what_is_no_change_cannot_be_proposed(operator: Client) -> None:
    with nothing_written():
        refused(propose(operator, STRICT), 409, "nothing-to-propose")
        refused(propose(operator, path="/ring-plans/none/proposals"), 404, "no-such-ring-plan")
        refused(propose(operator, {"rings": []}), 422, "invalid-ring-plan")


@pytest.mark.parametrize("name", ["standard", "demo"])
def test_a_built_in_plan_is_never_changed_by_one_person(operator: Client, approver: Client, name: str) -> None:
    path = f"/ring-plans/{name}"
    read = operator.get(path)
    content = {field: value for field, value in read.items() if field not in ("name", "version")}
    stricter = {**content, "rotation": 5}
    with nothing_written():
        assert operator.raw("PUT", path, json=content).status_code == 200
        refused(operator.raw("PUT", path, json=stricter), 409, "second-person-needed")
    assert propose(operator, stricter, f"{path}/proposals").json["weakens"] == []
    assert approver.raw("POST", f"{path}/proposals/1/confirm", json={}).json["version"] == 2


def test_a_running_rollout_keeps_its_plan(operator: Client, approver: Client) -> None:
    operator.register(10)
    number = operator.deploy(plan="mine")["id"]
    assert propose(operator).status_code == 201
    assert approver.raw("POST", f"{PROPOSALS}/1/confirm", json={}).status_code == 200
    assert operator.get(f"/deployments/{number}")["plan_version"] == 1
    (stored,) = rows("SELECT plan FROM deployments")
    assert stored.plan["rings"][0]["gate"]["soak_seconds"] == 60
