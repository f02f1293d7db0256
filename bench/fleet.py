"""A large fleet: its import relative to a bare COPY, and planning a rollout relative to a bare INSERT … SELECT.

`python -m bench.fleet --devices 20000` is quick; the default is a million devices.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import psycopg

from app.demo.rollout import RISK
from app.deployments import progress, service as deployments
from app.deployments.schemas import DeploymentIn
from app.devices.places import bucket
from app.factory import create_app
from app.settings import load_settings
from bench.stack import CHECKOUT
from ops.local.stack import INFRASTRUCTURE, Ports, Stack

Figure = tuple[str, str, str]
DEVICES = 1_000_000

_COPY = """
    COPY devices (external_id, platform, connector, site_class, business_unit, tags, criticality, bucket,
                  registered_at, changed_at) FROM STDIN
"""
_ASSIGN = """
    INSERT INTO assignments (deployment_id, ring_id, device_id, connector, site_class, release_id, previous_release_id,
                             state, sequence)
    SELECT %(deployment)s, (SELECT max(id) FROM rings WHERE deployment_id = %(deployment)s), id, connector, site_class,
           NULL, NULL, 'pending', 0
      FROM devices WHERE platform = 'windows'
"""


def measure(devices: int = DEVICES) -> list[Figure]:
    """The figures as (what, measured, goal), measured by separate processes on a stack of their own."""
    command = [sys.executable, "-m", "bench.fleet", "--json", "--devices", str(devices)]
    printed = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(what, measured, goal) for what, measured, goal in json.loads(printed.splitlines()[-1])]


def main() -> None:
    """Measure on a separate stack without workers, so no jobs interfere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=DEVICES, help="how many devices")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    parser.add_argument("--plan", action="store_true", help=argparse.SUPPRESS)  # for the measured child process
    options = parser.parse_args()
    if options.plan:
        print(_plan())
        return
    with tempfile.TemporaryDirectory(prefix="eucora-") as folder:
        stack = Stack(Path(folder, "stack"), Ports.free(), (*INFRASTRUCTURE, "api"), owner=os.getpid())
        stack.start()
        try:
            os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
            figures = [*_importing(options.devices, Path(folder)), *_planning(options.devices)]
        finally:
            stack.remove()
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _importing(devices: int, folder: Path) -> list[Figure]:
    inventory, bare_rows = folder / "devices.csv", folder / "devices.copy"
    with inventory.open("w") as lines, bare_rows.open("w") as rows:
        lines.write("external_id,platform,connector,site_class,business_unit,tags,criticality\n")
        for device in _fleet(devices):
            lines.write(",".join(device) + "\n")
            *cells, tags, criticality = device
            now = "2026-01-01T00:00:00Z"
            row = (*cells, f"{{{tags.replace(';', ',')}}}", criticality, str(bucket(cells[0])), now, now)
            rows.write("\t".join(row) + "\n")
    with bare_rows.open("rb") as file:
        bare = _bare_copy(file)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "devices", "import", str(inventory)]
    printed, megabytes, whole = _child(command)
    summary = re.fullmatch(r"([\d,]+) created, 0 updated, 0 unchanged, 0 rejected\. ([\d.]+) s\.\n", printed)
    if summary is None or int(summary[1].replace(",", "")) != devices:
        raise RuntimeError(f"The import printed: {printed}")
    seconds = float(summary[2])
    again, _, _ = _child(command)
    if not again.startswith(f"0 created, 0 updated, {devices:,} unchanged, 0 rejected."):
        raise RuntimeError(f"The second import printed: {again}")
    return [
        (
            f"`flask devices import` of {devices:,} new devices",
            f"{seconds:.1f} s, {devices / seconds:,.0f}/s (including the start of the program {whole:.1f} s)",
            "≤ 30 s per million",
        ),
        ("the same relative to a bare COPY of the same rows", f"{seconds / bare:.1f} × ({bare:.1f} s)", ""),
        ("importing the same file again", again.rsplit(". ", 1)[1].strip().rstrip("."), ""),
        ("peak memory of the import", f"{megabytes:.0f} MB", "≤ 300 MB"),
    ]


def _fleet(devices: int) -> Iterator[Sequence[str]]:
    """Windows devices of a large company: 200 business units, some tags, all site classes, some critical."""
    for n in range(devices):
        tags = "lab;office" if n % 1000 == 0 else ("office", "field;vpn", "kiosk")[n % 3]
        site = ("online", "online", "online", "intermittent", "air_gapped")[n * 7 % 5]
        critical = "high" if n % 97 == 0 else "normal"
        name = f"host-{n * 7_919 % 10_000_019:08d}.example"  # not sorted
        yield name, "windows", "simulated", site, f"unit {n % 200}", tags, critical


def _bare_copy(rows: IO[bytes]) -> float:
    """Seconds to copy the same rows into the same table, which is empty before and after."""
    with _owner() as connection:
        started = time.perf_counter()
        with connection.cursor().copy(_COPY) as copy:
            while block := rows.read(1 << 20):
                copy.write(block)
        connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("TRUNCATE devices CASCADE")
    return seconds


def _planning(devices: int) -> list[Figure]:
    _tidy()
    with create_app().app_context():
        deployment = deployments.create("bench", _wanted("bare")).id
    with _owner() as connection:
        started = time.perf_counter()
        done = connection.execute(_ASSIGN, {"deployment": deployment})
        bare = time.perf_counter() - started
        if done.rowcount != devices:
            raise RuntimeError(f"{done.rowcount:,} assignments instead of {devices:,}")
        connection.rollback()
    _tidy()
    printed, megabytes, _ = _child([sys.executable, "-m", "bench.fleet", "--plan"])
    with _owner() as connection:
        planned = connection.execute("SELECT count(*), count(DISTINCT ring_id) FROM assignments").fetchone()
    if planned != (devices, 5):
        raise RuntimeError(f"planned (assignments, rings): {planned}")
    seconds = float(printed)
    return [
        (f"planning {devices:,} devices into five rings", f"{seconds:.1f} s", "≤ 10 s per million"),
        ("the same relative to a bare INSERT … SELECT", f"{seconds / bare:.1f} × ({bare:.1f} s)", "≤ 5 ×"),
        ("peak memory of the planning", f"{megabytes:.0f} MB", "≤ 300 MB"),
    ]


def _plan() -> float:
    """Create a deployment and plan it, in a separate process; the seconds that the planning took."""
    with create_app().app_context():
        deployment = deployments.create("bench", _wanted("measured")).id
        started = time.perf_counter()
        progress.plan(deployment)
        return time.perf_counter() - started


def _wanted(application: str) -> DeploymentIn:
    return DeploymentIn.model_validate(
        {
            "application": application,
            "version": "1",
            "platform": "windows",
            "artifact_hash": "sha256:" + "a" * 64,
            "scope": {"everyone": True},
            "risk": RISK,
        }
    )


def _owner() -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of the role that owns the tables."""
    return psycopg.connect(load_settings().owner_database_url.replace("+psycopg", "", 1))


def _tidy() -> None:
    """Do what autovacuum would do, before a measurement instead of during it."""
    with _owner() as connection:
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE devices, assignments")


def _child(command: Sequence[str]) -> tuple[str, float, float]:
    """Run a process: its output, its peak memory in MB, and its duration in seconds."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(command, cwd=CHECKOUT, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {printed}")
    return printed, usage.ru_maxrss / 1024, time.perf_counter() - started


if __name__ == "__main__":
    main()
