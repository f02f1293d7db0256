"""Risk through the API: what is told is kept and scored, what is missing is not harmless, the past counts."""

from __future__ import annotations

from typing import Any

import pytest

from app.identity.roles import Role
from app.metrics.projection import totals
from tests.support.api import HARMLESS, deployment
from tests.support.approval import DANGEROUS, EVIDENCE, Person, assess, events, standing, start
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused


def test_what_is_not_told_counts_as_half(requester: Client) -> None:
    deployment_id = requester.deploy(risk={"privilege": 0.0})["id"]
    assess(deployment_id, 9)
    shown = requester.get(f"/deployments/{deployment_id}/risk")
    assert shown["declared"] == {
        "privilege": 0.0,
        "privileged_tooling": False,
        "critical_cves": 0,
        "cve_exception": "",
    }
    (found,) = shown["items"]
    # 0 + (15 + 15 + 10 + 10 + 10 + 10) / 2 + 10·0.1
    assert (found["score"], found["needs_approval"], found["blast_class"]) == (36.0, False, "under_10")
    assert found["factors"]["supply_chain"] == found["factors"]["history"] == 0.5
    assert sum(found["contributions"].values()) == found["score"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("privilege", 1.1),
        ("privilege", -0.1),
        ("supply_chain", "0.5"),
        ("data_access", True),
        ("privileged_tooling", "yes"),
        ("critical_cves", -1),
        ("critical_cves", 1.5),
        ("history", 0.0),
        ("blast_radius", 0.0),
    ],
)
def test_a_risk_that_cannot_be_meant_is_refused(requester: Client, field: str, value: Any) -> None:
    with nothing_written():
        answer = requester.raw("POST", "/deployments", json=deployment(risk={**HARMLESS, field: value}))
        refused(answer, 422, "invalid", f"risk.{field}")


def test_a_critical_vulnerability_needs_an_exception(requester: Client) -> None:
    risk = {**HARMLESS, "critical_cves": 1}
    for exception in ({}, {"cve_exception": "   "}):
        with nothing_written():
            answer = requester.raw("POST", "/deployments", json=deployment(risk={**risk, **exception}))
            refused(answer, 422, "critical-vulnerability", "risk.cve_exception")
    created = requester.deploy(risk={**risk, "cve_exception": "CISO, until the vendor ships 1.1"})
    assert requester.get(f"/deployments/{created['id']}/risk")["declared"]["critical_cves"] == 1


def test_history_is_the_share_of_past_rollouts_that_went_wrong(requester: Client, approver: Client) -> None:
    for number in range(4):
        past = start(requester, version=f"0.{number}", risk=HARMLESS)
        end = "completed" if number else "aborted"
        _write("UPDATE deployments SET state = :state, finished_at = now() WHERE id = :id", state=end, id=past)
    _write(
        "INSERT INTO deployments (kind, rolls_back, state, application_id, release_id, platform, application_label,"
        " plan, scope, reason, version, requested_by, created_at)"
        " SELECT 'rollback', id, 'completed', application_id, release_id, platform, application_label,"
        " plan, scope, '', 1, '', now() FROM deployments WHERE id = :id",
        id=past,
    )
    rejected = requester.deploy(version="0.5", risk=HARMLESS)["id"]
    _write("UPDATE deployments SET state = 'rejected', finished_at = now() WHERE id = :id", id=rejected)
    chat = start(requester, application="chat", version="0.9", risk=HARMLESS)
    deployment_id = start(requester, risk=HARMLESS)
    latest = requester.get(f"/deployments/{deployment_id}/risk")["items"][-1]
    assert latest["factors"]["history"] == 0.5  # one aborted, one rolled back, of four
    _write("UPDATE deployments SET state = 'completed' WHERE kind = 'rollback' OR id = :id", id=deployment_id)
    again = start(requester, version="2.0", risk=HARMLESS)
    assert requester.get(f"/deployments/{again}/risk")["items"][-1]["factors"]["history"] == 0.4
    assert requester.get(f"/deployments/{chat}/risk")["items"][-1]["factors"]["history"] == 0.5  # none yet


def test_a_second_assessment_is_made_only_if_the_blast_class_rises(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    assert assess(deployment_id, 99) == assess(deployment_id, 12)
    assert (len(_risks(requester, deployment_id)), standing(requester, deployment_id)) == (1, 1)
    version = requester.get(f"/deployments/{deployment_id}")["version"]
    assert assess(deployment_id, 100)["blast_class"] == "under_1000"
    assert (len(_risks(requester, deployment_id)), standing(requester, deployment_id)) == (2, 0)
    assert requester.get(f"/deployments/{deployment_id}")["version"] == version + 1
    assert events(requester, deployment_id, "approval.requested", "approval.given", "approval.invalidated") == [
        ("approval.requested", "system"),
        ("approval.given", "approver"),
        ("approval.invalidated", "system"),
        ("approval.requested", "system"),
    ]
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    assert standing(requester, deployment_id) == 1


def test_sign_offs_are_counted_and_scores_are_measured(requester: Client, approver: Client) -> None:
    deployment_id = start(requester)
    approver.post(f"/deployments/{deployment_id}/approve")
    assess(deployment_id, 5_000)
    found = totals(rows("SELECT type, payload FROM events"))
    assert found["stats.timers.eucora.deployment.risk_score.count"] == 2
    assert {what: found.get(f"stats.counters.eucora.approval.{what}.count") for what in ("requested", "given")} == {
        "requested": 2,
        "given": 1,
    }
    assert found["stats.counters.eucora.approval.invalidated.count"] == 1


def test_nobody_is_asked_when_no_ring_wants_it(requester: Client) -> None:
    deployment_id = start(requester, risk=HARMLESS)
    assert events(requester, deployment_id, "approval.requested") == []
    shown = requester.get(f"/deployments/{deployment_id}/approvals")
    assert (shown["needs_approval"], {ring["people"] for ring in shown["rings"]}) == (False, {0})
    assert all(ring["met"] for ring in shown["rings"])


def test_only_the_pilot_waits_for_people(requester: Client, approver: Client) -> None:
    shown = requester.get(f"/deployments/{start(requester)}/approvals")
    assert [(ring["ring"], ring["people"], ring["met"]) for ring in shown["rings"]] == [
        ("lab", 0, True),
        ("canary", 0, True),
        ("pilot", 1, False),
        ("department", 0, True),
        ("global", 0, True),
    ]


def test_privileged_tooling_that_nobody_could_approve_is_refused(person: Person, requester: Client) -> None:
    body = deployment(risk={**HARMLESS, "privileged_tooling": True}, evidence=EVIDENCE)
    person("requester")  # another token of the same person, with the role
    person("operator", Role.OPERATOR)
    revoked = person("former")
    _write("UPDATE tokens SET revoked_at = now() WHERE subject_id = (SELECT id FROM subjects WHERE name = 'former')")
    assert revoked.raw("GET", "/deployments").status_code == 401
    with nothing_written():
        refused(requester.raw("POST", "/deployments", json=body), 409, "unsatisfiable-approval")
    person("approver")
    created = requester.raw("POST", "/deployments", json=body)
    assert created.status_code == 201, created.text
    found = assess(created.json["id"], 30)
    assert found["needs_approval"]
    assert found["score"] < 50


def test_a_risk_that_nobody_could_approve_is_found_when_planned(requester: Client, person: Person) -> None:
    from app.db import db
    from app.deployments.approval import service
    from app.deployments.models import Deployment

    deployment_id = requester.deploy(risk=DANGEROUS)["id"]
    assert assess(deployment_id, 30)["score"] > 50

    def answer() -> bool:
        asked = db.session.get_one(Deployment, deployment_id, populate_existing=True)
        found = service.latest(db.session(), deployment_id)
        assert found is not None
        return service.can_be_given(db.session(), asked, found)

    assert answer() is False
    person("approver")
    assert answer() is True


def test_how_many_people_a_plan_may_ask_for(requester: Client, person: Person) -> None:
    from app.db import db
    from app.identity.subjects import approvers

    person("approver")
    person("approver", Role.ADMIN)
    assert approvers(db.session()) == 2
    assert approvers(db.session(), excluding="approver") == 1


def test_risks_of_no_deployment(requester: Client) -> None:
    for path in ("risk", "evidence", "approvals"):
        refused(requester.raw("GET", f"/deployments/77/{path}"), 404, "no-such-deployment")


def _risks(client: Client, deployment_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/deployments/{deployment_id}/risk")["items"]
    return found


def _write(statement: str, **values: Any) -> None:
    from sqlalchemy import text

    from app.db import db

    with db.engine.begin() as connection:
        connection.execute(text(statement), values)
