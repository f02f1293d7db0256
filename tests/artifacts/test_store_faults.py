"""Stores that are full, do not respond, or have lost or kept what they should not; and what finds and repairs it."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import clock as source
from app.artifacts import checking
from app.artifacts.storage import Storage
from app.db import db
from app.doctor import storage as doctor
from app.doctor.check import CheckContext, CheckResult, CheckState
from app.retention import service as retention
from app.settings import load_settings
from tests.artifacts.conftest import Chosen
from tests.client.support import closed_port
from tests.support.api import Api
from tests.support.artifacts import kept, sha256, upload
from tests.support.clock import Clock
from tests.support.database import nothing_written, rows
from tests.support.http import refused
from tests.support.s3 import S3

CONTENT, OTHER = b"a content", b"another"
PART = bytes(9 * 1024 * 1024)
DAYS = timedelta(days=3)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that is full after so many bytes: the kernel refuses to write more of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk(api: Api, folder: Storage) -> None:
    with nothing_written(), files_of_at_most(1024 * 1024):
        problem = refused(upload(api, PART), 507, "store-full")
    assert "is full" in problem["detail"]
    assert kept(folder) == []
    assert folder.discard_unfinished(source.now() + DAYS) == 0
    assert upload(api, PART).status_code == 201


def test_a_folder_that_is_none(api: Api, chosen: Chosen, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    chosen(EUCORA_ARTIFACTS_URL=(tmp_path / "file" / "store").as_uri())
    with nothing_written():
        refused(upload(api, CONTENT), 503, "store-unavailable")


def test_a_server_that_does_not_respond(api: Api, s3: S3, chosen: Chosen, bucket: Storage) -> None:
    upload(api, CONTENT)
    with closed_port() as address, nothing_written():
        chosen(EUCORA_ARTIFACTS_ENDPOINT=address)
        answer = upload(api, OTHER)
        refused(answer, 503, "store-unavailable")
        assert answer.headers["Retry-After"]
        assert "a-secret" not in answer.text
        refused(api.raw("GET", f"/artifacts/{sha256(CONTENT)}"), 503, "store-unavailable")
        refused(api.raw("DELETE", f"/artifacts/{sha256(CONTENT)}"), 503, "store-unavailable")
        assert examined().state is CheckState.FAIL
    chosen(EUCORA_ARTIFACTS_ENDPOINT=s3.url)
    assert api.raw("GET", f"/artifacts/{sha256(CONTENT)}").data == CONTENT


def test_a_bucket_that_does_not_exist(api: Api, s3: S3, chosen: Chosen) -> None:
    chosen(**s3.settings("not-made-yet"))
    detail = refused(upload(api, CONTENT), 503, "store-unavailable")["detail"]
    assert "flask --app wsgi artifacts prepare" in detail
    result = api.client.application.test_cli_runner().invoke(args=["artifacts", "prepare"])
    assert (result.exit_code, result.output) == (0, "Artifacts are stored in s3://not-made-yet/artifacts/.\n")
    assert upload(api, CONTENT).status_code == 201


def test_an_upload_that_takes_too_long(api: Api, folder: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 10_000_000, 1_000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(moments)))
    with nothing_written():
        refused(upload(api, PART), 408, "request-timeout")
    monkeypatch.undo()
    assert folder.discard_unfinished(source.now() + DAYS) == 0


def test_a_content_that_was_lost_is_repaired(api: Api, place: Storage) -> None:
    stored = upload(api, CONTENT).json
    place.delete(sha256(CONTENT))
    refused(api.raw("GET", f"/artifacts/{sha256(CONTENT)}"), 404, "artifact-content-missing")
    assert api.raw("HEAD", f"/artifacts/{sha256(CONTENT)}").status_code == 404
    found = examined()
    assert found.state is CheckState.FAIL
    assert sha256(CONTENT)[:12] in found.detail
    again = upload(api, CONTENT)
    assert (again.status_code, again.json) == (201, stored)
    assert examined().state is CheckState.OK
    types = [row.type for row in rows("SELECT type FROM events WHERE type LIKE 'artifact%' ORDER BY id")]
    assert types == ["artifact.stored", "artifact.repaired"]


def test_leftovers_go_after_a_day(api: Api, place: Storage, clock: Clock) -> None:
    upload(api, CONTENT)
    orphan, unfinished = place.begin(sha256(OTHER), None), place.begin(sha256(PART), None)
    orphan.write(OTHER)
    orphan.keep()
    unfinished.write(PART)
    found = checking.compare(place, db.session())
    assert ([each.sha256 for each in found.orphans], found.missing) == ([sha256(OTHER)], [])
    assert checking.remove_orphans(source.now() - timedelta(days=1)) == {"orphans": 0, "unfinished": 0}
    clock.advance(DAYS.total_seconds())
    assert examined().state is CheckState.WARN
    clock.advance((24 - source.now().hour) * 3_600)
    retention.run()
    assert kept(place) == [sha256(CONTENT)]
    assert place.discard_unfinished(source.now()) == 0
    (swept,) = rows("SELECT payload FROM events WHERE type = 'artifacts.swept'")
    assert swept.payload == {"orphans": 1, "unfinished": 1}
    assert api.raw("GET", f"/artifacts/{sha256(CONTENT)}").data == CONTENT


def test_check_names_what_is_missing_and_damaged(api: Api, folder: Storage, database: Flask) -> None:
    for content in (CONTENT, OTHER, PART):
        upload(api, content)
    run = database.test_cli_runner().invoke
    assert run(args=["artifacts", "check", "--read"]).exit_code == 0
    folder.delete(sha256(CONTENT))
    Path(str(folder), sha256(OTHER)[:2], sha256(OTHER)).write_bytes(b"ANOTHER")
    sizes = run(args=["artifacts", "check"])
    assert (sizes.exit_code, f"{sha256(CONTENT)} is missing" in sizes.output) == (1, True)
    assert sha256(OTHER) not in sizes.output
    read = run(args=["artifacts", "check", "--read"])
    assert (read.exit_code, f"{sha256(OTHER)} is damaged" in read.output) == (1, True)
    assert "3 artifacts" in read.output


def examined() -> CheckResult:
    return doctor.artifacts(CheckContext(load_settings()))
