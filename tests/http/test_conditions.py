"""`ETag`, `If-Match` and `If-None-Match` on everything that people decide about."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import make_token
from tests.support.database import nothing_written
from tests.support.http import Client, refused

INCIDENT = {"severity": "P3", "title": "conditions"}


def tag(client: Client, path: str) -> str:
    return str(client.raw("GET", path).headers["ETag"])


def decide(client: Client, path: str, body: Any, condition: str) -> Any:
    return client.raw("POST", path, json=body, headers={"If-Match": condition})


def test_a_reader_that_has_it_gets_no_body(client: Client) -> None:
    client.post("/incidents", INCIDENT)
    client.deploy()
    for path in ["/incidents/1", "/deployments/1", "/connectors/simulated", "/ring-plans/standard"]:
        etag = tag(client, path)
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = client.raw("GET", path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
        assert client.raw("GET", path, headers={"If-None-Match": '"other"'}).status_code == 200
        refused(client.raw("GET", path, headers={"If-None-Match": "other"}), 422, "invalid")


def test_the_etag_changes_with_the_answer(client: Client, work: Any) -> None:
    client.register(10)
    client.deploy()
    seen: dict[str, bytes] = {}
    for _ in range(2):
        answer = client.raw("GET", "/deployments/1")
        assert seen.setdefault(answer.headers["ETag"], answer.data) == answer.data
        work()
    assert len(seen) == 2


def test_an_incident_is_closed_once(client: Client) -> None:
    created = client.raw("POST", "/incidents", json=INCIDENT)
    assert (created.json["version"], created.headers["ETag"]) == (1, tag(client, "/incidents/1"))
    with nothing_written():
        refused(decide(client, "/incidents/1/close", {"resolution": "r"}, '"2"'), 412, "stale-version")
    closed = decide(client, "/incidents/1/close", {"resolution": "r"}, created.headers["ETag"])
    assert (closed.status_code, closed.json["version"]) == (200, 2)
    with nothing_written():
        late = decide(client, "/incidents/1/close", {"resolution": "r"}, created.headers["ETag"])
        refused(late, 412, "stale-version")
        problem = refused(client.raw("POST", "/incidents/1/close", json={"resolution": "r"}), 409, "incident-closed")
    assert problem["allowed"] == ["open"]


@pytest.mark.parametrize("path", ["/freezes", "/emergency-stop"])
def test_a_lift_is_of_what_was_read(database: Flask, client: Client, path: str) -> None:
    declared = client.raw("POST", path, json={"reason": "r"})
    assert declared.json["version"] == 1
    read = declared.headers["ETag"]
    asked = decide(client, f"{path}/1/lift", {"reason": "r"}, read)
    assert (asked.status_code, asked.json["version"]) == (202, 2)
    other = Client(database.test_client(), make_token("other", Role.APPROVER))
    with nothing_written():
        refused(decide(other, f"{path}/1/lift", {"reason": "r"}, read), 412, "stale-version")
    lifted = decide(other, f"{path}/1/lift", {"reason": "r"}, asked.headers["ETag"])
    assert (lifted.status_code, lifted.json["version"]) == (200, 3)


def test_a_breaker_is_set_from_the_state_that_was_read(client: Client) -> None:
    read = tag(client, "/connectors/simulated")
    path, opening = "/connectors/simulated/breaker", {"state": "open", "reason": "r"}
    opened = decide(client, path, opening, read)
    assert opened.status_code == 200
    with nothing_written():
        refused(decide(client, path, {"state": "closed", "reason": "r"}, read), 412, "stale-version")
    assert decide(client, path, {"state": "closed", "reason": "r"}, opened.headers["ETag"]).status_code == 200


def test_a_conflict_names_the_states_that_would_do(client: Client, work: Any) -> None:
    client.register(10)
    client.deploy()
    for decision, allowed in (("pause", "running"), ("resume", "paused")):
        answer = client.raw("POST", f"/deployments/1/{decision}", json={})
        assert refused(answer, 409, "illegal-transition")["allowed"] == [allowed]
    assert client.get("/deployments/1")["state"] == "planning"
