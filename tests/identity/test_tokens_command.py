"""A token's life on the command line: the rules and events are those of REST; only secrets are printed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.database import nothing_changed, rows
from tests.support.http import Client


def run(app: Flask, *arguments: str, code: int = 0) -> Any:
    """Run a command that must end with that code."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def secret_of(app: Flask, *arguments: str) -> str:
    (secret,) = run(app, *arguments).stdout.splitlines()
    assert secret.startswith("eucora_")
    return str(secret)


def role(app: Flask, secret: str) -> str:
    """The role that the secret has, or why it has none."""
    answer = Client(app.test_client(), secret).raw("GET", "/whoami")
    return str(answer.json["role"] if answer.status_code == 200 else answer.json["detail"])


def test_a_token_from_its_creation_to_its_end(database: Flask) -> None:
    first = secret_of(
        database,
        *("tokens", "create", "--subject", "Salt [master]", "--role", "reporter", "--connector", "simulated"),
        *("--expires-in-days", "30", "--description", "on salt-1"),
    )
    second = secret_of(database, "tokens", "rotate", "1", "--overlap-hours", "1")
    assert role(database, first) == role(database, second) == "reporter"
    listed = run(database, "tokens", "list").stdout
    for text in ("Salt [master]", second[:13], "usable", "connector", "on salt-1"):
        assert text in listed
    assert second not in listed
    assert "is revoked" in run(database, "tokens", "revoke", "1", "--reason", "retired").stdout
    assert "revoked" in role(database, second)
    assert "Salt" not in run(database, "tokens", "list", "--state", "usable").stdout
    found = rows("SELECT type, actor FROM events ORDER BY id")
    assert found == [(f"token.{what}", "cli") for what in ("created", "rotated", "revoked")]


def test_a_subjects_roles(database: Flask) -> None:
    secret = secret_of(database, "tokens", "create", "--subject", "Anna")
    assert "Anna" in run(database, "subjects", "list").stdout
    result = run(database, "tokens", "create", "--subject", "anna", "--role", "approver", code=1)
    assert "--grant-role" in result.stderr
    secret_of(database, "tokens", "create", "--subject", "anna", "--role", "approver", "--grant-role")
    assert "operator, approver" in run(database, "subjects", "list").stdout
    run(database, "subjects", "set-roles", "1", "--role", "approver", "--reason", "another job")
    assert "revoked" in role(database, secret)


REFUSED = {
    "an unknown token": (("tokens", "revoke", "77", "--reason", "x"), 1, "does not exist"),
    "no reason": (("tokens", "revoke", "1"), 2, "--reason"),
    "an empty reason": (("tokens", "revoke", "1", "--reason", ""), 2, "reason"),
    "too many days": (("tokens", "create", "--subject", "x", "--expires-in-days", "1000"), 2, "730"),
    "too many days for a person": (("tokens", "create", "--subject", "x", "--expires-in-days", "400"), 1, "365"),
    "an unbound reporter": (("tokens", "create", "--subject", "x", "--role", "reporter"), 1, "connector"),
    "too long an overlap": (("tokens", "rotate", "1", "--overlap-hours", "1000"), 2, "168"),
    "an unknown subject": (("subjects", "set-roles", "77", "--reason", "x"), 1, "does not exist"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_a_sentence(database: Flask, case: str) -> None:
    arguments, code, said = REFUSED[case]
    with nothing_changed():
        result = run(database, *arguments, code=code)
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output
