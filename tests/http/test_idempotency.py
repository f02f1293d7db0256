"""`Idempotency-Key`: carried out once, answered alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.db import db
from app.http.idempotency import takes_key
from tests.support.api import deployment, make_token
from tests.support.database import counts, nothing_written, rows, waits_for_a_lock
from tests.support.http import Client, refused
from tests.support.serving import serving
from tests.support.threads import together
from tests.support.waiting import PATIENCE, eventually

KEPT = ("Content-Type", "Location", "ETag")


def keyed(client: Client, key: str, body: Any = None, path: str = "/deployments") -> Any:
    """A POST under a key, by default of a deployment."""
    return client.raw("POST", path, json=deployment() if body is None else body, headers={"Idempotency-Key": key})


def test_the_same_request_gets_the_same_answer_and_is_carried_out_once(client: Client) -> None:
    first = keyed(client, "k1")
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    with nothing_written():
        again = keyed(client, "k1")
    assert again.status_code == 201
    assert again.data == first.data
    assert [again.headers[name] for name in KEPT] == [first.headers[name] for name in KEPT]
    assert again.headers["Location"] == "/api/v1/deployments/1"
    assert again.headers["Idempotency-Replayed"] == "true"
    assert counts()["deployments"] == 1


def test_the_answer_is_the_first_one_even_when_things_have_changed_since(client: Client, work: Any) -> None:
    client.register(30)
    created = keyed(client, "create")
    work()
    paused = keyed(client, "pause", {}, "/deployments/1/pause")
    assert paused.json["state"] == "paused"
    assert client.post("/deployments/1/resume")[0] == 200
    with nothing_written():
        assert keyed(client, "create").json == created.json
        assert keyed(client, "pause", {}, "/deployments/1/pause").json == paused.json
    assert client.get("/deployments/1")["state"] == "running"


@pytest.mark.parametrize("path", ["/devices", "/reports"])
def test_lists_are_idempotent_too(client: Client, path: str) -> None:
    client.register(1)
    client.deploy()
    client_body = {
        "/devices": [{"external_id": "d", "platform": "windows", "connector": "simulated"}],
        "/reports": [{"deployment_id": 1, "external_id": "dev-00000", "sequence": 1, "outcome": "succeeded"}],
    }
    from app.deployments import progress

    progress.plan(1)
    first = keyed(client, "list", client_body[path], path)
    assert first.status_code == 200, first.text
    with nothing_written():
        again = keyed(client, "list", client_body[path], path)
    assert (again.status_code, again.data) == (200, first.data)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (deployment(version="2.0"), "/deployments"),
        ({}, "/deployments/1/abort"),
    ],
)
def test_another_request_under_the_same_key_is_refused(client: Client, body: Any, path: str) -> None:
    assert keyed(client, "k1").status_code == 201
    with nothing_written():
        refused(keyed(client, "k1", body, path), 409, "idempotency-key-reused")


def test_a_refused_request_leaves_its_key_free(client: Client) -> None:
    client.deploy()
    for status, body in (
        (422, deployment(plan="nope")),
        (422, deployment(platform="beos")),
        (409, deployment(version="2")),
    ):
        with nothing_written():
            assert keyed(client, "k1", body).status_code == status
    assert keyed(client, "k1", deployment(application="other")).status_code == 201


def test_a_refused_report_is_counted_also_under_a_key(client: Client) -> None:
    client.deploy()
    body = [{"deployment_id": 1, "external_id": "stranger", "sequence": 1, "outcome": "failed"}] * 2
    with nothing_written(events=1):
        refused(keyed(client, "k1", body, "/reports"), 422, "unknown-assignment")
    (event,) = rows("SELECT * FROM events ORDER BY id DESC LIMIT 1")
    assert (event.type, event.payload["rejected"]) == ("reports.ingested", 2)


def test_two_identical_requests_at_once_make_one_deployment(database: Flask, token: str) -> None:
    def send() -> Any:
        return keyed(Client(database.test_client(), token), "same")

    answers = together(*[send] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.data for answer in answers}) == 1
    assert sorted("Idempotency-Replayed" in answer.headers for answer in answers) == [False, True, True, True]
    assert counts()["deployments"] == 1
    assert counts()["idempotency_keys"] == 1


@pytest.fixture
def held(client: Client) -> Iterator[Connection]:
    """A transaction that has taken the key `held` of the tester's token, and has not ended."""
    with db.engine.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO idempotency_keys (token_id, key, request_hash, created_at)"
                " SELECT id, 'held', 'x', now() FROM tokens WHERE id = 1"
            )
        )
        yield connection


def test_a_key_that_is_held_too_long_is_answered_with_a_time_to_try_again(
    client: Client, held: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.http import idempotency

    assert idempotency.WAIT_SECONDS == 5
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    began = time.monotonic()
    with nothing_written():
        answer = keyed(client, "held")
        refused(answer, 409, "idempotency-key-in-progress")
    assert time.monotonic() - began > 0.9
    assert answer.headers["Retry-After"] == "5"
    held.rollback()
    assert keyed(client, "held").status_code == 201


def test_a_request_waits_for_the_first_and_is_carried_out_when_that_was_rolled_back(
    client: Client, held: Connection
) -> None:
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(keyed, client, "held")
        eventually(waits_for_a_lock, "the second does not wait")
        held.rollback()
        answer = second.result(PATIENCE)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


def test_how_the_json_is_written_does_not_matter(client: Client) -> None:
    def send(path: str = "/incidents", **request: Any) -> Any:
        return client.raw("POST", path, headers={"Idempotency-Key": "k1", **request.pop("headers", {})}, **request)

    body = {"severity": "P3", "title": "ä"}
    first = send(json=body)
    assert first.status_code == 201
    with nothing_written():
        for spelling in ('{ "title" : "ä", "severity":"P3" }', '{"severity": "P3", "title": "\\u00e4"}'):
            again = send(data=spelling, content_type="application/json; charset=utf-8")
            assert (again.status_code, again.data) == (201, first.data)
        refused(send("/incidents?x=1", json=body), 409, "idempotency-key-reused")
        refused(send(json=body, headers={"If-Match": '"1"'}), 409, "idempotency-key-reused")
        refused(send(json={**body, "severity": "P2"}), 409, "idempotency-key-reused")


def test_every_post_takes_a_key(app: Flask) -> None:
    """But those of DDI, whose clients send none; what they repeat is told apart by its action."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/ddi/")]
    posts = [rule for rule in rules if "POST" in (rule.methods or ())]
    assert len(posts) > 15
    assert [rule.rule for rule in posts if not takes_key(app.view_functions[rule.endpoint])] == []


def test_fifty_identical_requests_at_once_have_one_effect(database: Flask, token: str, tmp_path: Path) -> None:
    """Through the server's four workers."""
    with serving(tmp_path / "log", "--workers", "4") as served, httpx.Client(timeout=PATIENCE) as http:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "fifty"}

        def send() -> httpx.Response:
            return http.post(f"{served.url}/api/v1/deployments", json=deployment(), headers=headers)

        answers = together(*[send] * 50)
    assert [answer.status_code for answer in answers] == [201] * 50
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 49
    assert counts()["deployments"] == 1
    assert [row.type for row in rows("SELECT type FROM events")].count("deployment.created") == 1


def test_keys_belong_to_a_token(database: Flask, client: Client) -> None:
    other = Client(database.test_client(), make_token("other"))
    assert keyed(client, "k1").status_code == 201
    assert keyed(other, "k1", deployment(application="chat")).status_code == 201
    assert counts()["deployments"] == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "a,b", "a b", "é"])
def test_a_key_of_another_form_is_refused(client: Client, key: str) -> None:
    with nothing_written():
        assert "1 to 200" in refused(keyed(client, key), 422, "invalid")["detail"]


def test_a_key_of_the_greatest_length_is_taken(client: Client) -> None:
    assert keyed(client, "x" * 200).status_code == 201


@pytest.mark.parametrize("path", ["/devices", "/reports"])
@pytest.mark.parametrize("content_type", ["application/x-ndjson", "text/csv"])
def test_a_key_on_an_upload_is_refused(client: Client, path: str, content_type: str) -> None:
    with nothing_written():
        answer = client.raw("POST", path, data=b"{}\n", content_type=content_type, headers={"Idempotency-Key": "k1"})
        refused(answer, 422, "invalid")
