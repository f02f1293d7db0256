"""One person is one, however the name is written: now, and in rows from when names could differ in case alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.db import db
from app.identity.roles import Role
from app.identity.subjects import is_among, is_same
from tests.support.approval import Person, standing, start
from tests.support.http import Client, refused

SAME = [("Anna", "anna"), ("ANNA", "anna "), ("Straße", "STRASSE"), ("José", "JOSE\u0301"), ("Łukasz", "łUKASZ")]
DIFFERENT = [("Anna", "Anne"), ("Jose", "José"), ("a b", "a  b"), ("anna", "")]


@pytest.mark.parametrize("names", SAME)
def test_the_same(names: tuple[str, str]) -> None:
    assert is_same(*names)
    assert is_among(names[0], ["somebody", names[1]])


@pytest.mark.parametrize("names", DIFFERENT)
def test_not_the_same(names: tuple[str, str]) -> None:
    assert not is_same(*names)


def test_the_requester_has_one_spelling(requester: Client, approver: Client, person: Person) -> None:
    deployment_id = start(requester)
    path = f"/deployments/{deployment_id}/approve"
    refused(person("REQUESTER", Role.ADMIN).raw("POST", path, json={}), 403, "own-approval")
    _write("UPDATE deployments SET requested_by = 'APPROVER'")  # as an older version could write it
    refused(approver.raw("POST", path, json={}), 403, "own-approval")
    refused(approver.raw("POST", path.replace("approve", "reject"), json={"comment": "no"}), 403, "own-approval")


def test_nobody_counts_twice(requester: Client, person: Person) -> None:
    first, second = person("Straße"), person("second")
    deployment_id = start(requester)
    path = f"/deployments/{deployment_id}/approve"
    assert first.post(path)[0] == 200
    refused(person("STRASSE").raw("POST", path, json={}), 409, "already-answered")
    assert second.post(path)[0] == 200
    _write("UPDATE approvals SET subject = 'STRASSE' WHERE subject = 'second'")
    assert standing(requester, deployment_id) == 1


def _write(statement: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement))
