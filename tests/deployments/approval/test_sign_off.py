"""Sign-off: by another person, on complete evidence, for exactly what would be rolled out."""

from __future__ import annotations

from typing import Any

import pytest

from app.identity.roles import Role
from tests.support.api import HARMLESS, deployment
from tests.support.approval import EVIDENCE, Person, assess, events, standing, start
from tests.support.clock import Clock
from tests.support.database import nothing_written
from tests.support.http import Client, refused
from tests.support.threads import together


def test_another_person_signs_off(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    status, shown = approver.post(f"/deployments/{deployment_id}/approve", {"comment": "looks good"})
    assert status == 200, shown
    assert (shown["standing"], shown["needs_approval"]) == (1, True)
    assert all(ring["met"] for ring in shown["rings"])
    (given,) = shown["items"]
    assert (given["answer"], given["subject"], given["comment"]) == ("approve", "approver", "looks good")
    assert (given["content_hash"], given["invalidated_at"]) == (shown["content_hash"], None)
    assert events(requester, deployment_id, "approval.given") == [("approval.given", "approver")]


def test_never_by_whoever_asked(requester: Client, approver: Client, person: Person) -> None:
    deployment_id = start(requester)
    for asking in (requester, person("requester"), person("requester", Role.ADMIN)):
        for answer in ("approve", "reject"):
            with nothing_written():
                path = f"/deployments/{deployment_id}/{answer}"
                refused(asking.raw("POST", path, json={"comment": "mine"}), 403, "own-approval")
    assert standing(requester, deployment_id) == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REPORTER, Role.VIEWER])
def test_only_by_approvers(requester: Client, approver: Client, person: Person, role: Role) -> None:
    deployment_id, other = start(requester), person("other", role)
    for answer in ("approve", "reject", "break-glass/confirm"):
        with nothing_written():
            refused(other.raw("POST", f"/deployments/{deployment_id}/{answer}", json={}), 403, "forbidden")


def test_the_same_person_counts_once(requester: Client, approver: Client, person: Person) -> None:
    deployment_id = start(requester)
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    for again in (approver, person("approver", Role.ADMIN)):
        with nothing_written():
            refused(again.raw("POST", f"/deployments/{deployment_id}/approve", json={}), 409, "already-answered")
    assert person("second").post(f"/deployments/{deployment_id}/approve")[1]["standing"] == 2


def test_two_people_at_once_are_two(requester: Client, person: Person) -> None:
    first, second = person("first"), person("second")
    deployment_id = start(requester)
    path = f"/deployments/{deployment_id}/approve"
    answers = together(*(lambda who=who: who.raw("POST", path, json={}).status_code for who in (first, second, first)))
    assert sorted(answers) in ([200, 200, 409],)
    assert standing(requester, deployment_id) == 2


def test_evidence_must_be_complete(requester: Client, approver: Client) -> None:
    partial = {part: text for part, text in EVIDENCE.items() if part not in ("sbom", "rollback_plan")}
    deployment_id = start(requester, evidence=partial)
    with nothing_written():
        answer = approver.raw("POST", f"/deployments/{deployment_id}/approve", json={})
        problem = refused(answer, 409, "incomplete-evidence")
    assert "lacks sbom, rollback_plan;" in problem["detail"]
    shown = requester.get(f"/deployments/{deployment_id}/evidence")
    assert (shown["missing"], shown["evidence_hash"]) == (["sbom", "rollback_plan"], None)
    answer = requester.raw("PUT", f"/deployments/{deployment_id}/evidence", json=EVIDENCE)
    assert (answer.status_code, answer.json["missing"]) == (200, [])
    assert answer.json["evidence_hash"].startswith("sha256:")
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200


@pytest.mark.parametrize("value", ["", "   ", "a\x00b", 5, ["sbom"], "x" * 2_001])
def test_evidence_is_text(requester: Client, value: Any) -> None:
    with nothing_written():
        answer = requester.raw("POST", "/deployments", json=deployment(evidence={**EVIDENCE, "sbom": value}))
        refused(answer, 422, "invalid", "evidence.sbom")


def test_the_seal_is_of_the_evidence_and_the_artifact(requester: Client, approver: Client) -> None:
    def sealed(**fields: Any) -> str:
        deployment_id = requester.deploy(evidence=EVIDENCE, **fields)["id"]
        return str(requester.get(f"/deployments/{deployment_id}/evidence")["evidence_hash"])

    first = sealed(application="a")
    assert sealed(application="b") == first
    assert sealed(application="c", artifact_hash="sha256:" + "c" * 64) != first


def test_other_evidence_invalidates_a_sign_off(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    path = f"/deployments/{deployment_id}/evidence"
    assert requester.raw("PUT", path, json=EVIDENCE).status_code == 200
    assert standing(requester, deployment_id) == 1  # nothing was changed
    changed = requester.raw("PUT", path, json={**EVIDENCE, "test_results": "others"})
    assert changed.status_code == 200
    assert standing(requester, deployment_id) == 0
    assert requester.raw("PUT", path, json=EVIDENCE).status_code == 200
    assert standing(requester, deployment_id) == 0  # struck is struck
    (item,) = requester.get(f"/deployments/{deployment_id}/approvals")["items"]
    assert item["invalidated_at"] is not None
    assert events(requester, deployment_id, "approval.invalidated") == [("approval.invalidated", "requester")]
    assert approver.post(f"/deployments/{deployment_id}/approve")[1]["standing"] == 1


def test_a_deployment_without_need_takes_a_sign_off_without_evidence(requester: Client, approver: Client) -> None:
    deployment_id = start(requester, risk=HARMLESS, evidence={})
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200


def test_nothing_is_signed_off_before_it_is_assessed(requester: Client, approver: Client) -> None:
    deployment_id = requester.deploy(evidence=EVIDENCE)["id"]
    with nothing_written():
        refused(approver.raw("POST", f"/deployments/{deployment_id}/approve", json={}), 409, "not-assessed")
    assess(deployment_id, 30)
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200


def test_a_running_deployment_that_is_turned_down_is_aborted(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    status, shown = approver.post(f"/deployments/{deployment_id}/reject", {"comment": "not in this quarter"})
    assert (status, shown["items"][0]["answer"]) == (200, "reject")
    ended = requester.get(f"/deployments/{deployment_id}")
    assert (ended["state"], ended["reason"]) == ("aborted", "rejected_by_approver")
    assert events(requester, deployment_id, "approval.rejected", "deployment.aborted") == [
        ("deployment.aborted", "approver"),
        ("approval.rejected", "approver"),
    ]
    for answer in ("approve", "reject"):
        with nothing_written():
            late = approver.raw("POST", f"/deployments/{deployment_id}/{answer}", json={"comment": "late"})
            refused(late, 409, "illegal-transition")
    refused(requester.raw("PUT", f"/deployments/{deployment_id}/evidence", json={}), 409, "illegal-transition")


def test_one_that_is_turned_down_while_it_is_planned_is_rejected(requester: Client, approver: Client) -> None:
    deployment_id = requester.deploy()["id"]
    assert approver.post(f"/deployments/{deployment_id}/reject", {"comment": "no"})[0] == 200
    ended = requester.get(f"/deployments/{deployment_id}")
    assert (ended["state"], ended["reason"]) == ("rejected", "rejected_by_approver")
    assert ended["finished_at"] is not None


def test_turning_down_needs_a_comment(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    with nothing_written():
        refused(approver.raw("POST", f"/deployments/{deployment_id}/reject", json={}), 422, "invalid", "comment")


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_an_older_version_is_not_answered(requester: Client, approver: Client, answer: str) -> None:
    deployment_id = start(requester)
    seen = approver.raw("GET", f"/deployments/{deployment_id}/approvals").headers["ETag"]
    requester.raw("PUT", f"/deployments/{deployment_id}/evidence", json={**EVIDENCE, "sbom": "another"})
    path = f"/deployments/{deployment_id}/{answer}"
    with nothing_written():
        stale = approver.raw("POST", path, json={"comment": "as seen"}, headers={"If-Match": seen})
        refused(stale, 412, "stale-version")
    now = approver.raw("GET", f"/deployments/{deployment_id}").headers["ETag"]
    assert approver.raw("POST", path, json={"comment": "as seen"}, headers={"If-Match": now}).status_code == 200


def test_a_repeated_answer_is_one(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    path, headers = f"/deployments/{deployment_id}/approve", {"Idempotency-Key": "once"}
    first = approver.raw("POST", path, json={}, headers=headers)
    second = approver.raw("POST", path, json={}, headers=headers)
    assert (first.status_code, second.json) == (200, first.json)
    assert standing(requester, deployment_id) == 1


def levels() -> tuple[float, float]:
    from app.db import db
    from app.deployments.approval import queries

    db.session.rollback()
    waiting, oldest = (measure.value for measure in queries.levels())
    return waiting, oldest


def test_what_waits_for_a_sign_off_and_for_how_long(requester: Client, approver: Client, clock: Clock) -> None:
    assert levels() == (0, 0)
    start(requester, application="harmless", risk=HARMLESS)
    assert levels() == (0, 0)
    first = start(requester)
    clock.advance(30)
    second = start(requester, application="editor")
    clock.advance(60)
    assert levels() == (2, 90)
    assert approver.post(f"/deployments/{first}/approve")[0] == 200
    assert levels() == (1, 60)
    changed = requester.raw("PUT", f"/deployments/{first}/evidence", json={**EVIDENCE, "test_results": "others"})
    assert changed.status_code == 200
    clock.advance(5)
    assert levels() == (2, 65)  # the first waits anew since its sign-off was struck
    assert requester.post(f"/deployments/{second}/abort")[0] == 200
    assert levels() == (1, 5)
