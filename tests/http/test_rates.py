"""A token, and an address without one, may send so many requests; who sends more is told when to try again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from flask import Flask, g
from werkzeug.test import TestResponse

from app import queue
from app.db import db
from app.factory import create_app
from app.http import rates
from app.identity.roles import Role
from app.identity.subjects import Caller
from app.settings import Settings, load_settings
from tests.support.api import make_token
from tests.support.contract import checked
from tests.support.database import statements
from tests.support.serving import serving
from tests.support.waiting import eventually

FREEZES, DOCUMENT = "/api/v1/freezes", "/api/v1/openapi.json"


@pytest.fixture
def limited(database: Flask) -> Iterator[Flask]:
    """An application with small limits."""
    with _with_rates(token_rate="3/minute", address_rate="2/minute") as app:
        yield app


@pytest.fixture
def brief(database: Flask) -> Iterator[Flask]:
    """An application whose windows end soon."""
    with _with_rates(token_rate="3/second") as app:
        yield app


@contextmanager
def _with_rates(**settings: str) -> Iterator[Flask]:
    """Each request has a context of its own, as on a server: the test's context is that of another application."""
    rates.forget()
    app = checked(create_app(Settings.model_validate(settings)))
    yield app
    with app.app_context():
        db.engine.dispose()
    rates.forget()


def get(app: Flask, path: str, token: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client().get(path, headers=headers)


def remaining(response: TestResponse) -> tuple[int, str, str]:
    assert re.fullmatch(r"[1-9]\d?", response.headers[rates.RESET])
    return response.status_code, response.headers[rates.LIMIT], response.headers[rates.REMAINING]


def test_a_token_is_told_what_is_left_and_refused_above_it(limited: Flask) -> None:
    first, second = make_token("first"), make_token("second")
    told = [remaining(get(limited, FREEZES, first)) for _ in range(4)]
    assert told == [(200, "3", "2"), (200, "3", "1"), (200, "3", "0"), (429, "3", "0")]
    refused = get(limited, FREEZES, first)
    assert refused.json is not None
    assert refused.json["type"] == "urn:eucora:problem:too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["Retry-After"] in refused.json["detail"]
    assert "Retry-After" not in get(limited, FREEZES, second).headers
    assert remaining(get(limited, FREEZES, second)) == (200, "3", "1")


def test_a_new_window_begins(brief: Flask) -> None:
    token = make_token("first")
    statuses = [get(brief, FREEZES, token).status_code for _ in range(20)]
    assert statuses[:3] == [200, 200, 200]
    assert 429 in statuses
    eventually(lambda: get(brief, FREEZES, token).status_code == 200)


def test_who_was_refused_costs_neither_the_database_nor_redis(limited: Flask) -> None:
    token = make_token("first")
    while get(limited, FREEZES, token).status_code != 429:
        pass
    counted = queue.connection().info("stats")["total_commands_processed"]
    with statements() as sent:
        assert {get(limited, FREEZES, token).status_code for _ in range(10)} == {429}
    assert not sent
    assert queue.connection().info("stats")["total_commands_processed"] == counted + 1  # the second `INFO`


def test_an_address_without_a_token_has_a_limit_of_its_own(limited: Flask) -> None:
    token = make_token("first")
    assert [get(limited, DOCUMENT).status_code for _ in range(3)] == [200, 200, 429]
    assert get(limited, DOCUMENT, token).status_code == 429  # a page that needs no token counts for the address
    assert get(limited, FREEZES, token).status_code == 200


def test_without_redis_each_process_counts_for_itself(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_token("first")
    assert get(limited, FREEZES, token).status_code == 200
    monkeypatch.setenv("EUCORA_REDIS_URL", "redis://127.0.0.1:1")
    load_settings.cache_clear()
    queue.forget_connection()
    try:
        told = [remaining(get(limited, FREEZES, token)) for _ in range(4)]
        assert told == [(200, "3", "2"), (200, "3", "1"), (200, "3", "0"), (429, "3", "0")]
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()
        queue.forget_connection()


def test_a_token_has_few_uploads_at_a_time(database: Flask) -> None:
    token = make_token("uploader", role=Role.ADMIN)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    body = "external_id,platform,connector,business_unit\nLT-1,windows,simulated,HQ\n"
    client = database.test_client()
    assert client.post("/api/v1/devices", data=body, headers=headers).status_code == 200
    one, another = (Caller(id, "uploader", Role.ADMIN) for id in (1, 2))
    with ExitStack() as held, database.test_request_context():
        for _ in range(rates.UPLOADS_PER_TOKEN):
            g.caller = one
            held.enter_context(rates.upload())
        refused = client.post("/api/v1/devices", data=body, headers=headers)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        g.caller = another
        held.enter_context(rates.upload())
    assert client.post("/api/v1/devices", data=body, headers=headers).status_code == 200


@pytest.mark.parametrize("rate", ["many", "5", "5/fortnight", "/second"])
def test_a_rate_that_is_none_is_named_with_its_setting(rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EUCORA_TOKEN_RATE", rate)
    with pytest.raises(SystemExit, match=r"EUCORA_TOKEN_RATE.*100/second"):
        load_settings.__wrapped__()


def test_a_server_without_redis_limits_and_says_so_once(database: Flask, tmp_path: Path) -> None:
    token, log = make_token("first"), tmp_path / "log"
    nowhere = {"EUCORA_REDIS_URL": "redis://127.0.0.1:1", "EUCORA_TOKEN_RATE": "3/hour"}
    with serving(log, **nowhere) as served, httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        answers = [client.get(f"{served.url}{FREEZES}").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert log.read_text().count("Rate limit storage unreachable") == 1
    assert "Traceback" not in log.read_text()
