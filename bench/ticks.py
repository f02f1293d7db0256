"""The cost of a tick while devices report, in a large rollout and in one of 10,000 devices, in turns.

`python -m bench.ticks --devices 20000` is quick; the default is a million devices.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from sqlalchemy import text

from app import clock
from app.db import db
from app.demo.rollout import RISK
from app.deployments import dispatch, plans, progress, reports, service as deployments
from app.deployments.report_statuses import ReportRow
from app.deployments.schemas import DeploymentIn, PlanIn
from app.devices.importing import Import
from app.events.unit import unit_of_work
from app.factory import create_app
from app.settings import load_settings
from bench.stack import CHECKOUT
from ops.local.stack import INFRASTRUCTURE, Ports, Stack

Figure = tuple[str, str, str]
DEVICES, FEW = 1_000_000, 10_000
TICKS, WARM_UP = 300, 20
REPORTS = 15
"""Devices that report between two ticks, so every tick has new counters to judge."""
PLAN = {
    "rings": [
        {
            "name": "everyone",
            "gate": {"target": 0.9, "min_reported": 1, "min_coverage": 0.9, "soak_seconds": 60, "error_ceiling": 0.2},
        }
    ]
}


def measure(devices: int = DEVICES) -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    command = [sys.executable, "-m", "bench.ticks", "--json", "--devices", str(devices)]
    printed = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(what, measured, goal) for what, measured, goal in json.loads(printed.splitlines()[-1])]


def main() -> None:
    """Measure on a separate stack without workers, so no jobs interfere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=DEVICES, help="how many devices the large rollout has")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eucora-") as folder:
        stack = Stack(Path(folder, "stack"), Ports.free(), (*INFRASTRUCTURE, "api"), owner=os.getpid())
        stack.start()
        try:
            os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
            with create_app().app_context():
                figures = _ticking(options.devices)
        finally:
            stack.remove()
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _ticking(devices: int) -> list[Figure]:
    plans.change("bench", "bench", PlanIn.model_validate(PLAN))
    _register("windows", devices)
    _register("linux", FEW)
    many, few = _Rollout("windows", devices), _Rollout("linux", FEW)
    for turn in range(WARM_UP + TICKS):
        for rollout in (many, few) if turn % 2 else (few, many):
            rollout.tick(turn)
    large, small = (sorted(rollout.seconds[WARM_UP:]) for rollout in (many, few))
    ratio = _at(large, 0.5) / _at(small, 0.5)
    return [
        (f"a tick of {devices:,} devices, p50 of {TICKS}", f"{_at(large, 0.5) * 1000:.1f} ms", ""),
        (f"a tick of {devices:,} devices, p99 of {TICKS}", f"{_at(large, 0.99) * 1000:.1f} ms", "≤ 50 ms"),
        (
            f"a tick of {FEW:,} devices, p50 and p99",
            f"{_at(small, 0.5) * 1000:.1f} ms, {_at(small, 0.99) * 1000:.1f} ms",
            "",
        ),
        (f"a tick of {devices:,} devices relative to one of {FEW:,}, p50", f"{ratio:.2f} ×", "≤ 1.5 ×"),
        (
            f"the tick that issues the ring's commands, {devices:,} devices",
            f"{many.first * 1000:.0f} ms (of {FEW:,}: {few.first * 1000:.0f} ms)",
            "",
        ),
    ]


class _Rollout:
    """A rollout whose only ring was dispatched, and whose devices now report."""

    def __init__(self, platform: str, devices: int) -> None:
        self.id = deployments.create("bench", _wanted(platform)).id
        progress.plan(self.id)
        _tidy()
        self.first = self._advance()
        (command,) = db.session.execute(
            text("SELECT id FROM commands WHERE deployment_id = :id ORDER BY id LIMIT 1"), {"id": self.id}
        ).scalars()
        db.session.rollback()
        dispatch.deliver(command)
        ids = text("""
            SELECT device.external_id FROM assignments JOIN devices AS device ON device.id = device_id
             WHERE command_id = :command AND state = 'dispatched' ORDER BY assignments.id LIMIT :most
        """)
        parameters = {"command": command, "most": (WARM_UP + TICKS) * REPORTS}
        self._dispatched = list(db.session.execute(ids, parameters).scalars())
        if len(self._dispatched) < min(parameters["most"], devices):
            raise RuntimeError(f"Only {len(self._dispatched):,} devices were dispatched.")
        self.seconds: list[float] = []

    def tick(self, turn: int) -> None:
        """Let some devices report, then measure the tick that judges them."""
        now = clock.now()
        reporting = self._dispatched[turn * REPORTS : (turn + 1) * REPORTS]
        with unit_of_work("bench") as unit:
            rows = [ReportRow(device, 1, "succeeded", "", now, self.id) for device in reporting]
            reports.ingest(unit, "bench", rows)
        self.seconds.append(self._advance())

    def _advance(self) -> float:
        before = _verdicts(self.id)
        started = time.perf_counter()
        progress.advance(self.id)
        seconds = time.perf_counter() - started
        if before == _verdicts(self.id):
            raise RuntimeError(f"The tick of deployment {self.id} did nothing.")
        return seconds


def _verdicts(deployment: int) -> tuple[str, object]:
    """What a tick changes: the reason of the ring's verdict, and the next wake-up."""
    row = db.session.execute(
        text("SELECT verdict_reason, due_at FROM rings JOIN deployments ON deployments.id = deployment_id"
             " WHERE deployment_id = :id"),
        {"id": deployment},
    ).one()  # fmt: skip
    db.session.rollback()
    return str(row.verdict_reason), row.due_at


def _register(platform: str, devices: int) -> None:
    lines = (f"{platform}-{n:07d},{platform},simulated,unit {n % 200}\n".encode() for n in range(devices))
    with tempfile.TemporaryFile() as file:
        file.write(b"external_id,platform,connector,business_unit\n")
        file.writelines(lines)
        file.seek(0)
        work = Import("bench", lambda number, errors: None)
        work.run(file)
    if work.counts["created"] != devices:
        raise RuntimeError(f"registered {dict(work.counts)}")


def _wanted(platform: str) -> DeploymentIn:
    release = {"application": f"ticks {platform}", "version": "1", "platform": platform, "plan": "bench"}
    about = {"artifact_hash": "sha256:" + "a" * 64, "scope": {"everyone": True}, "risk": RISK}
    return DeploymentIn.model_validate({**release, **about})


def _tidy() -> None:
    """Do what autovacuum would do, before a measurement instead of during it."""
    owner = psycopg.connect(load_settings().owner_database_url.replace("+psycopg", "", 1), autocommit=True)
    with owner:
        owner.execute("VACUUM ANALYZE devices, assignments")


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    main()
