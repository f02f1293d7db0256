"""The end of the log, whisper files and free space, each as it is and as it should not be."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from app import clock as source
from app.audit import heads
from app.db import db
from app.doctor import storage
from app.doctor.check import CheckContext, CheckState
from app.events.models import EventArchive
from app.events.unit import unit_of_work
from app.http.idempotency import claim
from app.metrics.proof import whisper
from app.retention import service as retention
from tests.support import log
from tests.support.clock import Clock

DAY = 86_400
Make = Callable[..., CheckContext]


def wsp(file: Path, points: int = 100, cut: int = 0) -> Path:
    """A whisper file of one archive, perhaps cut."""
    head = struct.pack("!2LfL", 2, points, 0.5, 1) + struct.pack("!3L", 28, 1, points)
    content = head + bytes(12 * points)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content[: len(content) - cut])
    return file


def test_a_whole_log_is_well(database: Flask, context: Make, tmp_path: Path) -> None:
    log.write(3)
    head = heads.present()
    assert head is not None
    file = tmp_path / "heads.jsonl"
    file.write_text(head.as_line())
    assert storage.event_log(context(event_heads_file=str(file))).state is CheckState.OK


def test_a_log_that_is_older_than_its_heads_says_how_to_accept_a_restore(
    database: Flask, context: Make, tmp_path: Path
) -> None:
    log.write(3)
    file = tmp_path / "heads.jsonl"
    file.write_text(heads.Head(source.now(), 500, b"later", 500).as_line())
    result = storage.event_log(context(event_heads_file=str(file)))
    assert result.state is CheckState.FAIL
    assert "ends at event 3, but event 500" in result.detail
    assert "accept-restore" in result.fix


def test_rows_that_nobody_deletes_are_a_warning_until_the_job_runs(
    database: Flask, context: Make, clock: Clock
) -> None:
    settings = context(keep_idempotency_keys=7)
    with unit_of_work("test") as unit:
        claim(unit, 1, "old", b"request")
    clock.advance(8 * DAY)
    assert storage.old_rows(settings).state is CheckState.OK  # its time is over, but not for long
    clock.advance(2 * DAY)
    assert storage.old_rows(context(keep_idempotency_keys=0)).state is CheckState.OK
    result = storage.old_rows(settings)
    assert result.state is CheckState.WARN
    assert "10 days ago" in result.detail
    assert "`retain`" in result.fix
    retention.run()
    assert storage.old_rows(settings).state is CheckState.OK


def test_archives_that_this_host_does_not_see_are_named(database: Flask, context: Make, tmp_path: Path) -> None:
    assert storage.event_archives(context(event_archive_dir=str(tmp_path))).detail.startswith("0 files")
    seen, elsewhere = (f"events-{number}.ndjson.gz" for number in (1, 2))
    for number, file in enumerate((seen, elsewhere), start=1):
        archive = {"last_id": number, "first_id": number, "events": 1, "last_hash": b"", "sha256": b""}
        db.session.add(EventArchive(**archive, last_at=source.now(), file=file))
    db.session.commit()
    (tmp_path / seen).touch()
    result = storage.event_archives(context(event_archive_dir=str(tmp_path)))
    assert result.state is CheckState.WARN
    assert result.detail == f"not in {tmp_path}: {elsewhere}"
    (tmp_path / elsewhere).touch()
    assert storage.event_archives(context(event_archive_dir=str(tmp_path))).state is CheckState.OK
    assert "EUCORA_EVENT_ARCHIVE_DIR" in storage.event_archives(context(event_archive_dir="")).detail


def test_a_cut_file_is_named_and_one_being_made_is_not(context: Make, tmp_path: Path) -> None:
    wsp(tmp_path / "a" / "whole.wsp")
    new = wsp(tmp_path / "a" / "new.wsp", cut=400)
    assert whisper.damaged(tmp_path, lambda _: wsp(new)) == []
    assert storage.whisper_files(context(whisper_dir=str(tmp_path))).state is CheckState.OK
    cut = wsp(tmp_path / "b" / "cut.wsp", cut=1)
    short = wsp(tmp_path / "b" / "short.wsp", cut=1_220)
    result = storage.whisper_files(context(whisper_dir=str(tmp_path)))
    assert result.state is CheckState.FAIL
    assert result.detail == f"damaged: {cut}, {short}"
    assert "--repair" in result.fix


def test_too_little_space_is_a_warning(context: Make, tmp_path: Path) -> None:
    settings = context(whisper_dir=str(tmp_path), event_archive_dir="", event_heads_file="").settings
    free = shutil.disk_usage(tmp_path).free
    assert storage._room(settings, 0).state is CheckState.OK
    result = storage._room(settings, free * 10)
    assert result.state is CheckState.WARN
    assert str(tmp_path) in result.detail
