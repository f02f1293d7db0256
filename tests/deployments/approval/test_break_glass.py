"""Breaking the glass: an admin, a reason, an open incident; a second person, or the deployment pauses."""

from __future__ import annotations

from typing import Any

import pytest

from app.clock import now
from app.db import db
from app.deployments.approval import break_glass
from app.identity.roles import Role
from tests.support.api import HARMLESS
from tests.support.approval import Person, events, start
from tests.support.clock import Clock
from tests.support.database import nothing_written
from tests.support.http import Client, refused

DAY = 24 * 3600


@pytest.fixture
def admin(person: Person) -> Client:
    return person("admin", Role.ADMIN)


@pytest.fixture
def running(requester: Client, clock: Clock) -> int:
    return start(requester, risk=HARMLESS)


@pytest.fixture
def incident(requester: Client, clock: Clock) -> int:
    status, opened = requester.post("/incidents", {"severity": "P1", "title": "sign-in fails everywhere"})
    assert status == 201, opened
    return int(opened["id"])


def use(client: Client, deployment_id: int, incident: int, **fields: Any) -> Any:
    body = {"reason": "the fix cannot wait", "incident_id": incident, **fields}
    return client.raw("POST", f"/deployments/{deployment_id}/break-glass", json=body)


def confirm(client: Client, deployment_id: int) -> Any:
    return client.raw("POST", f"/deployments/{deployment_id}/break-glass/confirm", json={})


def passes(deployment_id: int) -> bool:
    db.session.rollback()
    return break_glass.is_used(db.session(), deployment_id, now())


def test_broken_and_confirmed_it_stays_broken(
    running: int, incident: int, admin: Client, approver: Client, clock: Clock
) -> None:
    assert not passes(running)
    assert not passes(running + 1)
    answer = use(admin, running, incident)
    assert answer.status_code == 200, answer.text
    shown = answer.json["break_glass"]
    assert (shown["broken_by"], shown["incident_id"], shown["confirmed_by"]) == ("admin", incident, None)
    assert passes(running)
    assert confirm(approver, running).json["break_glass"]["confirmed_by"] == "approver"
    clock.advance(30 * DAY)
    assert passes(running)
    break_glass.pause_unconfirmed()
    assert admin.get(f"/deployments/{running}")["state"] == "running"
    assert events(admin, running, "glass.broken", "glass.confirmed", "glass.unconfirmed") == [
        ("glass.broken", "admin"),
        ("glass.confirmed", "approver"),
    ]


def test_unconfirmed_it_pauses_once(running: int, incident: int, admin: Client, approver: Client, clock: Clock) -> None:
    use(admin, running, incident)
    clock.advance(DAY - 1)
    break_glass.pause_unconfirmed()
    assert (admin.get(f"/deployments/{running}")["state"], passes(running)) == ("running", True)
    clock.advance(1)
    break_glass.pause_unconfirmed()
    shown = admin.get(f"/deployments/{running}")
    assert (shown["state"], shown["reason"], passes(running)) == ("paused", "break_glass_unconfirmed", False)
    with nothing_written():
        refused(confirm(approver, running), 409, "nothing-to-confirm")
    assert admin.post(f"/deployments/{running}/resume")[0] == 200
    break_glass.pause_unconfirmed()
    assert (admin.get(f"/deployments/{running}")["state"], passes(running)) == ("running", False)
    assert events(admin, running, "glass.unconfirmed") == [("glass.unconfirmed", "system")]


def test_one_that_a_person_paused_is_told_and_left_as_it_is(
    running: int, incident: int, admin: Client, clock: Clock
) -> None:
    use(admin, running, incident)
    admin.post(f"/deployments/{running}/pause", {"reason": "lunch"})
    clock.advance(DAY)
    break_glass.pause_unconfirmed()
    assert admin.get(f"/deployments/{running}")["reason"] == "lunch"
    assert events(admin, running, "glass.unconfirmed") == [("glass.unconfirmed", "system")]


def test_the_second_person_is_another_one(running: int, incident: int, admin: Client, person: Person) -> None:
    use(admin, running, incident)
    for same in (admin, person("ADMIN", Role.APPROVER)):
        with nothing_written():
            refused(confirm(same, running), 403, "own-confirmation")
    assert confirm(person("second"), running).status_code == 200
    with nothing_written():
        refused(confirm(person("third"), running), 409, "nothing-to-confirm")


def test_whole_glass_is_not_confirmed(running: int, approver: Client) -> None:
    with nothing_written():
        refused(confirm(approver, running), 409, "nothing-to-confirm")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.APPROVER])
def test_only_an_admin_breaks_it(running: int, incident: int, person: Person, role: Role) -> None:
    with nothing_written():
        refused(use(person("other", role), running, incident), 403, "forbidden")


def test_an_incident_must_be_open(running: int, incident: int, admin: Client) -> None:
    with nothing_written():
        refused(use(admin, running, incident + 1), 422, "unknown-incident", "incident_id")
    assert admin.post(f"/incidents/{incident}/close", {"resolution": "fixed"})[0] == 200
    with nothing_written():
        refused(use(admin, running, incident), 422, "unknown-incident", "incident_id")


def test_a_reason_is_needed(running: int, incident: int, admin: Client) -> None:
    with nothing_written():
        refused(use(admin, running, incident, reason=" "), 422, "invalid", "reason")


def test_it_breaks_once(running: int, incident: int, admin: Client) -> None:
    assert use(admin, running, incident).status_code == 200
    with nothing_written():
        refused(use(admin, running, incident), 409, "glass-already-broken")


def test_an_ended_deployment_has_no_glass(running: int, incident: int, admin: Client) -> None:
    assert admin.post(f"/deployments/{running}/abort")[0] == 200
    with nothing_written():
        refused(use(admin, running, incident), 409, "illegal-transition")
