"""What is repeated, and that it is carried out once: broken connections, and a server that asks to come back."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.wrappers import Response

from client import Client, Problem, Unreachable
from client.session import FIRST_WAIT
from tests.client.conftest import Person
from tests.client.support import Application, closed_port, devices, serving
from tests.support.api import ARTIFACT, make_token


class Dropping:
    """In front of the application: carries every request out, and drops the connection in place of some answers."""

    def __init__(self, application: Application, drops: int) -> None:
        self.application, self.drops = application, drops
        self.keys: list[str | None] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.keys.append(environ.get("HTTP_IDEMPOTENCY_KEY"))
        answer = Response.from_app(self.application, environ)
        if len(self.keys) > self.drops:
            return answer(environ, start_response)
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        start_response("200 OK", [])
        return []


class Busy:
    """In front of the application: answers the first requests with a 503 and when to come back."""

    def __init__(self, application: Application, refusals: int, retry_after: str | None) -> None:
        self.application, self.refusals = application, refusals
        self.headers = {} if retry_after is None else {"Retry-After": retry_after}
        self.asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        if self.asked > self.refusals:
            return self.application(environ, start_response)
        return Response("busy", 503, self.headers)(environ, start_response)


def deploy(client: Client, **options: Any) -> int:
    about = {"artifact_hash": ARTIFACT, "plan": "demo", "scope": {"everyone": True}}
    release = {"application": "vpn", "version": "1", **about, **options}
    return client.deployments.create(platform="windows", **release)["id"]


def stored(table: str) -> int:
    from app.db import db

    with db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_mutation_whose_answer_is_lost_is_carried_out_once(database: Flask) -> None:
    dropping, waits = Dropping(database.wsgi_app, drops=2), list[float]()
    with serving(dropping) as url, Client(url, make_token("operator"), sleep=waits.append) as client:
        number = deploy(client)
    assert len(dropping.keys) == 3
    assert len({*dropping.keys, None}) == 2
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT]
    assert (number, stored("deployments")) == (1, 1)


def test_each_call_has_a_key_of_its_own_unless_it_names_one(database: Flask) -> None:
    seen = Dropping(database.wsgi_app, drops=0)
    with serving(seen) as url, Client(url, make_token("operator")) as client:
        client.devices.register(devices(1))
        client.devices.register(devices(1))
        first = deploy(client, idempotency_key="release-42")
        assert deploy(client, idempotency_key="release-42") == first
        with pytest.raises(Problem) as caught:
            deploy(client, idempotency_key="release-42", version="2")
    assert caught.value.type == "idempotency-key-reused"
    assert len(set(seen.keys)) == 3
    assert stored("deployments") == 1


def test_a_get_is_repeated_after_a_broken_connection(database: Flask) -> None:
    dropping, waits = Dropping(database.wsgi_app, drops=1), list[float]()
    with serving(dropping) as url, Client(url, make_token("operator"), sleep=waits.append) as client:
        assert client.devices.list()["items"] == []
    assert (dropping.keys, waits) == ([None, None], [FIRST_WAIT])


def test_an_upload_is_sent_once(database: Flask) -> None:
    dropping, waits = Dropping(database.wsgi_app, drops=1), list[float]()
    with serving(dropping) as url, Client(url, make_token("operator"), sleep=waits.append) as client:
        with pytest.raises(Unreachable) as caught:
            client.devices.upload(b"external_id,platform,connector\na,linux,simulated\n")
        assert caught.value.idempotency_key is None
        assert (len(dropping.keys), waits) == (1, [])
        again = client.devices.upload(b"external_id,platform,connector\na,linux,simulated\n")
        assert [it["status"] for it in again] == ["unchanged"]


def test_the_number_of_repetitions_is_bounded_and_the_key_can_be_used_again(database: Flask) -> None:
    dropping, waits = Dropping(database.wsgi_app, drops=4), list[float]()
    with serving(dropping) as url, Client(url, make_token("operator"), retries=3, sleep=waits.append) as client:
        with pytest.raises(Unreachable) as caught:
            deploy(client)
        assert (len(dropping.keys), len(waits)) == (4, 3)
        assert deploy(client, idempotency_key=caught.value.idempotency_key) == 1
    assert stored("deployments") == 1


def test_where_nothing_listens_the_error_says_so() -> None:
    waits: list[float] = []
    with closed_port() as url, Client(url, "token", sleep=waits.append) as client:
        with pytest.raises(Unreachable) as caught:
            client.deployments.get(1)
        assert f"GET {url}/api/v1/deployments/1 was not answered" in str(caught.value)
    assert len(waits) == 2


@pytest.mark.parametrize("refusals", [1, 2])
def test_a_server_that_says_when_to_come_back_is_asked_again(database: Flask, refusals: int) -> None:
    busy, waits = Busy(database.wsgi_app, refusals, "3"), list[float]()
    with serving(busy) as url, Client(url, make_token("operator"), sleep=waits.append) as client:
        assert [it["status"] for it in client.devices.register(devices(2))] == ["created"] * 2
    assert waits == [3.0] * refusals


@pytest.mark.parametrize("retry_after", [None, "31", "soon"])
def test_a_server_that_does_not_say_when_or_much_later_is_not(database: Flask, retry_after: str | None) -> None:
    busy, waits = Busy(database.wsgi_app, 1, retry_after), list[float]()
    with (
        serving(busy) as url,
        Client(url, make_token("operator"), sleep=waits.append) as client,
        pytest.raises(Problem) as caught,
    ):
        client.devices.list()
    assert (caught.value.status, busy.asked, waits) == (503, 1, [])


def test_a_control_plane_that_stays_unavailable_is_a_problem(database: Flask, person: Person) -> None:
    from app.dashboards.service import EXTENSION
    from app.metrics.reading.bounded import BoundedGraphite

    installed, waits = database.extensions[EXTENSION], list[float]()
    client = person("operator", sleep=waits.append)
    board = client.dashboards.get(client.dashboards.list()[0]["uid"])
    panel = next(each for each in board["panels"] if each.get("targets"))
    with closed_port() as nowhere:
        unreachable = BoundedGraphite(nowhere, at_once=1, timeout=1)
        database.extensions[EXTENSION] = replace(installed, graphite=unreachable)
        try:
            with pytest.raises(Problem) as caught:
                client.dashboards.panel(board["uid"], panel["id"])
        finally:
            database.extensions[EXTENSION] = installed
    assert (caught.value.status, caught.value.type) == (503, "graphite-unavailable")
    assert waits == [caught.value.retry_after] * 2


def test_a_late_answer_is_not_waited_for_again() -> None:
    waits: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = Client(url, "token", timeout=0.2, sleep=waits.append)
        with client, pytest.raises(Unreachable, match="timed out"):
            client.deployments.get(1)
    assert waits == []


def test_a_client_that_is_closed_has_no_connections(database: Flask) -> None:
    with serving(database.wsgi_app) as url:
        with Client(url, make_token("operator")) as client:
            assert client.health.alive() == {"status": "ok"}
        with pytest.raises(RuntimeError, match="closed"):
            client.health.alive()
