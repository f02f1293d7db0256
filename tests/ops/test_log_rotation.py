"""Logs are rotated while a process writes: the newest lines stay, the oldest go, and none between is lost."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from ops.local.paths import Layout
from ops.local.programs import Program
from ops.local.supervisor import Supervisor, configuration
from tests.support.waiting import PATIENCE, eventually

LARGEST, BACKUPS = 10_000_000, 3
MEGABYTE = 1_000_000
LINE = 1_000
WRITTEN = 62_000
"""Lines: a log that is never rotated would have 62 MB."""
WRITE = f"""
import sys, time
for number in range({WRITTEN}):
    sys.stdout.write(f"{{number:>{LINE - 1}}}\\n")
sys.stdout.flush()
time.sleep(600)
"""


def numbers(logs: list[Path]) -> list[int]:
    """The numbers in logs, in their order; a file may begin in the middle of a line."""
    lines = b"".join(log.read_bytes() for log in logs).split(b"\n")
    return [int(line) for line in lines if len(line) == LINE - 1]


def last(log: Path) -> int:
    """The number in the last whole line, -1 if there is none yet."""
    lines = log.read_bytes()[-3 * LINE :].splitlines()
    return int(lines[-1] or -1) if lines and len(lines[-1]) == LINE - 1 else -1


def test_a_log_keeps_its_newest_forty_megabytes(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for folder in (layout.run, layout.log):
        folder.mkdir(parents=True)
    script = tmp_path / "writer.py"
    script.write_text(WRITE)
    program = Program(name="writer", argv=(sys.executable, str(script)), directory=tmp_path, signature=str(script))
    conf = tmp_path / "supervisord.conf"
    conf.write_text(configuration([program], layout))
    command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(conf)]
    log = layout.log / "writer.log"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as supervisord:
        try:
            supervisor = Supervisor(layout.run / "supervisor.sock")
            eventually(supervisor.answers)
            supervisor.start("writer")
            eventually(lambda: log.exists() and last(log) == WRITTEN - 1)
            supervisor.stop("writer")
        finally:
            supervisord.terminate()
            supervisord.wait(PATIENCE)
    logs = [log, *(Path(f"{log}.{number}") for number in range(1, BACKUPS + 1))]
    assert sorted(layout.log.glob("writer.log*")) == sorted(logs)
    assert all(file.stat().st_size <= LARGEST + MEGABYTE for file in logs)
    kept = numbers(logs[::-1])
    assert kept[-1] == WRITTEN - 1
    assert len(kept) * LINE > BACKUPS * LARGEST
    assert all(after == before + 1 for before, after in pairwise(kept))
