"""Reading a vendor's table of a million states: for the first time, unchanged, and with one percent changed.

Each is relative to a bare INSERT of the same rows. `python -m bench.snapshots --devices 20000` is quick; the default is
a million devices.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from app.connectors import snapshots
from app.connectors.protocol import DeviceResult
from app.connectors.snapshots import SEVERITY, Observation, Outcome
from app.factory import create_app
from app.settings import load_settings
from bench.stack import measured_apart
from ops.local.stack import INFRASTRUCTURE, Ports, Stack

Figure = tuple[str, str, str]
Connection = psycopg.Connection[tuple[object, ...]]
DEVICES = 1_000_000
PAGE = 10_000
"""Results in a page, as a job asks for them."""
CHANGED = 100
"""One in this many devices changes between two readings."""
SEEN_AT = datetime(2026, 1, 1, tzinfo=UTC)

_STAGE = """
    CREATE TEMPORARY TABLE staged AS
    SELECT n, lpad(to_hex(n * 2654435761 %% 4294967296), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0') AS id
      FROM generate_series(0, CAST(%s AS bigint) - 1) AS n
"""
_BARE = """
    INSERT INTO snapshot_devices (fingerprint, occurred_at, snapshot_id, outcome, external_id, reason)
    SELECT n, %s, 1, %s, id, 'installed' FROM staged ORDER BY n
"""


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.snapshots")


def main() -> None:
    """Measure on a separate stack without workers, so no jobs interfere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=DEVICES, help="how many devices")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eucora-") as folder:
        stack = Stack(Path(folder, "stack"), Ports.free(), (*INFRASTRUCTURE, "api"), owner=os.getpid())
        stack.start()
        try:
            os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
            owner = psycopg.connect(load_settings().owner_database_url.replace("+psycopg", "", 1), autocommit=True)
            with create_app().app_context(), owner:
                figures = _measure(options.devices, owner)
        finally:
            stack.remove()
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _measure(devices: int, owner: Connection) -> list[Figure]:
    bare = _bare_insert(devices, owner)
    first, _ = _reading(devices, "installing", "installing", owner)
    drained, cursor = _drain(devices)
    unchanged, written = _reading(devices, "installing", "installing", owner, cursor)
    changed, _ = _reading(devices, "installing", "succeeded", owner, cursor)
    changes = len(snapshots.results_after("bench", "ref", cursor, devices)[0])
    if changes != len(range(0, devices, CHANGED)):
        raise RuntimeError(f"{changes:,} results of the devices that changed")
    (size,) = owner.execute("SELECT pg_total_relation_size('snapshot_devices')").fetchone() or (0,)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = f"a vendor's table of {devices:,} devices"
    return [
        (f"{table}, read for the first time, relative to a bare INSERT", _relative(first, bare), "≤ 5 ×"),
        (
            "the same table again, unchanged",
            f"{_relative(unchanged, bare)}, {written / 1e6:.1f} MB of WAL",
            "≤ 3 ×, ≤ 1 MB",
        ),
        (f"the same table again, one device in {CHANGED} changed", _relative(changed, bare), "≤ 3 ×"),
        (f"its {devices:,} results in pages of {PAGE:,}", f"{drained:.1f} s, {devices / drained:,.0f}/s", ""),
        ("stored for each device, with indexes; its id is a GUID", f"{int(str(size)) / devices:.0f} bytes", "≤ 200"),
        ("peak memory of the readings", f"{memory:.0f} MB", "≤ 300 MB"),
    ]


def _relative(seconds: float, bare: float) -> str:
    return f"{seconds / bare:.1f} × ({seconds:.1f} s of {bare:.1f} s)"


def _bare_insert(devices: int, owner: Connection) -> float:
    """Seconds to insert the same rows into the same table with its indexes, which is empty before and after."""
    owner.execute(_STAGE, (devices,))
    started = time.perf_counter()
    owner.execute(_BARE, (SEEN_AT, SEVERITY["installing"]))
    seconds = time.perf_counter() - started
    owner.execute("TRUNCATE snapshot_devices")
    owner.execute("DROP TABLE staged")
    return seconds


def _table(devices: int, outcome: Outcome, of_changed: Outcome) -> Iterator[Observation]:
    """A vendor's rows, not sorted by id; one in CHANGED has another outcome."""
    for n in range(devices):
        device = f"{n * 2_654_435_761 % 2**32:08x}-0000-4000-8000-{n:012x}"
        yield Observation(device, outcome if n % CHANGED else of_changed, "installed", SEEN_AT)


def _reading(
    devices: int, outcome: Outcome, of_changed: Outcome, owner: Connection, cursor: str = ""
) -> tuple[float, int]:
    """Seconds of one reading, including the generation of its rows, and the bytes of write-ahead log it wrote."""
    owner.execute("VACUUM ANALYZE snapshots, snapshot_devices")  # before the measurement instead of during it
    before, started = _written(owner), time.perf_counter()
    snapshots.poll("bench", "ref", cursor, PAGE, _table(devices, outcome, of_changed))
    seconds = time.perf_counter() - started
    return seconds, _written(owner) - before


def _written(owner: Connection) -> int:
    (place,) = owner.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone() or (0,)
    return int(str(place))


def _drain(devices: int) -> tuple[float, str]:
    """Seconds to read all results page by page, and the cursor after the last one."""
    started, cursor, results = time.perf_counter(), "", 0
    page: list[DeviceResult] | None = None
    while page is None or page:
        page, cursor = snapshots.results_after("bench", "ref", cursor, PAGE)
        results += len(page)
    if results != devices:
        raise RuntimeError(f"{results:,} results of {devices:,} devices")
    return time.perf_counter() - started, cursor


if __name__ == "__main__":
    main()
