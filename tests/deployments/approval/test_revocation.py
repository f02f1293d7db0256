"""Approvals of a person who lost the say in them: struck and asked for again where the ring has not started."""

from __future__ import annotations

from typing import Any

import pytest

from app.deployments import progress
from app.deployments.approval import answers
from app.errors import Forbidden
from app.identity.roles import Role
from tests.support.approval import DANGEROUS, EVIDENCE, Person, events, standing, start
from tests.support.clock import Clock
from tests.support.database import nothing_written, rows
from tests.support.http import Client
from tests.support.jobs import Drive
from tests.support.threads import together

OF_APPROVALS = ("approval.given", "approval.invalidated", "approval.requested")


def tokens_of(client: Client, subject: str) -> list[int]:
    return [it["id"] for it in client.get(f"/tokens?order=oldest&subject={subject}&state=usable")["items"]]


def revoke(client: Client, subject: str, **fields: Any) -> None:
    """Revoke the first usable token of a subject."""
    token_id = tokens_of(client, subject)[0]
    status, body = client.post(f"/tokens/{token_id}/revoke", {"reason": "left", **fields})
    assert status == 200, body


def approved(requester: Client, approver: Client, **fields: Any) -> int:
    deployment_id = start(requester, **fields)
    assert approver.post(f"/deployments/{deployment_id}/approve", {"comment": "read"})[0] == 200
    assert standing(requester, deployment_id) == 1
    return deployment_id


def test_they_are_struck_and_asked_for_again(requester: Client, approver: Client, person: Person) -> None:
    deployment_id = approved(requester, approver)
    version = requester.get(f"/deployments/{deployment_id}")["version"]
    revoke(requester, "approver")
    shown = requester.get(f"/deployments/{deployment_id}/approvals")
    assert shown["standing"] == 0
    assert shown["items"][0]["invalidated_at"] is not None
    assert requester.get(f"/deployments/{deployment_id}")["version"] == version + 1
    assert events(requester, deployment_id, *OF_APPROVALS)[-3:] == [
        ("approval.given", "approver"),
        ("approval.invalidated", "requester"),
        ("approval.requested", "requester"),
    ]
    (event,) = rows("SELECT payload FROM events WHERE type = 'approval.invalidated'")
    assert event.payload["subjects"] == ["approver"]
    assert event.payload["why"] == "the token of approver was revoked"
    assert "pilot" in event.payload["rings"]
    assert person("another").post(f"/deployments/{deployment_id}/approve")[1]["standing"] == 1


def test_the_ring_they_admit_does_not_start(requester: Client, approver: Client, person: Person, drive: Drive) -> None:
    requester.register(2_000)
    deployment_id = int(requester.deploy(risk=DANGEROUS, evidence=EVIDENCE)["id"])
    drive(2)
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    revoke(requester, "approver")
    drive(120, until=lambda: holds(requester, deployment_id) == {"approval"})
    assert holds(requester, deployment_id) == {"approval"}
    person("another").post(f"/deployments/{deployment_id}/approve")
    drive(120, until=lambda: requester.get(f"/deployments/{deployment_id}")["rings"][2]["state"] != "pending")
    assert requester.get(f"/deployments/{deployment_id}")["rings"][2]["state"] != "pending"


def holds(client: Client, deployment_id: int) -> set[str]:
    return {it["hold"] for it in client.get(f"/deployments/{deployment_id}")["holds"]}


LOSSES = {
    "the last approving token": ([Role.APPROVER], {}, 0),
    "one of two approving tokens": ([Role.APPROVER, Role.ADMIN], {}, 1),
    "one of two, compromised": ([Role.APPROVER, Role.ADMIN], {"compromised": True}, 0),
    "a token that cannot approve": ([Role.VIEWER, Role.APPROVER], {}, 1),
}


@pytest.mark.parametrize("case", LOSSES)
def test_only_who_can_no_longer_approve_loses_the_say(requester: Client, person: Person, case: str) -> None:
    roles, fields, left = LOSSES[case]
    clients = {role: person("Paula", role) for role in roles}
    deployment_id = approved(requester, clients[Role.APPROVER])
    revoke(requester, "paula", **fields)
    assert standing(requester, deployment_id) == left


def test_a_person_without_the_role_loses_the_say_too(requester: Client, approver: Client) -> None:
    deployment_id = approved(requester, approver)
    (subject,) = (it["id"] for it in requester.get("/subjects")["items"] if it["name"] == "approver")
    body = {"roles": ["viewer"], "reason": "another job"}
    assert requester.raw("PUT", f"/subjects/{subject}/roles", json=body).status_code == 200
    assert standing(requester, deployment_id) == 0


def test_rings_that_have_started_go_on(requester: Client, approver: Client) -> None:
    deployment_id = approved(requester, approver)
    from sqlalchemy import text

    from app.db import db

    with db.engine.begin() as connection:
        connection.execute(text("UPDATE rings SET state = 'deploying' WHERE state = 'pending'"))
    with nothing_written(events=1):  # that the token was revoked
        revoke(requester, "approver")
    assert standing(requester, deployment_id) == 1


@pytest.mark.parametrize("how", ["rotate", "expire"])
def test_rotation_and_expiry_strike_nothing(requester: Client, person: Person, clock: Clock, how: str) -> None:
    approver = person("approver")
    deployment_id = approved(requester, approver)
    (token_id,) = tokens_of(requester, "approver")
    assert requester.post(f"/tokens/{token_id}/rotate", {"expires_in_days": 1})[0] == 200
    if how == "expire":
        clock.advance(2 * 86_400)
        assert tokens_of(requester, "approver") == []
    assert standing(requester, deployment_id) == 1


def test_what_has_ended_stays_as_it_is(requester: Client, approver: Client) -> None:
    deployment_id = approved(requester, approver)
    requester.post(f"/deployments/{deployment_id}/abort", {"reason": "over"})
    progress.settle(deployment_id)
    revoke(requester, "approver")
    assert events(requester, deployment_id, "approval.invalidated") == []


def test_an_approval_that_meets_a_revocation_never_stands(requester: Client, approver: Client) -> None:
    """Whichever comes first: it is struck, or it is refused."""
    deployment_id = start(requester)
    (token_id,) = tokens_of(requester, "approver")
    statuses = together(
        lambda: approver.raw("POST", f"/deployments/{deployment_id}/approve", json={}).status_code,
        lambda: requester.raw("POST", f"/tokens/{token_id}/revoke", json={"reason": "left"}).status_code,
    )
    assert statuses[0] in (200, 401, 403)
    assert statuses[1] == 200
    assert standing(requester, deployment_id) == 0


def test_who_was_revoked_while_the_request_was_under_way_is_refused(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    revoke(requester, "approver")
    with nothing_written(), pytest.raises(Forbidden):
        answers.approve("Approver", deployment_id, "read")
