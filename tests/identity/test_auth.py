"""Nothing is open but what says so, and a token is kept only as its hash."""

from __future__ import annotations

import contextvars
import hashlib
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.api import deployment, make_token
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused

OPEN = {"/", "/healthz", "/readyz", "/docs", "/openapi.json"}
PAGES = {"/dashboards", "/dashboards/<string:uid>", "/dashboards/static/<path:name>"}
"""They hold no data: their scripts ask the API for it, with a token."""

VALUES = {
    "<name>": "demo",
    "<sha256>": "0" * 64,
    "<path:filename>": "x",
    "<path:name>": "style.css",
    "<application>": "vpn",
    "<version>": "1.0",
    "<connector>": "edge",
    "<external_id>": "gw-1",
}


def asked(app: Flask, method: str, path: str, **request: Any) -> Any:
    """A request without a token."""
    return contextvars.Context().run(lambda: app.test_client().open(path, method=method, **request))


def test_every_path_but_the_open_ones_needs_a_token(database: Flask) -> None:
    closed = 0
    with nothing_written():
        for rule in database.url_map.iter_rules():
            path = re.sub(r"<string:\w+>", "x", re.sub(r"<int:\w+>", "1", rule.rule))
            for name, value in VALUES.items():
                path = path.replace(name, value)
            assert "<" not in path, "give the new parameter a value here"
            for method in (rule.methods or set()) - {"HEAD"}:
                answer = asked(database, method, path)
                if rule.rule in PAGES or rule.rule.removeprefix("/api/v1") in OPEN:
                    assert answer.status_code == 200, path
                    continue
                refused(answer, 401, "unauthenticated")
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                closed += 1
    assert closed > 20


@pytest.mark.parametrize("body", [b"{", b"x" * 2_000_000, b'{"application": 5}'])
def test_a_body_is_not_looked_at_before_the_token(database: Flask, body: bytes) -> None:
    for content_type in ("application/json", "text/plain", "text/csv"):
        refused(
            asked(database, "POST", "/api/v1/devices", data=body, content_type=content_type), 401, "unauthenticated"
        )


WRONG = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer   ",
    "Basic {token}",
    "Token {token}",
    "{token}",
    "Bearer x{token}",
    "Bearer wrong",
)


def test_a_wrong_authorization_is_refused(database: Flask, token: str, subtests: pytest.Subtests) -> None:
    for header in WRONG:
        with subtests.test(header=header):
            answer = asked(database, "GET", "/api/v1/devices", headers={"Authorization": header.format(token=token)})
            refused(answer, 401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_may_be_written_in_any_case(database: Flask, token: str) -> None:
    for header in ("Bearer {token}", "bearer {token}", "BEARER  {token} "):
        answer = asked(database, "GET", "/api/v1/devices", headers={"Authorization": header.format(token=token)})
        assert answer.status_code == 200


def test_a_revoked_token_is_refused_and_others_are_not(database: Flask, token: str) -> None:
    from app.db import db

    other = make_token("someone-else")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE tokens SET revoked_at = now() WHERE id = 1"))
    revoked, valid = (Client(database.test_client(), it) for it in (token, other))
    with nothing_written():
        refused(revoked.raw("POST", "/deployments", json=deployment()), 401, "unauthenticated")
    assert valid.raw("GET", "/deployments").status_code == 200


def test_a_secret_is_stored_only_as_its_hash(token: str) -> None:
    (row,) = rows("SELECT *, CAST(tokens.* AS text) AS everything FROM tokens")
    assert token not in row.everything
    assert token.startswith(row.prefix)
    assert len(row.prefix) == len("eucora_") + 6
    assert row.hash == hashlib.sha256(token.encode()).digest()
    assert token.encode() not in row.hash


def test_two_tokens_of_one_subject_differ(database: Flask) -> None:
    assert make_token("tester") != make_token("tester")


def test_the_command_prints_the_token_and_nothing_else(database: Flask) -> None:
    result = database.test_cli_runner().invoke(args=["tokens", "create", "--subject", "pipeline"])
    assert result.exit_code == 0, result.output
    (secret,) = result.stdout.splitlines()
    assert secret.startswith("eucora_")
    assert result.stderr == ""
    client = Client(database.test_client(), secret)
    assert client.raw("POST", "/deployments", json=deployment()).json["requested_by"] == "pipeline"


def test_one_person_has_one_spelling(database: Flask) -> None:
    """Else the second one could approve what the first one did."""
    for subject in ("José", " Jose\u0301 "):
        assert database.test_cli_runner().invoke(args=["tokens", "create", "--subject", subject]).exit_code == 0
    assert rows("SELECT name FROM subjects WHERE name LIKE 'Jos%'") == [("José",)]


@pytest.mark.parametrize("subject", ["", "  ", "a\u200eb", "a\nb"])
def test_the_command_refuses_a_bad_subject_with_a_sentence(database: Flask, subject: str) -> None:
    result = database.test_cli_runner().invoke(args=["tokens", "create", "--subject", subject])
    assert result.exit_code != 0
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "subject" in result.stderr
    assert "Traceback" not in result.output
    assert rows("SELECT 1 FROM tokens") == []


def test_the_command_refuses_an_unknown_role(database: Flask) -> None:
    result = database.test_cli_runner().invoke(args=["tokens", "create", "--subject", "x", "--role", "king"])
    assert result.exit_code == 2
    assert rows("SELECT 1 FROM tokens") == []
