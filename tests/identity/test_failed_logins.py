"""Tokens that are not accepted: counted by reason, limited by address, and never in the way of those that are."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import addresses, queue
from app.identity import attempts
from app.identity.authentication import install_observer
from app.logs import configure_logging
from app.settings import load_settings
from tests.support.api import make_token
from tests.support.http import Client, refused

HERE, THERE = "192.0.2.1", "192.0.2.2"
UNKNOWN = f"eucora_{'x' * 43}"


class Observed(list[str]):
    """The reasons of what was not accepted, in order."""

    def __call__(self, reason: str) -> None:
        self.append(reason)


OBSERVED = Observed()


@pytest.fixture(autouse=True)
def free() -> Iterator[None]:
    """No address is limited before and after."""
    attempts._limited.clear()
    OBSERVED.clear()
    install_observer(OBSERVED)
    yield
    attempts._limited.clear()


def ask(app: Flask, secret: str, address: str = HERE) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    environment = {"REMOTE_ADDR": address}
    return contextvars.Context().run(
        lambda: app.test_client().get("/api/v1/whoami", headers=headers, environ_overrides=environment)
    )


def exhaust(app: Flask, address: str = HERE) -> None:
    for _ in range(load_settings().failed_login_limit):
        assert ask(app, UNKNOWN, address).status_code == 401


def test_an_address_is_limited_and_another_is_not(database: Flask, token: str) -> None:
    exhaust(database)
    answer = ask(database, UNKNOWN)
    refused(answer, 429, "too-many-failed-logins")
    assert 1 <= int(answer.headers["Retry-After"]) <= attempts.WINDOW_SECONDS
    assert ask(database, token, THERE).status_code == 200
    assert ["unknown"] * load_settings().failed_login_limit + ["limited"] == OBSERVED


def test_who_was_accepted_before_goes_on(database: Flask, token: str) -> None:
    """One broken agent behind an address that others share must not stop them."""
    assert ask(database, token).status_code == 200
    other = make_token("other")
    exhaust(database)
    assert ask(database, token).status_code == 200
    assert ask(database, other).status_code == 429
    attempts._limited.clear()  # its minute is over
    assert ask(database, other).status_code == 200


def test_a_limit_is_shared_by_processes(database: Flask) -> None:
    exhaust(database)
    attempts._limited.clear()  # a process that has not seen the failures
    assert ask(database, UNKNOWN).status_code == 401
    assert ask(database, UNKNOWN).status_code == 429


def test_without_redis_nothing_is_limited_and_everything_goes_on(
    database: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis import Redis

    nobody = Redis(unix_socket_path="/nonexistent/redis.sock")
    monkeypatch.setattr(queue, "_connection", nobody)
    monkeypatch.setattr(attempts, "_silent_until", 0.0)
    for _ in range(load_settings().failed_login_limit + 2):
        assert ask(database, UNKNOWN).status_code == 401
    assert ask(database, token).status_code == 200


REASONS = {
    "malformed": ("eucora_short", "x", f"{UNKNOWN}x", f"{UNKNOWN[:-1]}é", "a b"),
    "unknown": (UNKNOWN,),
}


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_are_told_apart(database: Flask, reason: str) -> None:
    for secret in REASONS[reason]:
        answer = ask(database, secret.encode().decode("latin-1"))
        refused(answer, 401, "unauthenticated")
        assert secret not in answer.text
    assert [reason] * len(REASONS[reason]) == OBSERVED


def test_no_secret_is_logged_whatever_becomes_of_it(
    database: Flask, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings()
    configure_logging(settings.model_copy(update={"log_level": "DEBUG", "log_json": True}))
    try:
        made = client.post("/tokens", {"subject": "olga", "role": "viewer"})[1]
        secrets = [made["secret"], client.post(f"/tokens/{made['id']}/rotate", {"overlap_hours": 1})[1]["secret"]]
        client.post(f"/tokens/{made['id']}/revoke", {"reason": "over"})
        secrets += [UNKNOWN, f"eucora_{'y' * 20}", "x" * 300]
        for secret in secrets:
            assert ask(database, secret).status_code == 401
    finally:
        configure_logging(settings)
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines() if "authentication failed" in line]
    assert [it["reason"] for it in lines] == ["unknown", "revoked", "unknown", "malformed", "malformed"]
    assert {it["source"] for it in lines} == {HERE}
    assert not any(secret[len("eucora_") + 6 :] in written for secret in secrets)


SOURCES = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::ff": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "unix": "unix",
    None: "local",
}


@pytest.mark.parametrize("address", SOURCES, ids=str)
def test_what_counts_as_one_address(address: str | None) -> None:
    assert addresses.source(address) == SOURCES[address]
