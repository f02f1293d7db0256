"""Deleting and archiving old rows, relative to writing them and to one bare statement: `python -m bench.retention`.

Rows are made by SQL, so writing them costs less here than in use; the ratios are upper bounds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from app import clock
from app.audit.verify import verify
from app.db import db
from app.events.unit import unit_of_work
from app.factory import create_app
from app.metrics.following import totals
from app.retention import archiving, rows
from app.settings import load_settings
from ops.local.stack import INFRASTRUCTURE, Ports, Stack

Figure = tuple[str, str, str]
AGE = timedelta(days=400)
EVENTS_PER_UNIT = 1_000

_FLEET = """
    INSERT INTO applications (id, name) VALUES (1, 'bench');
    INSERT INTO releases (id, application_id, version, platform, artifact_hash) VALUES (1, 1, '1', 'windows', 'x');
    INSERT INTO deployments (id, application_id, release_id, platform, application_label, plan, scope, kind, state,
                             reason, version, requested_by, created_at, started_at, finished_at, holds, declared_risk,
                             evidence)
    SELECT n, 1, 1, 'windows', 'bench', '{}', '{}', 'rollout', 'completed', '', 1, 'bench', :old, :old, :old, '[]',
           '{}', '{}' FROM generate_series(1, 2) AS n;
"""
_RING = """
    INSERT INTO rings (id, deployment_id, position, name, key, state, targeted, excluded, eligible, succeeded, failed,
                       silent, pending, dispatched, waiting, sending, commands, compliant, compliance_times,
                       validation_tries, held_ms)
    SELECT n, n, 0, 'lab', 'lab', 'passed', 0, 0, 0, 0, 0, 0, 0, 0, '{}', 0, 0, 0, '{}', 0, 0
      FROM generate_series(1, 2) AS n
"""
_ASSIGNMENTS = """
    INSERT INTO assignments (deployment_id, ring_id, device_id, connector, site_class, state, sequence)
    SELECT 1, 1, n, 'simulated', 'online', 'succeeded', 2 FROM generate_series(1, :devices) AS n
"""
_EMPTY = """
    ALTER TABLE reports DISABLE TRIGGER USER; TRUNCATE reports; ALTER TABLE reports ENABLE TRIGGER USER; ANALYZE
"""
_REPORTS = """
    INSERT INTO reports (source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at)
    SELECT 'bench', 'device-' || assignment.device_id, number, assignment.id, 'succeeded', '', :old, :old
      FROM assignments AS assignment CROSS JOIN generate_series(1, 2) AS number
     ORDER BY number, assignment.id
"""


@contextmanager
def _database() -> Iterator[Stack]:
    stack = Stack(Path(tempfile.mkdtemp(prefix="eucora-")), Ports.free(), INFRASTRUCTURE, owner=os.getpid())
    stack.start()
    os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="ERROR")
    load_settings.cache_clear()
    app = create_app()
    try:
        with app.app_context():
            upgrade()
            yield stack
    finally:
        stack.remove()


def _seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def _execute(statement: str, *allowed: str, **parameters: object) -> None:
    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        for setting in allowed:
            connection.execute(text(setting))
        connection.execute(text(statement), parameters)
    owner.dispose()


def _reports(devices: int) -> list[Figure]:
    old = clock.now() - AGE
    for statement in _FLEET.split(";")[:-1]:
        _execute(statement, **({"old": old} if ":old" in statement else {}))
    _execute(_RING)
    _execute(_ASSIGNMENTS, devices=devices)
    written = _seconds(lambda: _execute(_REPORTS, old=old))
    _execute("ANALYZE")
    bare = _seconds(lambda: _execute("DELETE FROM reports", "SET LOCAL eucora.retention = 'on'"))
    _execute(_EMPTY)
    _execute(_REPORTS, old=old)
    _execute("ANALYZE")
    before = clock.now() - timedelta(days=180)
    deleted = 0

    def delete() -> None:
        nonlocal deleted
        deleted = rows.delete_old("reports", before, lambda: False)

    batched = _seconds(delete)
    assert deleted == 2 * devices
    # Reports of the newest deployment stay however old they are: what each run pays to walk past them.
    _execute(_EMPTY)
    _execute("UPDATE assignments SET deployment_id = 2, ring_id = 2")
    _execute(_REPORTS, old=old)
    _execute("ANALYZE")
    walked = _seconds(delete)
    many = f"{2 * devices:,} reports"
    return [
        (f"deleting {many}, against one bare statement", f"{batched / bare:.1f} × ({batched:.0f} s)", "≤ 3 ×"),
        (f"deleting {many}, against writing them by one statement", f"{batched / written:.2f} ×", "≤ 1 ×"),
        (f"walking past {many} that stay, against deleting them", f"{walked / batched:.2f} ×", "≤ 0.5 ×"),
    ]


def _events(count: int) -> list[Figure]:
    payload = {"received": 1, "late": 0, "duplicate": 0, "rejected": 0, "tallies": []}
    then = clock.now() - AGE

    def write() -> None:
        with clock.replaced(lambda: then):
            for _ in range(count // EVENTS_PER_UNIT):
                with unit_of_work("bench") as unit:
                    for _ in range(EVENTS_PER_UNIT):
                        unit.record("reports.ingested", payload)
        with unit_of_work("bench") as unit:
            unit.record("retention.ran", {})

    written = _seconds(write)
    while totals.advance(60.0):
        pass
    folder = Path(tempfile.mkdtemp(prefix="eucora-archive-"))
    os.environ["EUCORA_EVENT_ARCHIVE_DIR"] = str(folder)
    load_settings.cache_clear()
    archived = 0

    def archive() -> None:
        nonlocal archived
        archived = archiving.archive_old(folder, clock.now() - timedelta(days=30), lambda: False)

    moved = _seconds(archive)
    assert archived == count, archived
    db.session.rollback()
    verified = _seconds(lambda: verify())
    size = sum(file.stat().st_size for file in folder.iterdir()) / count
    return [
        (f"archiving {count:,} events, against writing them", f"{moved / written:.2f} × ({moved:.0f} s)", "≤ 1 ×"),
        (f"verifying {count:,} archived events, against writing them", f"{verified / written:.2f} ×", "≤ 1 ×"),
        ("an archived event on the disk", f"{size:.0f} bytes", "≤ 200 bytes"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=500_000, help="each with two reports")
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    with _database():
        figures = [*_reports(options.devices), *_events(options.events)]
    print("\n".join(" | ".join(figure) for figure in figures))


if __name__ == "__main__":
    main()
