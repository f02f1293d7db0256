"""Refusals become Problems, pages become iterators, lines become results; and no error holds the token."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from client import Client, ClientError, Problem, Unreachable, UploadStopped
from tests.client.conftest import ADDRESS, Person
from tests.client.support import closed_port, devices, serving
from tests.support.api import ARTIFACT, make_token

LINES = b"".join(json.dumps(device).encode() + b"\n" for device in devices(3))


def answered(status: int = 200, content: bytes = b"", **headers: str) -> Client:
    """A client whose every request gets this answer from something that is not the control plane."""
    stranger = Response(content, status, {name.replace("_", "-"): value for name, value in headers.items()})
    return Client(ADDRESS, "eucora_secret", transport=httpx.WSGITransport(stranger))


def test_a_refusal_is_a_problem_with_the_fields_of_rfc_9457(operator: Client) -> None:
    with pytest.raises(Problem) as caught:
        operator.deployments.create(application="vpn", version="1", platform="windows", artifact_hash="sha256:short")
    problem = caught.value
    assert (problem.status, problem.type) == (422, "invalid")
    assert problem.title
    assert problem.detail
    assert [error.field for error in problem.errors] == ["artifact_hash"]
    assert problem.retry_after is None
    assert problem.request_id
    for part in ("POST /api/v1/deployments", "422", "invalid", "artifact_hash", problem.errors[0].message):
        assert part in str(problem)


@pytest.mark.parametrize(
    ("call", "status", "type"),
    [
        (lambda it: it.deployments.get(7), 404, "no-such-deployment"),
        (lambda it: it.ring_plans.get("none/such"), 404, "not-found"),
        (lambda it: it.ring_plans.get("none such"), 404, "no-such-ring-plan"),
        (lambda it: it.connectors.get("nobody"), 404, "no-such-connector"),
        (lambda it: it.devices.register([]), 422, "invalid"),
        (lambda it: next(it.events.each(type="no event")), 422, "invalid"),
        (lambda it: it.devices.upload(b"a,b\n1,2\n"), 422, "invalid"),
    ],
)
def test_the_slug_of_a_problem_is_its_type(
    operator: Client, call: Callable[[Client], Any], status: int, type: str
) -> None:
    with pytest.raises(Problem) as caught:
        call(operator)
    assert (caught.value.status, caught.value.type) == (status, type)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_makes_another_path_is_not_asked_for(operator: Client, name: str) -> None:
    with pytest.raises(ValueError, match="is not a name"):
        operator.ring_plans.get(name)


def test_a_stale_version_is_a_problem(operator: Client) -> None:
    operator.devices.register(devices(3))
    created = operator.deployments.create(
        application="vpn",
        version="1",
        platform="windows",
        artifact_hash=ARTIFACT,
        plan="demo",
        scope={"everyone": True},
    )
    with pytest.raises(Problem) as caught:
        operator.deployments.pause(created["id"], if_match=created["version"] + 1)
    assert (caught.value.status, caught.value.type) == (412, "stale-version")


@pytest.mark.parametrize("status", [200, 302, 404, 502])
def test_an_answer_that_is_not_the_control_planes_is_a_problem_too(status: int) -> None:
    client = answered(status, b"<h1>Welcome, eucora_secret</h1>", content_type="text/html")
    with pytest.raises(Problem) as caught:
        client.deployments.list()
    assert (caught.value.status, caught.value.type) == (status, "about:blank")
    assert "text/html" in caught.value.detail
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"errors": 7}', b'{"errors": [7, {"field": "x"}]}'])
def test_a_strange_problem_document_is_a_problem(body: bytes) -> None:
    client = answered(400, body, content_type="application/problem+json")
    with pytest.raises(Problem) as caught:
        client.deployments.get(1)
    assert (caught.value.status, caught.value.type) == (400, "about:blank")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_a_number_of_seconds(given: str, expected: float | None) -> None:
    with pytest.raises(Problem) as caught:
        answered(429, retry_after=given).deployments.get(1)
    assert caught.value.retry_after == expected


def test_an_iterator_follows_every_page(operator: Client) -> None:
    operator.devices.register(devices(1_001))
    found = [it["external_id"] for it in operator.devices.each()]
    assert found == [it["external_id"] for it in devices(1_001)]
    assert len(list(operator.devices.each(tag="lab"))) == 201
    page = operator.devices.list(limit=500, order="oldest")
    assert len(page["items"]) == 500
    assert page["next"] is not None
    assert [it["external_id"] for it in operator.devices.each(cursor=page["next"])] == found[500:]


def test_what_is_iterated_is_asked_for_page_by_page(person: Person) -> None:
    asked: list[str] = []
    client = person("reader", event_hooks={"request": [lambda request: asked.append(request.url.query.decode())]})
    client.devices.register(devices(1_001))
    asked.clear()
    every = client.devices.each(platform="windows")
    assert asked == []
    next(every)
    assert asked == ["order=oldest&platform=windows&limit=500&cursor=0"]
    list(every)
    assert len(asked) == 3


def test_lines_of_any_source_have_a_result_each(database: Flask) -> None:
    csv = b"external_id,platform,connector,tags\n" + b"".join(b"line-%d,linux,simulated,\n" % n for n in range(3))
    with serving(database.wsgi_app) as url, Client(url, make_token("operator")) as client:
        assert [it["status"] for it in client.devices.upload(LINES, "application/x-ndjson")] == ["created"] * 3
        pieces: Iterator[bytes] = iter([LINES[:100], LINES[100:]])
        assert [it["status"] for it in client.devices.upload(pieces, "application/x-ndjson")] == ["unchanged"] * 3
        results = list(client.devices.upload(csv + b"line-4,linux\n"))
    assert [(it["line"], it["status"]) for it in results] == [
        (2, "created"),
        (3, "created"),
        (4, "created"),
        (5, "rejected"),
    ]
    assert results[-1]["errors"][0]["field"] == "(line)"


def test_a_file_is_uploaded(database: Flask, tmp_path: Any) -> None:
    inventory = tmp_path / "devices.ndjson"
    inventory.write_bytes(LINES)
    with (
        serving(database.wsgi_app) as url,
        Client(url, make_token("operator")) as client,
        inventory.open("rb") as lines,
    ):
        assert [it["line"] for it in client.devices.upload(lines, "application/x-ndjson")] == [1, 2, 3]


def test_an_upload_that_ends_early_says_where_to_go_on(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.settings import load_settings

    monkeypatch.setenv("EUCORA_STREAM_LIMIT", "100000")
    load_settings.cache_clear()
    lines = [json.dumps(device).encode() + b"\n" for device in devices(2_500)]
    done: list[str] = []
    try:
        with serving(database.wsgi_app) as url, Client(url, make_token("operator")) as client:
            results = client.devices.upload(iter(lines), "application/x-ndjson")  # its length is not announced
            with pytest.raises(UploadStopped) as caught:
                done += (it["status"] for it in results)
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()
    assert caught.value.status == 413
    assert caught.value.line == 1_001
    assert "limit" in caught.value.reason
    assert done == ["created"] * 1_000


def test_no_error_and_no_repr_holds_the_token(database: Flask) -> None:
    secret = "eucora_not-a-known-token"
    refused = Client(ADDRESS, secret, transport=httpx.WSGITransport(database.wsgi_app))
    with closed_port() as nowhere:
        lost = Client(nowhere, secret, retries=0)
        shown = [repr(refused), str(refused), repr(vars(refused)), repr(vars(refused._session))]
        for client, kind in ((refused, Problem), (lost, Unreachable)):
            with pytest.raises(kind) as caught:
                client.deployments.list()
            error: BaseException | None = caught.value
            assert isinstance(error, ClientError)
            shown += traceback.format_exception(error)
            while error is not None:
                shown += [repr(error), repr(vars(error))]
                error = error.__cause__ or error.__context__
    assert len(shown) > 8
    assert [text for text in shown if "not-a-known" in text] == []


@pytest.mark.parametrize("token", ["", "eucora_secret\n", "eucora secret", "eucora_secrét"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ValueError, match="token") as caught:
        Client(ADDRESS, token)
    assert "secr" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["eucora.test", "ftp://eucora.test", "http://", "https://me:hunter2@eucora.test"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        Client(url, "token")
    assert "hunter2" not in str(caught.value)


def test_an_address_may_end_with_a_slash_and_have_a_path(database: Flask) -> None:
    mounted = DispatcherMiddleware(NotFound(), {"/eucora": database.wsgi_app})
    for mount, application in (("/", database.wsgi_app), ("/eucora/", mounted)):
        client = Client(ADDRESS + mount, make_token("operator"), transport=httpx.WSGITransport(application))
        assert client.health.alive() == {"status": "ok"}
        assert client.devices.list()["items"] == []
        assert not client.url.endswith("/")


def test_an_id_with_any_characters_survives_the_way(operator: Client) -> None:
    names = ["PC 12/Büro & Söhne", "50%25?x=1#y+z", "a/b"]
    operator.devices.register([{**device, "external_id": name} for device, name in zip(devices(3), names, strict=True)])
    for name in names:
        assert [found["external_id"] for found in operator.devices.each(external_id=name)] == [name]
