"""Inspects and ends processes that are not our children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROC = Path("/proc")


def read_pid(file: Path) -> int | None:
    """Return the number on the first line of a pid file, None without one."""
    try:
        lines = file.read_text().splitlines()
        return int(lines[0]) if lines else None
    except (OSError, ValueError):
        return None


def _table() -> dict[int, tuple[int, str, str]]:
    """Return pid → (parent, state, command line) on systems without /proc."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,command="], capture_output=True, text=True, check=False
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return {int(row[0]): (int(row[1]), row[2], row[3] if len(row) > 3 else "") for row in rows if len(row) > 2}


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its descendants have used; 0.0 on systems without /proc."""
    ticks = 0
    for member in (pid, *descendants(pid)) if pid and (PROC / "self").exists() else ():
        with contextlib.suppress(OSError):
            fields = (PROC / str(member) / "stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, str]:
    """Return a process's parent and state from /proc; (0, "") if it does not exist."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return 0, ""
    state, parent = text.rpartition(")")[2].split()[:2]
    return int(parent), state


def is_alive(pid: int) -> bool:
    """Return whether a process is running. A zombie is not."""
    if (PROC / "self").exists():
        return _stat(pid)[1] not in ("", "Z", "X")
    return not _table().get(pid, (0, "Z", ""))[1].startswith("Z")


def command_line(pid: int) -> str:
    """Return a process's arguments joined by spaces, empty if it does not exist."""
    if not (PROC / "self").exists():
        return _table().get(pid, (0, "", ""))[2]
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def works_in(pid: int, folder: Path) -> bool:
    """Return whether a process's working directory is `folder`; True on systems without /proc."""
    if not (PROC / "self").exists():
        return True
    try:
        return Path(os.readlink(PROC / str(pid) / "cwd")) == folder.resolve()
    except OSError:
        return False


def _parents() -> dict[int, int]:
    """Return pid → the pid of its parent."""
    if (PROC / "self").exists():
        return {int(entry.name): _stat(int(entry.name))[0] for entry in PROC.iterdir() if entry.name.isdecimal()}
    return {child: row[0] for child, row in _table().items()}


def children(pid: int) -> list[int]:
    """Return the pids of a process's children."""
    return [child for child, parent in _parents().items() if parent == pid]


def descendants(pid: int) -> list[int]:
    """Return the pids of a process's children, their children and so on."""
    parents, family = _parents(), [pid]
    for ancestor in family:
        family.extend(child for child, parent in parents.items() if parent == ancestor)
    return family[1:]


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait for a condition; return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process; do nothing if it does not exist."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end_tree(pid: int, number: signal.Signals, patience: float) -> None:
    """Send a signal to a process, kill it after `patience` seconds, then kill the descendants it left behind."""
    offspring = descendants(pid)
    send(pid, number)
    if not wait_until(lambda: not is_alive(pid), patience):
        offspring += descendants(pid)
        send(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid), 5)
    patience = 0 if number == signal.SIGKILL else 2
    if not wait_until(lambda: not any(is_alive(child) for child in offspring), patience):
        for child in offspring:
            send(child, signal.SIGKILL)
