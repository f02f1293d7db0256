"""A risky rollout needs approval before it reaches more than a few devices, whatever its plan says."""

from __future__ import annotations

from typing import Any

import pytest

from app.identity.roles import Role
from tests.support.api import HARMLESS, deployment
from tests.support.approval import DANGEROUS, EVIDENCE, Person
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Work

EVIL = {
    "rings": [
        {
            "name": "everyone",
            "gate": {
                "target": 0.01,
                "min_reported": 1,
                "min_coverage": 0.01,
                "soak_seconds": 0,
                "error_ceiling": 0.995,
            },
        }
    ]
}
BY_TAG = {"rings": [{**EVIL["rings"][0], "name": "corp", "tag": "corp"}, EVIL["rings"][0]]}


@pytest.fixture
def operator(person: Person, approver: Client) -> Client:
    """One person who writes the plan, and asks for a rollout with it to a hundred devices."""
    speaking = person("olga", Role.OPERATOR)
    speaking.register(100, tags=["corp"])
    assert speaking.raw("PUT", "/ring-plans/evil", json=EVIL).status_code == 201
    assert speaking.raw("PUT", "/ring-plans/by-tag", json=BY_TAG).status_code == 201
    return speaking


def holds(client: Client) -> list[str]:
    return [hold["hold"] for hold in client.get("/deployments/1")["holds"]]


def dispatched() -> int:
    (row,) = rows("SELECT count(*) AS count FROM assignments WHERE dispatched_at IS NOT NULL")
    return int(row.count)


@pytest.mark.parametrize("plan", ["evil", "by-tag"])
@pytest.mark.parametrize("risk", [{**HARMLESS, "privileged_tooling": True}, DANGEROUS])
def test_nothing_is_dispatched_without_a_second_person(
    operator: Client, approver: Client, work: Work, plan: str, risk: dict[str, Any]
) -> None:
    operator.deploy(plan=plan, risk=risk, evidence=EVIDENCE)
    work()
    assert holds(operator) == ["approval"]
    assert dispatched() == 0
    first = operator.get("/deployments/1/approvals")["rings"][0]
    assert (first["people"], first["met"]) == (1, False)
    applied = operator.get("/deployments/1/events?limit=500")["items"]
    (event,) = [event for event in applied if event["type"] == "approval.floor_applied"]
    assert {"field": "rings.0.approval.when", "before": "never", "after": "risk"} in event["payload"]["changes"]
    refused(operator.raw("POST", "/deployments/1/approve", json={}), 403, "forbidden")
    assert approver.raw("POST", "/deployments/1/approve", json={}).status_code == 200
    work()
    assert holds(operator) == []
    assert dispatched() > 0


def test_a_harmless_rollout_needs_nobody(operator: Client, work: Work) -> None:
    operator.deploy(plan="evil", risk=HARMLESS)
    work()
    assert holds(operator) == []
    assert operator.get("/deployments/1/approvals")["rings"][0]["people"] == 0


def test_a_preview_shows_the_floor(operator: Client) -> None:
    body = deployment(plan="evil", risk={**HARMLESS, "privileged_tooling": True})
    status, shown = operator.post("/deployments?dry_run=true", body)
    assert status == 200
    (asked,) = shown["sign_off"]
    assert (asked["ring"], asked["people"], asked["required"]) == ("everyone", 1, True)


def test_only_admins_set_the_floor_and_it_is_an_event(operator: Client, approver: Client, person: Person) -> None:
    assert operator.get("/approval-floor") == {
        "people": 1,
        "changed_by": None,
        "changed_at": None,
        "reason": None,
        "version": 0,
    }
    body = {"people": 0, "reason": "a test fleet"}
    with nothing_written():
        for one in (operator, approver):
            refused(one.raw("PUT", "/approval-floor", json=body), 403, "forbidden")
    admin = person("ada", Role.ADMIN)
    changed = admin.raw("PUT", "/approval-floor", json=body, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.json["people"], changed.json["version"]) == (200, 0, 1)
    (event,) = rows("SELECT actor, payload FROM events WHERE type = 'approval_floor.changed'")
    assert (event.actor, event.payload) == ("ada", {"before": 1, "after": 0, "reason": "a test fleet"})
    with nothing_written():
        refused(admin.raw("PUT", "/approval-floor", json=body, headers={"If-Match": '"0"'}), 412, "stale-version")
        for wrong in (-1, 21, 1.5, "1"):
            refused(admin.raw("PUT", "/approval-floor", json={**body, "people": wrong}), 422, "invalid", "people")


def test_without_a_floor_the_plan_decides(operator: Client, person: Person, work: Work) -> None:
    person("ada", Role.ADMIN).raw("PUT", "/approval-floor", json={"people": 0, "reason": "a test fleet"})
    operator.deploy(plan="evil", risk=DANGEROUS)
    work()
    assert holds(operator) == []


def test_a_floor_that_nobody_can_meet_rejects_the_rollout(operator: Client, person: Person, work: Work) -> None:
    person("ada", Role.ADMIN).raw("PUT", "/approval-floor", json={"people": 5, "reason": "five"})
    operator.deploy(plan="evil", risk=DANGEROUS, evidence=EVIDENCE)
    work()
    shown = operator.get("/deployments/1")
    assert (shown["state"], shown["reason"]) == ("rejected", "unsatisfiable_approval")
