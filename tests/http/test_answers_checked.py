"""The check of every answer against the OpenAPI document, on answers that differ from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from tests.support.api import API
from tests.support.contract import Checked, Contract

GIVEN = {"X-Request-Id": "1", "ETag": '"5f0c2d9a41b7-1"'}
CONNECTOR = {
    "name": "simulated",
    "state": "closed",
    "failures": 0,
    "successes": 0,
    "retry_at": None,
    "wait_seconds": 60,
    "probe_until": None,
    "opened_at": None,
    "version": "5f0c2d9a41b7",
}
PROBLEM = {
    "type": "urn:eucora:problem:no-such-connector",
    "title": "The resource does not exist",
    "status": 404,
    "detail": "There is none.",
    "instance": f"{API}/connectors/nobody",
}


@pytest.fixture
def contract(app: Flask) -> Contract:
    return Contract(app)


def differences(
    contract: Contract, body: Any, *, path: str = "/connectors/simulated", status: int = 200, **options: Any
) -> list[str]:
    media = options.get("media", "application/json" if status < 400 else "application/problem+json")
    headers = Headers({"Content-Type": media, **({} if options.get("bare") else GIVEN)})
    environ = EnvironBuilder(API + path, method=options.get("method", "GET")).get_environ()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return contract.differences(environ, status, headers, raw)


def test_what_is_documented_passes(contract: Contract) -> None:
    assert differences(contract, CONNECTOR) == []
    assert differences(contract, PROBLEM, status=404) == []
    assert differences(contract, b"", method="HEAD") == []
    lines = b'{"line": 1, "status": "created"}\n{"line": 2, "status": "rejected", "errors": []}\n'
    assert differences(contract, lines, path="/devices", method="POST", media="application/x-ndjson") == []


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ({**CONNECTOR, "secret": 1}, {}),
        ({key: value for key, value in CONNECTOR.items() if key != "state"}, {}),
        ({**CONNECTOR, "state": "ajar"}, {}),
        ({**CONNECTOR, "failures": None}, {}),
        ({**CONNECTOR, "opened_at": "yesterday"}, {}),
        (CONNECTOR, {"status": 201}),
        (CONNECTOR, {"media": "text/html"}),
        (CONNECTOR, {"bare": True}),
        ({**PROBLEM, "type": "urn:eucora:problem:no-such-freeze"}, {"status": 404}),
        ({**PROBLEM, "hint": "look"}, {"status": 404}),
        ({"error": "not found"}, {"status": 404, "media": "application/json"}),
        (b'{"line": 1, "status": "lost"}\n', {"path": "/devices", "method": "POST", "media": "application/x-ndjson"}),
        (b"<h1>Not Found</h1>", {"path": "/nowhere", "status": 404, "media": "text/html"}),
        (PROBLEM, {"path": "/nowhere", "status": 404}),
    ],
)
def test_what_differs_is_found(contract: Contract, body: Any, options: dict[str, Any]) -> None:
    assert differences(contract, body, **options) != []


def test_an_answer_that_differs_fails_the_test_that_asked(app: Flask, contract: Contract) -> None:
    def wrong(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json"), ("X-Request-Id", "1")])
        return [json.dumps({**CONNECTOR, "secret": 1}).encode()]

    with pytest.raises(AssertionError, match="secret"):
        Client(Checked(wrong, contract)).get(f"{API}/connectors/simulated")
    assert isinstance(app.wsgi_app, Checked)
