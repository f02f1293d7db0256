"""Every change of the log that is made without the key is found, and its place is reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.jobs import Drive

Kinds = list[tuple[str, int]]
EVENTS = 9


def write(count: int) -> None:
    from app.events.unit import unit_of_work

    for number in range(count):
        with unit_of_work("writer") as unit:
            unit.record("test.written", {"number": number})


@pytest.fixture
def log(database: Flask) -> Flask:
    """A log of nine events."""
    write(EVENTS)
    return database


def tamper(*statements: str, **parameters: Any) -> None:
    """What nobody should do: change the log as its owner, with the trigger disabled."""
    from app.settings import load_settings

    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement), parameters)
        connection.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
    owner.dispose()


def found() -> Kinds:
    from app.audit.verify import verify

    return [(finding.kind, finding.id) for finding in verify().findings]


@pytest.fixture
def heads_file(database: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that gets the heads."""
    from app.settings import load_settings

    file = tmp_path / "heads.jsonl"
    monkeypatch.setenv("EUCORA_EVENT_HEADS_FILE", str(file))
    load_settings.cache_clear()
    yield file
    monkeypatch.undo()
    load_settings.cache_clear()


def test_the_log_of_a_rollout_is_whole(api: Api, drive: Drive) -> None:
    from app.audit.verify import verify

    api.register(100)
    api.deploy()
    drive(20)
    seen = verify()
    assert seen.checked > 10
    assert seen.findings == []


def test_an_empty_log_is_whole_and_has_no_head(database: Flask, heads_file: Path) -> None:
    from app.audit import heads

    heads.write()
    assert not heads_file.exists()
    assert found() == []


SWAPPED = """UPDATE events AS one SET at = other.at, type = other.type, actor = other.actor, payload = other.payload,
    previous_hash = other.previous_hash, hash = other.hash FROM events AS other
    WHERE (one.id, other.id) IN ((4, 5), (5, 4))"""


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("UPDATE events SET payload = '{\"number\": 700}' WHERE id = 4", [("forged", 4)]),
        ("UPDATE events SET actor = 'somebody else' WHERE id = 4", [("forged", 4)]),
        ("UPDATE events SET at = at + interval '1 microsecond' WHERE id = 9", [("forged", 9)]),
        ("UPDATE events SET deployment_id = 1 WHERE id = 1", [("forged", 1)]),
        ("UPDATE events SET hash = sha256('x') WHERE id = 4", [("forged", 4), ("misplaced", 5)]),
        ("UPDATE events SET previous_hash = sha256('x') WHERE id = 4", [("replaced", 4)]),
        (SWAPPED, [("replaced", 4), ("replaced", 5), ("misplaced", 6)]),
        ("DELETE FROM events WHERE id = 4", [("missing", 4)]),
        ("DELETE FROM events WHERE id IN (1, 2, 6)", [("missing", 1), ("missing", 6)]),
        ("DELETE FROM events WHERE id = 4; UPDATE events SET id = 4 WHERE id = 9", [("replaced", 4), ("misplaced", 5)]),
    ],
)
def test_a_change_is_found_where_it_is(log: Flask, change: str, kinds: Kinds) -> None:
    tamper(*change.split("; "))
    assert found() == kinds


def test_a_row_written_with_another_key_is_found(log: Flask) -> None:
    """The forger has read the log, so all but the key is right: the id, the hash of the event before it."""
    from app.audit.archives import stored_events
    from app.events.chain import link

    *_, last = stored_events()
    content: dict[str, Any] = {
        "id": last.id + 1,
        "at": last.at,
        "type": "test.written",
        "actor": "forger",
        "deployment_id": None,
    }
    tamper(
        "INSERT INTO events VALUES (:id, :at, :type, :actor, :deployment_id, '{}', :previous_hash, :hash)",
        **content,
        previous_hash=last.hash,
        hash=link(b"a key that the forger made up", last.hash, **content, payload={}),
    )
    assert found() == [("forged", EVENTS + 1)]


def test_an_end_that_was_cut_off_is_found_by_a_head(log: Flask, heads_file: Path) -> None:
    from app.audit import heads
    from app.audit.verify import verify

    heads.write()
    write(3)
    heads.write()
    assert (found(), verify().heads) == ([], 2)
    tamper("DELETE FROM events WHERE id > 10")
    (finding,) = verify().findings
    assert (finding.kind, finding.id) == ("head", 12)
    assert finding.sentence.endswith("event 12, does not match: the log ends at event 10; cut off: events 11 to 12.")
    assert verify().heads == 1


def test_an_end_that_was_cut_off_and_grew_again_is_found_by_a_head(log: Flask, heads_file: Path) -> None:
    """Written by the program itself the new rows verify; but they are not those that the head knew."""
    from app.audit import heads
    from app.audit.verify import verify

    heads.write()
    tamper("DELETE FROM events WHERE id > 7")
    write(5)
    (finding,) = verify().findings
    assert (finding.kind, finding.id) == ("head", 9)
    assert "rewritten" in finding.sentence


def test_a_head_of_a_missing_row_does_not_match(log: Flask, heads_file: Path) -> None:
    from app.audit import heads

    heads.write()
    write(1)
    tamper(f"DELETE FROM events WHERE id = {EVENTS}")
    assert found() == [("missing", EVENTS), ("head", EVENTS)]


def test_an_emptied_log_is_found_by_a_head(log: Flask, heads_file: Path) -> None:
    from app.audit import heads

    heads.write()
    tamper("DELETE FROM events")
    assert found() == [("head", EVENTS)]


@pytest.mark.parametrize("line", ["", "{}", "[]", "not a head", '{"at": "2026-01-01", "id": 1, "hash": "xy"}', "\x00"])
def test_a_line_that_is_not_a_head_is_a_finding(log: Flask, heads_file: Path, line: str) -> None:
    from app.audit import heads

    heads_file.write_text(f"{line}\n")
    heads.write()
    assert found() == [("unreadable", 1)]


def test_a_head_is_a_line_that_only_we_may_read_and_a_log_entry(log: Flask, heads_file: Path, clock: Clock) -> None:
    from app.audit import heads
    from app.audit.archives import stored_events
    from app.logs import configure_logging
    from app.settings import load_settings

    *_, last = stored_events()
    configure_logging(load_settings().model_copy(update={"log_level": "INFO"}))
    with capture_logs() as entries:
        heads.write()
    configure_logging(load_settings())
    fields = {"id": EVENTS, "count": EVENTS, "hash": last.hash.hex()}
    assert json.loads(heads_file.read_text()) == {"at": clock().isoformat(), **fields}
    assert heads_file.stat().st_mode & 0o777 == 0o600
    assert entries == [{"event": "event log head", "log_level": "info", **fields}]


def test_findings_beyond_the_first_are_only_counted(log: Flask) -> None:
    from app.audit.archives import stored_events
    from app.audit.findings import MAX_FINDINGS
    from app.audit.verify import walk

    (first, *_) = stored_events()
    seen = walk((replaced for number in range(1, 301) if (replaced := first._replace(id=number))), [b"another key"])
    assert (seen.checked, seen.found, len(seen.findings)) == (300, 300, MAX_FINDINGS)


OLD, NEW = "the key of the years before which is long enough", "the key that has replaced it and is long enough"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set the present key, and those before it."""
    from app.settings import load_settings

    def choose(present: str, before: str = "") -> None:
        monkeypatch.setenv("EUCORA_EVENT_KEY", present)
        monkeypatch.setenv("EUCORA_EVENT_KEYS_BEFORE", before)
        load_settings.cache_clear()

    yield choose
    monkeypatch.undo()
    load_settings.cache_clear()


def test_a_replaced_key_goes_on_verifying_what_it_wrote(database: Flask, keys: Callable[..., None]) -> None:
    keys(OLD)
    write(3)
    keys(NEW, OLD)
    write(2)
    assert found() == []
    keys(NEW)
    assert found() == [("forged", 1), ("forged", 2), ("forged", 3)]


def test_a_replaced_key_writes_nothing_any_more(database: Flask, keys: Callable[..., None]) -> None:
    """Who got hold of the old key cannot go on with it, which would be the use of replacing it."""
    keys(OLD)
    write(3)
    keys(NEW, OLD)
    write(2)
    keys(OLD, NEW)
    write(1)
    keys(NEW, OLD)
    assert found() == [("forged", 6)]


def test_a_replaced_key_that_is_too_short_is_named(keys: Callable[..., None]) -> None:
    from app.settings import load_settings

    keys(NEW, f"{OLD},short")
    with pytest.raises(SystemExit, match=r"EUCORA_EVENT_KEYS_BEFORE.*32"):
        load_settings()


def test_a_row_that_stands_there_twice_is_found(log: Flask) -> None:
    """No primary key is trusted: a copy of a row does not continue the row itself."""
    from app.audit.archives import stored_events
    from app.audit.verify import walk
    from app.settings import load_settings

    lines = list(stored_events())
    seen = walk([*lines[:4], lines[3], *lines[4:]], load_settings().event_keys)
    assert [(it.kind, it.id) for it in seen.findings] == [("misplaced", 4)]


def test_the_command_says_what_it_found_and_exits_with_it(log: Flask, heads_file: Path) -> None:
    from app.audit import heads

    heads.write()
    clean = log.test_cli_runner().invoke(args=["events", "verify"])
    assert (clean.exit_code, clean.output) == (0, "9 events, 0 findings; 1 heads match.\n")
    tamper("DELETE FROM events WHERE id IN (2, 5, 6, 7)")
    broken = log.test_cli_runner().invoke(args=["events", "verify"])
    assert broken.exit_code == 1
    assert broken.output == "Missing: event 2.\nMissing: events 5 to 7.\n5 events, 2 findings; 1 heads match.\n"


def test_the_command_says_that_no_heads_are_kept_and_suspects_the_key(
    log: Flask, heads_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.settings import load_settings

    monkeypatch.setenv(
        "EUCORA_EVENT_HEADS_FILE", ""
    )  # not left out: a stack that was started here has a file of settings
    monkeypatch.setenv("EUCORA_EVENT_KEY", "another key of more than 32 characters")
    load_settings.cache_clear()
    answer = log.test_cli_runner().invoke(args=["events", "verify"])
    assert answer.exit_code == 1
    assert "no heads are stored (EUCORA_EVENT_HEADS_FILE); is EUCORA_EVENT_KEY the key" in answer.output
