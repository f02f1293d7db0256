"""When a token was last used: known to the minute, and no request writes it."""

from __future__ import annotations

import pytest
from flask import Flask

from app import queue
from app.identity import usage
from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.database import rows, statements
from tests.support.http import Client


@pytest.fixture
def client(database: Flask, clock: Clock) -> Client:
    """A client whose token this process has not seen."""
    usage._noted.clear()
    return Client(database.test_client(), make_token("tester"))


def last_used() -> object:
    return rows("SELECT last_used_at FROM tokens")[0].last_used_at


def test_a_use_is_written_once_a_minute(client: Client, clock: Clock) -> None:
    first = clock.time
    for _ in range(3):
        client.get("/whoami")
        clock.advance(1)
    assert last_used() is None
    usage.write()
    assert last_used() == first
    client.get("/whoami")
    usage.write()
    assert last_used() == first
    clock.advance(60)
    client.get("/whoami")
    usage.write()
    assert last_used() == clock.time


def test_a_request_writes_nothing_for_it(client: Client) -> None:
    with statements() as sent:
        client.get("/whoami")
    assert not any(it.lstrip().upper().startswith(("UPDATE", "INSERT")) for it in sent)


def test_a_later_use_is_not_replaced_by_an_earlier_one(client: Client, clock: Clock) -> None:
    client.get("/whoami")
    usage.write()
    written = last_used()
    queue.connection().hset(usage._USED, "1", clock.time.timestamp() - 600)
    usage.write()
    assert last_used() == written


def test_without_redis_requests_go_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import Redis

    with monkeypatch.context() as without:
        without.setattr(queue, "_connection", Redis(unix_socket_path="/nonexistent/redis.sock"))
        assert client.get("/whoami")["subject"] == "tester"


def test_there_may_be_nothing_to_write(database: Flask) -> None:
    usage.write()
    assert rows("SELECT 1 FROM events") == []
