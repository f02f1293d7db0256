"""A caller who sends much waits for its own requests, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from app.http.turns import Turns, caller_of
from tests.support.api import make_token
from tests.support.serving import Served, serving
from tests.support.waiting import PATIENCE, eventually

MANY = 20
"""More requests than the eight threads of the one worker."""
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'freezes'::regclass")


def test_a_caller_has_so_many_turns_and_the_others_follow_in_order() -> None:
    turns: Turns[int] = Turns(2)
    assert [turns.begin(b"one", number) for number in range(4)] == [True, True, False, False]
    assert turns.begin(b"another", 9)
    assert [turns.end(b"one") for _ in range(4)] == [2, 3, None, None]
    assert turns.begin(b"one", 5)


@pytest.mark.parametrize(
    ("received", "caller"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nAUTHORIZATION: Bearer secret\r\n\r\n", b"Bearer secret"),
        (b"GET / HTTP/1.1\r\nCookie:  session=1; other=2 \r\n\r\n", b"session=1; other=2"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"10.0.0.1"),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n\r\nAuthorization: Bearer body\r\n", b"10.0.0.1"),
    ],
)
def test_a_caller_is_what_the_head_authenticates_itself_with(received: bytes, caller: bytes) -> None:
    assert caller_of(received, "10.0.0.1") == caller


@pytest.fixture
def server(database: Flask, tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "log") as served:
        yield served


def _status(server: Served, path: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.url}/api/v1{path}", headers=headers, timeout=PATIENCE).status_code


def test_requests_of_one_caller_that_hang_delay_no_other(server: Served) -> None:
    flood, other = make_token("flood"), make_token("other")
    engine = db.engine
    with ThreadPoolExecutor(MANY) as threads:
        with engine.connect() as lock, engine.connect() as watch:
            lock.execute(text("LOCK TABLE freezes IN ACCESS EXCLUSIVE MODE"))
            asked = [threads.submit(_status, server, "/freezes", flood) for _ in range(MANY)]
            eventually(lambda: watch.execute(WAITING).scalar_one() >= 2)
            assert [_status(server, "/whoami", other) for _ in range(5)] == [200] * 5
            assert watch.execute(WAITING).scalar_one() == 2
            lock.rollback()
        assert [each.result() for each in asked] == [200] * MANY


def test_devices_behind_one_token_are_callers_of_their_own() -> None:
    asked = b"GET /ddi/edge/controller/v1/gw-%d HTTP/1.1\r\nHost: x\r\nAuthorization: GatewayToken eucora_x\r\n\r\n"
    one, other = (caller_of(asked % n, "192.0.2.1") for n in (1, 2))
    assert one != other
    assert one == caller_of(asked.replace(b"gw-%d", b"gw-1/configData"), "192.0.2.2")
