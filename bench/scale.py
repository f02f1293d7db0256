"""A complete rollout of many simulated devices through five rings: `python -m bench.scale 1000000`."""

from __future__ import annotations

import hashlib
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.demo import fleet, rollout
from app.demo.calling import connect
from app.settings import load_settings
from bench.stack import new_token, whole_stack
from ops.local import processes
from ops.local.stack import APPLICATION, Stack

Row = tuple[str, str, str]
LONGEST = 3 * 3_600
"""Seconds after which a rollout is considered stuck."""
LOOK_EVERY = 0.2
"""Seconds between two samples of the memory; a work-horse with a large job lives longer."""


def measure(stack: Stack, token: str, devices: int, goal: str) -> list[Row]:
    """The time from the request to the completed deployment and the memory, as (what, measured, goal)."""
    settings = load_settings()
    client = connect(settings, token)
    fleet.register(client, devices)
    begun = time.monotonic()
    artifact = "sha256:" + hashlib.sha256(f"scale {devices}".encode()).hexdigest()
    with _most_memory(stack) as peaks:
        deployment = rollout.begin(client, "scale", str(devices), artifact)
        for seen in rollout.watch(client, deployment, LONGEST, every=2):
            dispatched = sum(ring["dispatched"] for ring in seen["rings"])
            reported = sum(ring["succeeded"] + ring["failed"] for ring in seen["rings"])
            counts = f"{seen['state']}: {dispatched:,} dispatched, {reported:,} reported"
            print(f"{time.monotonic() - begun:6.0f} s {counts}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    largest = max(peaks, key=lambda program: peaks[program])
    return [
        (f"rollout of {devices:,} devices through five rings: {seen['state']}", f"{seconds:.0f} s", goal),
        ("peak memory of any process of ours", f"{peaks[largest]:.0f} MB ({largest})", "≤ 300 MB"),
    ]


@contextmanager
def _most_memory(stack: Stack) -> Iterator[dict[str, float]]:
    """The peak resident memory of each program's processes, including children, in MB, while the block runs."""
    peaks: dict[str, float] = dict.fromkeys(APPLICATION, 0.0)
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            for program in APPLICATION:
                pid = stack.pid(program)
                for process in (pid, *processes.descendants(pid)):
                    peaks[program] = max(peaks[program], _megabytes(process))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield peaks
    finally:
        over.set()
        looking.join()


def _megabytes(pid: int) -> float:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Measure one size on a separate stack."""
    devices = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with whole_stack() as stack:
        for row in measure(stack, new_token(), devices, ""):
            print(*row, sep="  ")


if __name__ == "__main__":
    main()
