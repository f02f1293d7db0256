"""Uploads and downloads on the sockets of the real server: bodies without a length, cut or too large, and memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from tests.support.artifacts import sha256
from tests.support.database import nothing_written
from tests.support.serving import Served, serving
from tests.support.wire import Wire, chunked

CONTENT = b"some content of a file"
LIMIT = 200 * 1024 * 1024
LARGE = 150 * 1024 * 1024
BLOCK = bytes(range(256)) * 4096
CHUNKED = "Transfer-Encoding: chunked"
MOST_MEMORY = 60 * 1024 * 1024
"""Far less than the large content."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wire") / "store"


@pytest.fixture(scope="module")
def server(app: Flask, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {"EUCORA_ARTIFACTS_URL": store.as_uri(), "EUCORA_ARTIFACTS_LIMIT": str(LIMIT)}
    with serving(tmp_path_factory.mktemp("wire") / "log", "--workers", "1", **settings) as served:
        yield served


@pytest.fixture
def wire(server: Served, database: Flask, token: str) -> Wire:
    return Wire(server.url, token)


def path(digest: str) -> str:
    return f"/api/v1/artifacts/{digest}"


def files(store: Path) -> list[str]:
    return sorted(file.name for file in store.rglob("*") if file.is_file())


def test_a_body_in_chunks_needs_no_length(wire: Wire, store: Path) -> None:
    body = chunked(CONTENT[:5], CONTENT[5:])
    assert wire.send(wire.head("PUT", path(sha256(CONTENT)), CHUNKED), body).status == 201
    assert wire.send(wire.head("GET", path(sha256(CONTENT)))).body == CONTENT


@pytest.mark.parametrize("cut", [chunked(CONTENT, last=b""), chunked(CONTENT, last=b"5\r\nab")])
def test_a_cut_body_in_chunks_keeps_nothing(wire: Wire, store: Path, cut: bytes) -> None:
    before = files(store)
    with nothing_written():
        answer = wire.send(wire.head("PUT", path(sha256(CONTENT + b"ab")), CHUNKED), cut, end=True)
    assert (answer.status, answer.problem()["type"]) == (400, "urn:eucora:problem:incomplete-body")
    assert files(store) == before


def test_a_cut_body_keeps_nothing(wire: Wire, store: Path) -> None:
    before = files(store)
    head = wire.head("PUT", path(sha256(CONTENT + b"more")), f"Content-Length: {len(CONTENT) + 4}")
    assert wire.send(head, CONTENT, end=True).status == 400
    assert files(store) == before


def test_a_body_in_chunks_beyond_the_limit(server: Served, token: str, database: Flask, store: Path) -> None:
    before = files(store)
    pieces = (BLOCK for _ in range(LIMIT // len(BLOCK) + 1))
    with httpx.Client(base_url=server.url, timeout=60) as http, nothing_written():
        answer = http.put(path("0" * 64), content=pieces, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 413, answer.text
    assert files(store) == before


def test_a_large_content_is_never_in_memory(server: Served, token: str, database: Flask) -> None:
    digest = hashlib.sha256()
    for _ in range(LARGE // len(BLOCK)):
        digest.update(BLOCK)
    before = peak(server)
    pieces = (BLOCK for _ in range(LARGE // len(BLOCK)))
    with httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as http:
        assert http.put(path(digest.hexdigest()), content=pieces).status_code == 201
        received = hashlib.sha256()
        with http.stream("GET", path(digest.hexdigest())) as answer:
            assert int(answer.headers["Content-Length"]) == LARGE
            for piece in answer.iter_bytes():
                received.update(piece)
    assert received.digest() == digest.digest()
    assert peak(server) - before < MOST_MEMORY


def peak(server: Served) -> int:
    """The most memory that the one worker had so far, in bytes."""
    pid = server.process.pid
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    (line,) = (line for line in Path(f"/proc/{worker}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
