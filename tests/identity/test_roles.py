"""A token never acts above its role: every path that changes something, asked by every role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.identity.roles import Role
from ops import access
from tests.support.api import API, make_token
from tests.support.database import nothing_written
from tests.support.http import Client, refused

ADMIN, OPERATOR, APPROVER, REPORTER = Role.ADMIN, Role.OPERATOR, Role.APPROVER, Role.REPORTER
UNLESS_LISTED = {ADMIN, OPERATOR}
MAY = {
    ("POST", "/reports"): {ADMIN, OPERATOR, REPORTER},
    ("POST", "/deployments/1/approve"): {ADMIN, APPROVER},
    ("POST", "/deployments/1/reject"): {ADMIN, APPROVER},
    ("POST", "/deployments/1/waive"): {ADMIN, APPROVER},
    ("POST", "/deployments/1/break-glass"): {ADMIN},
    ("POST", "/deployments/1/break-glass/confirm"): {ADMIN, APPROVER},
    ("POST", "/tokens"): {ADMIN},
    ("POST", "/tokens/77/rotate"): {ADMIN},
    ("POST", "/tokens/77/revoke"): {ADMIN},
    ("PUT", "/subjects/77/roles"): {ADMIN},
    ("PUT", "/approval-floor"): {ADMIN},
    ("POST", "/ring-plans/x/proposals/1/confirm"): {ADMIN, APPROVER},
    ("POST", "/ring-plans/x/proposals/1/reject"): {ADMIN, OPERATOR, APPROVER},
    ("POST", "/freezes/1/lift"): {ADMIN, OPERATOR, APPROVER},
    ("POST", "/emergency-stop/1/lift"): {ADMIN, OPERATOR, APPROVER},
}
"""Who may use a path that is not for admins and operators alone."""


@pytest.fixture
def clients(database: Flask) -> dict[Role, Client]:
    """A client for each role."""
    return {role: Client(database.test_client(), make_token(f"the {role.value}", role)) for role in Role}


def routes(app: Flask, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The API's methods and paths, with a value for each parameter."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(API):
            numbered = re.sub(r"<int:(token|subject)_id>", "77", rule.rule.removeprefix(API))  # 1 is one of these
            path = re.sub(r"<(string:)?\w+>", "x", re.sub(r"<int:\w+>", "1", numbered))
            assert "<" not in path, "give the new parameter a value here"
            yield from ((method, path) for method in sorted(rule.methods or ()) if wanted(method))


def test_every_role_may_do_what_it_is_for_and_nothing_else(
    database: Flask, clients: dict[Role, Client], subtests: pytest.Subtests
) -> None:
    found = set(routes(database, lambda method: method not in ("GET", "HEAD", "OPTIONS")))
    assert len(found) > 12
    assert set(MAY) <= found, "a path of the table is gone"
    with nothing_written():
        for method, path in sorted(found):
            for role, client in clients.items():
                with subtests.test(method=method, path=path, role=role.value):
                    answer = client.raw(method, path, json={})
                    if role in MAY.get((method, path), UNLESS_LISTED):
                        assert answer.status_code in (404, 422), answer.text
                    else:
                        refused(answer, 403, "forbidden")


def test_every_role_may_read_everything_but_tokens(database: Flask, clients: dict[Role, Client]) -> None:
    for method, path in routes(database, lambda method: method in ("GET", "HEAD", "OPTIONS")):
        if method != "OPTIONS" and path.startswith(("/tokens", "/subjects")):
            for role, client in clients.items():
                status = client.raw(method, path).status_code
                assert (status == 403) is (role is not Role.ADMIN), (method, path, role)
            continue
        for role, client in clients.items():
            # Of `/metrics` the form that does not ask Graphite, which is slow; nothing else has a second form.
            status = client.raw(method, path, headers={"Accept": "text/plain"}).status_code
            assert status not in (401, 403), (method, path, role)
            assert status < 500, (method, path, role)


def test_a_refusal_names_the_roles_that_may(clients: dict[Role, Client]) -> None:
    answer = clients[Role.VIEWER].raw("POST", "/deployments", json={})
    detail = refused(answer, 403, "forbidden")["detail"]
    assert "admin or operator" in detail
    assert "viewer" in detail


def test_the_role_is_checked_before_the_body(clients: dict[Role, Client]) -> None:
    for body in (b"{", b"x" * 2_000_000):
        answer = clients[Role.REPORTER].raw("POST", "/devices", data=body, content_type="application/json")
        refused(answer, 403, "forbidden")


def test_an_idempotency_key_does_not_carry_a_role(clients: dict[Role, Client]) -> None:
    key = {"Idempotency-Key": "one"}
    body = {"severity": "P1", "title": "x"}
    assert clients[Role.OPERATOR].raw("POST", "/incidents", json=body, headers=key).status_code == 201
    refused(clients[Role.REPORTER].raw("POST", "/incidents", json=body, headers=key), 403, "forbidden")


def test_the_page_of_who_may_what_is_current_and_true(database: Flask) -> None:
    """Each of its cells is what the tests above asked the API."""
    assert access.PAGE.read_text() == access.page(database), "run `make docs`"
    changing = 0
    for method, path, may, _ in access.rows(database):
        asked = re.sub(r"{(token|subject)_id}", "77", path.removeprefix(API))
        asked = re.sub(r"{(uid|name)}", "x", asked)
        expected = MAY.get((method, re.sub(r"{\w+}", "1", asked)), UNLESS_LISTED)
        if method == "GET":
            expected = {ADMIN} if path.startswith((f"{API}/tokens", f"{API}/subjects")) else set(Role)
        assert set(may) == {role.value for role in expected}, (method, path)
        changing += method != "GET"
    assert changing > 25
