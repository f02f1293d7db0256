"""Hostile bytes on the sockets of the real server: a problem document, nothing half-written, no worker lost."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from flask import Flask

from tests.support.database import nothing_written, rows
from tests.support.serving import Served, serving
from tests.support.wire import Answered, Wire, chunked, read

API = "/api/v1"
JSON = "Content-Type: application/json"
NDJSON = "Content-Type: application/x-ndjson"
CSV = "Content-Type: text/csv"
CHUNKED = "Transfer-Encoding: chunked"
INCIDENT = json.dumps({"severity": "P3", "title": "wire"}).encode()
SLOW = {"slow_heads": 200, "slow_bodies": 200, "slow_uploads": 50, "no_token": 50}
"""Far more slow connections than the eight threads of the one worker."""


def devices(count: int, first: int = 0) -> bytes:
    line = '{{"external_id": "half-{:05d}", "platform": "windows", "connector": "simulated"}}\n'
    return "".join(line.format(number) for number in range(first, first + count)).encode()


@pytest.fixture(scope="module")
def server(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("hostile") / "log", "--workers", "1", EUCORA_FAILED_LOGIN_LIMIT="0") as served:
        yield served


@pytest.fixture
def wire(server: Served, database: Flask, token: str) -> Wire:
    return Wire(server.url, token)


def workers(server: Served) -> set[int]:
    pid = server.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def memory(pid: int) -> int:
    """The bytes of a process that are in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def test_bytes_that_are_no_request_are_refused(wire: Wire, server: Served, subtests: pytest.Subtests) -> None:
    before = workers(server)
    head = wire.head
    cases: dict[str, tuple[bytes, int]] = {
        "no request line": (b"nonsense\r\n\r\n", 400),
        "lower-case method": (b"get / HTTP/1.1\r\n\r\n", 400),
        "long request line": (head("GET", f"/{'x' * 9000}"), 414),
        "too many headers": (head("GET", f"{API}/deployments", *(f"X-{n}: 1" for n in range(200))), 431),
        "a long header": (head("GET", f"{API}/deployments", "X-Long: " + "x" * 9000), 431),
        "a NUL in a header": (head("GET", f"{API}/deployments", "X-Nul: a\0b"), 400),
        "a folded header": (head("GET", f"{API}/deployments", "X-Folded: a", " b"), 400),
        "a bare line feed": (b"GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
        "an injected header": (head("GET", f"{API}/deployments", "X-Request-Id: a\rSet-Cookie: b"), 400),
        "a space in the path": (b"GET /api/v1/dep loyments HTTP/1.1\r\n\r\n", 400),
        "HTTP/9": (b"GET / HTTP/9.9\r\n\r\n", 400),
        "two lengths": (head("POST", f"{API}/incidents", JSON, "Content-Length: 5", "Content-Length: 6"), 400),
        "a length and chunks": (head("POST", f"{API}/incidents", JSON, "Content-Length: 5", CHUNKED), 400),
        "a negative length": (head("POST", f"{API}/incidents", JSON, "Content-Length: -5"), 400),
        "compressed chunks": (head("POST", f"{API}/incidents", JSON, "Transfer-Encoding: gzip, chunked"), 415),
        "an unknown expectation": (head("POST", f"{API}/incidents", JSON, "Content-Length: 9", "Expect: tea"), 417),
    }
    for name, (sent, status) in cases.items():
        with subtests.test(name), nothing_written():
            answer = wire.send(sent)
            assert answer.status == status
            answer.problem()
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert workers(server) == before


def test_a_body_that_breaks_off_is_never_a_shorter_one(wire: Wire, subtests: pytest.Subtests) -> None:
    cases: dict[str, tuple[bytes, ...]] = {
        "JSON": (wire.head("POST", f"{API}/incidents", JSON, "Content-Length: 5000"), INCIDENT),
        "a list": (wire.head("POST", f"{API}/devices", JSON, "Content-Length: 999"), b"[]"),
        "CSV": (
            wire.head("POST", f"{API}/devices", CSV, "Content-Length: 86"),
            b"platform,connector,external_id\nios,simulated,phone-00000001\nios,simulated,phone-0000",
        ),
        "a bad chunk size": (wire.head("POST", f"{API}/incidents", JSON, CHUNKED), chunked(INCIDENT, last=b"zz\r\n")),
        "a chunk without end": (wire.head("POST", f"{API}/incidents", JSON, CHUNKED), b"ff\r\n", INCIDENT),
        "no last chunk": (wire.head("POST", f"{API}/incidents", JSON, CHUNKED), chunked(INCIDENT, last=b"")),
        "a chunk that is too long": (
            wire.head("POST", f"{API}/incidents", JSON, CHUNKED),
            b"5\r\n" + INCIDENT + b"\r\n0\r\n\r\n",
        ),
    }
    for name, parts in cases.items():
        with subtests.test(name), nothing_written():
            answer = wire.send(*parts, end=True)
            assert answer.status == 400
            assert answer.problem()["type"] == "urn:eucora:problem:incomplete-body"


@pytest.mark.parametrize("framing", ["chunks", "length"])
def test_what_an_upload_stored_before_it_broke_is_said(wire: Wire, framing: str) -> None:
    lines = devices(2_500)
    if framing == "chunks":
        parts = (wire.head("POST", f"{API}/devices", NDJSON, CHUNKED), chunked(lines, last=b"zz\r\n"))
    else:
        parts = (wire.head("POST", f"{API}/devices", NDJSON, f"Content-Length: {len(lines) + 50}"), lines)
    answer = wire.send(*parts, end=True)
    assert answer.status == 400
    *results, stop = [json.loads(line) for line in answer.body.splitlines()]
    assert {result["status"] for result in results} == {"created"}
    assert (stop["status"], stop["line"]) == ("stopped", len(results) + 1)
    assert "broke off" in stop["errors"][0]["message"]
    stored = {row.external_id for row in rows("SELECT external_id FROM devices")}
    assert stored == {f"half-{number:05d}" for number in range(len(results))}


def test_a_whole_chunked_body_is_taken_however_it_arrives(wire: Wire) -> None:
    body = chunked(INCIDENT[:7], INCIDENT[7:], last=b"0\r\nX-Trailer: 1\r\n\r\n")
    head = wire.head("POST", f"{API}/incidents", JSON, CHUNKED)
    pieces = [bytes([byte]) for byte in head + body]
    assert wire.send(*pieces).status == 201


def test_requests_that_follow_at_once_are_answered_in_order(wire: Wire) -> None:
    first = wire.head("POST", f"{API}/incidents", JSON, f"Content-Length: {len(INCIDENT)}") + INCIDENT
    with wire.connect() as connected:
        connected.sendall(first + wire.head("GET", "/healthz") + wire.head("GET", f"{API}/nothing"))
        stream = connected.makefile("rb")
        statuses: list[int] = []
        while len(statuses) < 3:
            line = stream.readline()
            if line.startswith(b"HTTP/1.1 "):
                statuses.append(int(line.split()[1]))
            elif b"HTTP/1.1 " in line:
                statuses.append(int(line.split(b"HTTP/1.1 ")[1].split()[0]))
        assert statuses == [201, 200, 404]


def test_a_client_that_waits_for_permission_gets_it(wire: Wire) -> None:
    with wire.connect() as connected:
        length = f"Content-Length: {len(INCIDENT)}"
        connected.sendall(wire.head("POST", f"{API}/incidents", JSON, length, "Expect: 100-continue"))
        assert connected.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        connected.sendall(INCIDENT)
        assert read(connected).status == 201


def slow_heads(wire: Wire) -> bytes:
    return wire.head("GET", f"{API}/deployments")[:-2] + b"X-Slow: "


def slow_bodies(wire: Wire) -> bytes:
    return wire.head("POST", f"{API}/incidents", JSON, "Content-Length: 900") + INCIDENT[:9]


def slow_uploads(wire: Wire) -> bytes:
    """More than the server collects before a thread reads the rest, in fewer lines than it stores at once."""
    line = json.dumps({"external_id": "x" * 150, "platform": "windows", "connector": "simulated"}).encode() + b"\n"
    return wire.head("POST", f"{API}/devices", NDJSON, "Content-Length: 9000000") + line * 900


def no_token(wire: Wire) -> bytes:
    return slow_uploads(Wire(wire.url, "nothing"))


@pytest.mark.parametrize("start", [slow_heads, slow_bodies, slow_uploads, no_token])
def test_slow_clients_do_not_stop_the_others(wire: Wire, server: Served, start: Callable[[Wire], bytes]) -> None:
    """With a thread for each of them, even one that gave up after seconds, the answers would not come in time."""
    slow: list[socket.socket] = []
    before = workers(server)
    try:
        for _ in range(SLOW[start.__name__]):
            slow.append(wire.connect())
            slow[-1].sendall(start(wire))
        headers = {"Authorization": f"Bearer {wire.token}"}
        with httpx.Client(headers=headers, timeout=60) as client:
            for _ in range(20):
                for connected in slow[:50]:
                    trickle(connected)
                assert client.get(f"{wire.url}/healthz").status_code == 200
                assert client.get(f"{wire.url}{API}/deployments").status_code == 200
    finally:
        for connected in slow:
            connected.close()
    assert workers(server) == before


def trickle(connected: socket.socket) -> None:
    with suppress(OSError):  # the server may have given it up
        connected.send(b"x")


def test_a_slow_request_ends_as_a_problem(wire: Wire) -> None:
    with wire.connect() as connected:
        connected.sendall(slow_heads(wire))
        answer: Answered = read(connected)
    assert answer.status == 408
    assert answer.problem()["type"] == "urn:eucora:problem:request-timeout"


def test_huge_lists_of_errors_do_not_grow_the_worker(wire: Wire, server: Served, subtests: pytest.Subtests) -> None:
    """Each made the worker grow by hundreds of megabytes, or the answer by a factor of eighty."""
    (worker,) = workers(server)
    limit = 1024 * 1024
    wrong = {
        "empty objects": (f"{API}/reports", JSON, b"[" + b"{}," * 349_000 + b"{}]"),
        "numbers": (f"{API}/reports", JSON, b"[" + b"1," * 520_000 + b"1]"),
        "lines": (f"{API}/reports", NDJSON, b"{}\n" * 333_333),
        "unknown fields": (f"{API}/incidents", JSON, json.dumps({f"k{n}": 1 for n in range(80_000)}).encode()),
        "a list inside": (f"{API}/devices/retire", JSON, b'{"external_ids": [' + b"1," * 500_000 + b"1]}"),
        "long names": (f"{API}/incidents", JSON, json.dumps({"k" * 9000 + str(n): 1 for n in range(110)}).encode()),
    }
    for name, (path, content_type, body) in wrong.items():
        with subtests.test(name):
            assert len(body) <= limit
            before = memory(worker)
            answer = wire.send(wire.head("POST", path, content_type, f"Content-Length: {len(body)}"), body)
            assert answer.status in (400, 422)
            assert len(answer.body) < limit
            if content_type == JSON:
                assert len(answer.problem().get("errors", ())) <= 100
            assert memory(worker) - before < 100 * limit
