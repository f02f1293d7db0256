"""Requests that wait and streams on the real server: hundreds of them cost no thread, and none misses anything."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.db import db
from app.events.unit import CHAIN_LOCK, unit_of_work
from app.http import parking
from app.identity.roles import Role
from app.identity.scopes import Scopes
from app.settings import load_settings
from tests.support.api import API, Api, make_token
from tests.support.database import rows
from tests.support.events import blocks
from tests.support.jobs import Work
from tests.support.serving import Served, serving
from tests.support.waiting import PATIENCE, eventually

WAITERS = 100
LONG = 60
THREADS = 8 + 1 + 1 + 1
"""Of a worker: those of the pool, the main loop, that of health checks, and the watch."""


@pytest.fixture(scope="module")
def server(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("parked") / "log", "--workers", "1", EUCORA_FAILED_LOGIN_LIMIT="0") as served:
        yield served


@pytest.fixture
def deployed(api: Api) -> Api:
    """Deployment 1, at version 1, which is not planned."""
    api.register(10)
    api.deploy()
    return api


class Reader:
    """A request that is sent by hand, whose answer is read when it comes."""

    def __init__(self, server: Served, token: str, path: str, *headers: str, receive: int = 0) -> None:
        address = urlsplit(server.url)
        self.socket = socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((address.hostname or "", address.port or 0))
        self._file = self.socket.makefile("rb")
        self._token = token
        self.headers: dict[str, str] = {}
        self.ask(path, *headers)

    def ask(self, path: str, *headers: str) -> None:
        """Send a request on this connection."""
        lines = (f"GET {API}{path} HTTP/1.1", "Host: test", f"Authorization: Bearer {self._token}", *headers, "", "")
        self.socket.sendall("\r\n".join(lines).encode())

    def head(self) -> int:
        """Read the head of the answer; its status."""
        status = int(self._file.readline().split()[1])
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value
        return status

    def body(self) -> Any:
        return json.loads(self._file.read(int(self.headers["content-length"])))

    def lines(self) -> Iterator[str]:
        """The lines of a chunked body, until it ends as it should."""
        assert self.headers["transfer-encoding"] == "chunked"
        rest = ""
        while size := int(self._file.readline(), 16):
            rest += self._file.read(size + 2)[:-2].decode()
            *whole, rest = rest.split("\n")
            yield from whole
        assert self._file.readline() == b"\r\n"
        assert rest == ""

    def events(self) -> Iterator[dict[str, Any]]:
        return (json.loads(block["data"]) for block in blocks(self.lines()) if "data" in block)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


Open = Callable[..., Reader]


@pytest.fixture
def opened(server: Served, token: str) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_(path: str, *headers: str, as_: str = token, **options: int) -> Reader:
            reader = Reader(server, as_, path, *headers, **options)
            stack.callback(reader.close)
            return reader

        yield open_
    db.session.remove()
    eventually(lambda: connections(server) == 0)
    eventually(is_quiet)  # the next test empties the tables, which the watch must not be reading


@pytest.fixture
def get(server: Served, token: str) -> Callable[..., httpx.Response]:
    def ask(path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return httpx.get(f"{server.url}{API}{path}", headers=headers, timeout=PATIENCE, **options)

    return ask


def worker(server: Served) -> int:
    pid = server.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def threads(server: Served) -> int:
    return len(list(Path(f"/proc/{worker(server)}/task").iterdir()))


def connections(server: Served) -> int:
    """How many connections of clients the server has."""
    port = f"{urlsplit(server.url).port:04X}"
    found = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1].endswith(f":{port}") and line[3] == "01" for line in found)


def is_quiet() -> bool:
    """Whether nobody else has a transaction open."""
    found = rows(
        "SELECT 1 FROM pg_stat_activity WHERE state <> 'idle' AND datname = current_database()"
        " AND usename = current_user AND pid <> pg_backend_pid()"
    )
    return not found


def happen(count: int = 1, actor: str = "tester", **payload: Any) -> None:
    with unit_of_work(actor) as unit:
        for number in range(count):
            unit.record("subject.roles_changed", {"number": number, **payload})


def test_hundreds_wait_without_a_thread_and_all_are_answered(deployed: Api, server: Served, opened: Open) -> None:
    tokens = [make_token(f"waiter-{number}") for number in range(4)]
    waits = [opened(f"/deployments/1?wait={LONG}&version=1", as_=tokens[number % 4]) for number in range(WAITERS)]
    streams = [opened("/events/stream?deployment_id=1", as_=tokens[number % 4]) for number in range(WAITERS // 4)]
    assert {stream.head() for stream in streams} == {200}
    following = [stream.events() for stream in streams]
    assert threads(server) <= THREADS
    assert httpx.get(f"{server.url}/readyz", timeout=PATIENCE).status_code == 200, "threads are free"
    idle = rows("SELECT count(*) AS open FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
    assert idle[0].open == 0
    assert deployed.post("/deployments/1/abort", {"reason": "seen"})[0] == 200
    for waiter in waits:
        assert waiter.head() == 200
        assert (waiter.body()["version"], waiter.headers["etag"][:3]) == (2, '"2-')
    for stream in following:
        assert next(stream)["type"] == "deployment.aborted"
    assert threads(server) <= THREADS


def test_a_connection_is_kept_after_it_has_waited(deployed: Api, opened: Open) -> None:
    reader = opened("/deployments/1?wait=1&version=1")
    again = f"GET {API}/deployments/7 HTTP/1.1\r\nHost: test\r\n\r\n"
    reader.socket.sendall(again.encode())  # before the first is answered
    assert (reader.head(), reader.body()["version"]) == (200, 1)
    assert (reader.head(), reader.body()["status"]) == (401, 401)


def test_with_an_etag_it_answers_304_or_when_anything_changes(
    deployed: Api, opened: Open, get: Callable[..., httpx.Response], work: Work
) -> None:
    work()  # what is not planned has no holds
    etag = get("/deployments/1").headers["ETag"]
    assert opened("/deployments/1?wait=1", f"If-None-Match: {etag}").head() == 304
    reader = opened(f"/deployments/1?wait={LONG}", f"If-None-Match: {etag}")
    assert deployed.post("/freezes", {"reason": "quarter end"})[0] == 201
    assert reader.head() == 200
    assert [hold["hold"] for hold in reader.body()["holds"]] == ["freeze"]


def test_who_leaves_frees_the_place(deployed: Api, server: Served, opened: Open) -> None:
    before = connections(server)
    readers = [opened(f"/deployments/1?wait={LONG}&version=1") for _ in range(20)]
    readers += [opened("/events/stream") for _ in range(20)]
    eventually(lambda: connections(server) == before + 40)
    for reader in readers:
        reader.close()
    eventually(lambda: connections(server) == before)


def test_a_token_has_a_limited_number_of_places(
    deployed: Api, opened: Open, get: Callable[..., httpx.Response]
) -> None:
    streams = [opened("/events/stream") for _ in range(parking.GUESTS_OF_TOKEN)]
    assert {stream.head() for stream in streams} == {200}
    for path in ("/events/stream", "/deployments/1?wait=5&version=1"):
        refused = get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert refused.json()["type"] == "urn:eucora:problem:too-many-waiting-of-token"
    assert get("/deployments/1?wait=5&version=0").status_code == 200, "what need not wait needs no place"
    assert opened("/events/stream", as_=make_token("other")).head() == 200
    streams[0].close()
    eventually(lambda: get("/deployments/1?wait=1&version=1").status_code == 200)


def test_nobody_misses_an_event_however_commits_are_delayed(
    database: Flask, server: Served, opened: Open, token: str
) -> None:
    """Eight writers at once, whose commits are held up, and a reader that connects again and again."""
    constant = opened("/events/stream?after=0&actor=writer")
    got: list[int] = []
    assert constant.head() == 200

    def follow() -> None:
        position, pieces = 0, 0
        while len(got) < 400:
            pieces += 1
            reader = opened(f"/events/stream?actor=writer&after={position}", "Last-Event-ID: " + str(position))
            assert reader.head() == 200
            for _, event in zip(range(pieces % 7 + 1), reader.events(), strict=False):
                got.append(event["id"])
                position = event["id"]
                if len(got) == 400:
                    break
            reader.close()

    def write(number: int) -> None:
        with database.app_context():
            for turn in range(10):
                happen(5, "writer", writer=number, turn=turn)

    def hold_up() -> None:
        engine = create_engine(load_settings().database_url)
        while not done.is_set():
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
                done.wait(0.05)
            done.wait(0.01)
        engine.dispose()

    done = threading.Event()
    with ThreadPoolExecutor(12) as pool:
        holder, reader = pool.submit(hold_up), pool.submit(follow)
        for writer in [pool.submit(write, number) for number in range(8)]:
            writer.result()
        reader.result()
        done.set()
        holder.result()
    ids = [row.id for row in rows("SELECT id FROM events WHERE actor = 'writer' ORDER BY id")]
    assert len(ids) == 400
    assert got == ids
    assert [event["id"] for _, event in zip(ids, constant.events(), strict=False)] == ids


def test_a_limited_token_streams_what_it_reaches(deployed: Api, opened: Open) -> None:
    deployed.deploy(application="notes")
    limited = opened("/events/stream", as_=make_token("limited", Role.VIEWER, Scopes(applications=("notes",))))
    assert limited.head() == 200
    events = limited.events()
    happen()
    for number in (1, 2):
        assert deployed.post(f"/deployments/{number}/abort", {"reason": "seen"})[0] == 200
    assert next(events)["deployment_id"] == 2


@pytest.mark.parametrize("end", ["revoked", "rotated", "expired"])
def test_a_token_that_ends_ends_its_streams(database: Flask, opened: Open, end: str) -> None:
    ending = make_token("ending")
    other, stream = opened("/events/stream"), opened("/events/stream", as_=ending)
    assert {other.head(), stream.head()} == {200}
    of_subject = "(SELECT t.id FROM tokens t JOIN subjects s ON s.id = t.subject_id WHERE s.name = 'ending')"
    (row,) = rows(f"SELECT id FROM tokens WHERE id = {of_subject}")
    change = {"revoked": "revoked_at = now()", "expired": "expires_at = now()", "rotated": "last_used_at = now()"}[end]
    with unit_of_work("tester") as unit:
        unit.session.execute(text(f"UPDATE tokens SET {change} WHERE id = :id"), {"id": row.id})
        if end != "expired":  # of an expiry, nothing is recorded
            unit.record(f"token.{end}", {"token_id": row.id, "role": "admin"})
    assert list(stream.events()) == [], "it sends nothing more, and ends as a stream does"
    happen()
    assert {next(other.events())["type"]} <= {f"token.{end}", "subject.roles_changed"}


def test_a_slow_reader_is_dropped_and_others_go_on(database: Flask, server: Served, opened: Open) -> None:
    slow = opened("/events/stream?after=0", receive=4096)
    assert slow.head() == 200
    quick = opened("/events/stream?after=0")
    assert quick.head() == 200
    with ThreadPoolExecutor(1) as pool:
        count = 4_000
        reading = pool.submit(lambda: sum(1 for _ in zip(range(count), quick.events(), strict=False)))
        before = connections(server)
        for _ in range(8):
            happen(count // 8, text="x" * 1_000)
        assert reading.result() == count
    eventually(lambda: connections(server) < before)
    with pytest.raises((ConnectionError, ValueError, AssertionError)):
        list(slow.events())


def test_an_old_client_gets_the_events_without_chunks(database: Flask, server: Served, token: str) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0), PATIENCE) as client:
        head = f"GET {API}/events/stream?after=0&seconds=0 HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n"
        happen(3)
        client.sendall(head.encode())
        answer = client.makefile("rb").read().decode()
    assert "chunked" not in answer.lower()
    body = answer.partition("\r\n\r\n")[2]
    assert [block["id"] for block in blocks(body.splitlines()) if "data" in block] == ["1", "2", "3"]


def test_a_stream_ends_when_its_time_is_over(database: Flask, opened: Open) -> None:
    reader = opened("/events/stream?seconds=1")
    assert reader.head() == 200
    assert reader.headers["x-accel-buffering"] == "no"
    assert list(reader.events()) == []


def test_without_redis_and_statsd_a_change_still_wakes(app: Flask, deployed: Api, tmp_path: Path, token: str) -> None:
    nothing = {"EUCORA_REDIS_URL": "redis://127.0.0.1:1/0", "EUCORA_STATSD_PORT": "1"}
    with serving(tmp_path / "log", "--workers", "1", **nothing) as alone:
        waits = [Reader(alone, token, f"/deployments/1?wait={LONG}&version=1") for _ in range(8)]
        stream = Reader(alone, token, "/events/stream")
        assert stream.head() == 200
        assert deployed.post("/deployments/1/abort", {"reason": "seen"})[0] == 200
        assert {(wait.head(), wait.body()["version"]) for wait in waits} == {(200, 2)}
        events = stream.events()
        assert next(events)["type"] == "deployment.aborted"
        # A server that stops ends streams as they should end, answers who waits, and refuses nothing.
        waiting = waits[0]
        waiting.ask(f"/deployments/1?wait={LONG}&version=2")
        began = time.monotonic()
        alone.process.send_signal(signal.SIGTERM)
        assert list(events) == []
        assert (waiting.head(), waiting.body()["version"]) == (200, 2)
        alone.process.wait(PATIENCE)
        assert time.monotonic() - began < LONG
        log = (tmp_path / "log").read_text()
        assert not re.search("^Traceback|SIGKILL", log, re.MULTILINE), log
