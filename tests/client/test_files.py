"""Uploads and downloads of files: streamed, repeated, resumed, and checked."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.wrappers import Response

from client import Client, DamagedDownload, Problem, Unreachable
from tests.client.conftest import Person
from tests.client.support import Application, isolated, serving
from tests.support.api import make_token

CONTENT = bytes(range(256)) * 8192
HASH = hashlib.sha256(CONTENT).hexdigest()


class Breaking:
    """In front of the application: sends half of the first answers to GETs of contents, then drops the connection."""

    def __init__(self, application: Application, breaks: int) -> None:
        self.application, self.breaks = application, breaks
        self.ranges: list[str | None] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = Response.from_app(self.application, environ)
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].endswith(HASH):
            return answer(environ, start_response)
        self.ranges.append(environ.get("HTTP_RANGE"))
        if len(self.ranges) > self.breaks:
            return answer(environ, start_response)
        return self._half(answer, environ, start_response)

    def _half(self, answer: Response, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        data = answer.get_data()
        start_response(answer.status, list(answer.headers))
        yield data[: len(data) // 2]
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "package.bin"
    found.write_bytes(CONTENT)
    return found


def test_an_upload_is_sent_once(operator: Client, file: Path) -> None:
    first = operator.artifacts.upload(file)
    assert (first["sha256"], first["size"], first["name"]) == (HASH, len(CONTENT), "package.bin")
    assert operator.artifacts.upload(file, name="other.bin") == first


def test_a_download_that_breaks_off_goes_on(database: Flask, person: Person, file: Path, tmp_path: Path) -> None:
    person("operator").artifacts.upload(file)
    breaking = Breaking(isolated(database), breaks=2)
    with serving(breaking) as address, Client(address, make_token("reader"), sleep=lambda _: None) as client:
        client.artifacts.download(HASH, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    half = len(CONTENT) // 2
    assert breaking.ranges == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]


def test_a_later_download_goes_on_where_an_earlier_one_ended(
    database: Flask, person: Person, file: Path, tmp_path: Path
) -> None:
    person("operator").artifacts.upload(file)
    breaking = Breaking(isolated(database), breaks=1)
    options = {"sleep": lambda _: None, "retries": 0}
    with serving(breaking) as address, Client(address, make_token("reader"), **options) as client:  # type: ignore[arg-type]  # as declared
        with pytest.raises(Unreachable, match="broke off"):
            client.artifacts.download(HASH, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()
        client.artifacts.download(HASH, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    assert breaking.ranges == [None, f"bytes={len(CONTENT) // 2}-"]


def test_a_part_of_something_else_is_noticed_and_deleted(operator: Client, file: Path, tmp_path: Path) -> None:
    operator.artifacts.upload(file)
    part = tmp_path / "copy.part"
    part.write_bytes(b"something else")
    with pytest.raises(DamagedDownload):
        operator.artifacts.download(HASH, tmp_path / "copy")
    assert not part.exists()
    part.write_bytes(CONTENT)  # all of it is there already
    operator.artifacts.download(HASH.upper(), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_an_unknown_content_is_a_problem(operator: Client, tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        operator.artifacts.download("0" * 64, tmp_path / "copy")
    assert raised.value.type == "no-such-artifact"
    assert not (tmp_path / "copy").exists()
