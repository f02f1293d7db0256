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

Figure = tuple[str, str, str]
LONGEST = 3 * 3_600
"""Seconds after which a rollout is considered stuck."""
SAMPLE_SECONDS = 0.2
"""Seconds between two samples of the memory; a work-horse with a large job lives longer."""


def measure(stack: Stack, token: str, devices: int, goal: str) -> list[Figure]:
    """The time from the request to the completed deployment and the memory, as (what, measured, goal)."""
    settings = load_settings()
    client = connect(settings, token)
    fleet.register(client, devices)
    started = time.monotonic()
    artifact = "sha256:" + hashlib.sha256(f"scale {devices}".encode()).hexdigest()
    with _most_memory(stack) as peaks:
        deployment_id = rollout.begin(client, "scale", str(devices), artifact)
        for deployment in rollout.watch(client, deployment_id, LONGEST, every=2):
            dispatched = sum(ring["dispatched"] for ring in deployment["rings"])
            reported = sum(ring["succeeded"] + ring["failed"] for ring in deployment["rings"])
            counts = f"{deployment['state']}: {dispatched:,} dispatched, {reported:,} reported"
            print(f"{time.monotonic() - started:6.0f} s {counts}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - started
    largest = max(peaks, key=lambda program: peaks[program])
    return [
        (f"rollout of {devices:,} devices through five rings: {deployment['state']}", f"{seconds:.0f} s", goal),
        ("peak memory of any process of the application", f"{peaks[largest]:.0f} MB ({largest})", "≤ 300 MB"),
    ]


@contextmanager
def _most_memory(stack: Stack) -> Iterator[dict[str, float]]:
    """The peak resident memory of each program's processes, including children, in MB, while the block runs."""
    peaks: dict[str, float] = dict.fromkeys(APPLICATION, 0.0)
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            for program in APPLICATION:
                pid = stack.pid(program)
                for process in (pid, *processes.descendants(pid)):
                    peaks[program] = max(peaks[program], _megabytes(process))

    sampling = threading.Thread(target=sample, daemon=True)
    sampling.start()
    try:
        yield peaks
    finally:
        stop.set()
        sampling.join()


def _megabytes(pid: int) -> float:
    try:
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(peak[1]) / 1024 if peak else 0.0


def main() -> None:
    """Measure one size on a separate stack."""
    devices = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with whole_stack() as stack:
        for figure in measure(stack, new_token(), devices, ""):
            print(*figure, sep="  ")


if __name__ == "__main__":
    main()
