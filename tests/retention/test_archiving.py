"""Events move to files; the chain, the totals and the audits hold as before."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.retention.conftest import Keep
from tests.support import log
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.database import rows

DAY = 86_400
EVENTS = 300

Findings = list[tuple[str, int]]


def run() -> None:
    from app.retention import service

    service.run()


def found() -> Findings:
    from app.audit.verify import verify

    return [(finding.kind, finding.id) for finding in verify().findings]


def differ() -> list[object]:
    from app.metrics.following import totals

    return list(totals.differences()[1])


@pytest.fixture
def archived(database: Flask, clock: Clock, keep: Keep) -> Flask:
    """A log whose first 300 events are archived, and 100 are not."""
    from app.metrics.following import totals

    log.write(EVENTS)
    clock.advance(40 * DAY)
    log.write(100, seed=2)
    totals.count()
    keep(events=30)
    run()
    return database


def test_the_log_and_its_archives_are_one_chain(archived: Flask, archive: Path) -> None:
    from app.audit.verify import verify

    (file,) = archive.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert rows("SELECT min(id) AS first FROM events")[0].first == EVENTS + 1
    newest = rows("SELECT max(id) AS last FROM events")[0].last
    verification = verify()
    assert (verification.findings, verification.checked, verification.archived) == ([], newest, EVENTS)
    assert differ() == []
    assert not archived.test_cli_runner().invoke(args=["events", "verify"]).exception


def test_without_its_file_the_log_is_verified_from_the_head_that_was_recorded(archived: Flask, archive: Path) -> None:
    from app.audit.verify import verify

    (file,) = archive.iterdir()
    file.unlink()
    verification = verify()
    assert (verification.findings, verification.absent) == ([], [file.name])
    result = archived.test_cli_runner().invoke(args=["events", "verify"])
    assert result.exit_code == 0
    assert file.name in result.output


def test_a_changed_archive_is_found(archived: Flask, archive: Path) -> None:
    (file,) = archive.iterdir()
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(lines[1:])))
    assert found() == [("archive", EVENTS)]


def test_the_first_remaining_event_must_follow_the_archived_head(archived: Flask, archive: Path) -> None:
    from sqlalchemy import create_engine

    from app.settings import load_settings

    (file,) = archive.iterdir()
    file.unlink()
    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM events WHERE id = :id"), {"id": EVENTS + 1})
        connection.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
    owner.dispose()
    assert found() == [("missing", EVENTS + 1)]


def test_an_archive_that_was_only_claimed_is_found(archived: Flask, clock: Clock) -> None:
    """Whoever has the app's role could write the row and delete the events, but not the event that confirms it."""
    from app.events.unit import unit_of_work
    from app.metrics.following import totals
    from app.retention.rows import ALLOW

    with unit_of_work("thief") as unit:
        unit.session.execute(ALLOW)
        unit.session.execute(
            text(
                "INSERT INTO event_archives (last_id, first_id, events, last_hash, last_at, file, sha256)"
                " SELECT id, :first, 50, hash, at, 'gone', '' FROM events WHERE id = :last"
            ),
            {"first": EVENTS + 1, "last": EVENTS + 50},
        )
        unit.session.execute(text("DELETE FROM events WHERE id <= :last"), {"last": EVENTS + 50})
    assert found() == [("archive", EVENTS + 50)]
    clock.advance(40 * DAY)
    log.write(1)
    totals.count()
    run()  # the control plane's own archive after it hides nothing
    assert found() == [("archive", EVENTS + 50)]


def test_a_second_archive_continues_the_first(archived: Flask, archive: Path, clock: Clock) -> None:
    from app.audit.verify import verify
    from app.metrics.following import totals

    clock.advance(40 * DAY)
    log.write(10, seed=3)
    totals.count()
    run()
    assert len(list(archive.iterdir())) == 2
    verification = verify()
    assert verification.findings == []
    assert verification.archived > EVENTS + 100
    assert differ() == []
    totals.rebuild()
    assert differ() == []


def test_events_wait_for_every_follower(database: Flask, clock: Clock, keep: Keep, archive: Path) -> None:
    from app.metrics.following import totals

    log.write(EVENTS)
    clock.advance(40 * DAY)
    log.write(1)
    keep(events=30)
    run()
    assert not archive.exists()  # the totals have not counted them
    totals.count()
    run()
    assert len(list(archive.iterdir())) == 1


def test_the_events_of_a_live_deployment_stay(database: Flask, api: Api, clock: Clock, keep: Keep) -> None:
    from app.metrics.following import totals

    api.register(10)
    first = api.deploy()["id"]
    own = rows("SELECT min(id) AS first FROM events WHERE deployment_id = :id", id=first)[0].first
    clock.advance(40 * DAY)
    log.write(10)
    totals.count()
    keep(events=30)
    run()
    assert rows("SELECT min(id) AS first FROM events")[0].first == own


def test_heads_from_before_the_archive_still_match(archived: Flask) -> None:
    from app.audit import archives, heads
    from app.audit.verify import walk
    from app.settings import load_settings

    head = heads.present()
    assert head is not None
    assert head.count == head.id
    segments = archives.segments()
    key = load_settings().event_key.get_secret_value().encode()
    from app.audit.archives import read

    folder = Path(load_settings().event_archive_dir)
    early = list(read(folder / segments[0].file, segments[0].sha256))
    stored = heads.Head(head.at, early[9].id, early[9].hash, 10)
    assert walk([*early, *archives.stored_events(EVENTS)], [key], [stored, head]).heads == 2


def test_archiving_needs_a_folder(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.settings import load_settings

    keep(events=30)
    monkeypatch.delenv("EUCORA_EVENT_ARCHIVE_DIR")
    with pytest.raises(SystemExit, match="EUCORA_EVENT_ARCHIVE_DIR"):
        load_settings.__wrapped__()  # past the cache, which another thread may have filled
