"""A complete five-ring rollout over many simulated devices, on a whole stack: `python -m bench.scale 1000000`."""

from __future__ import annotations

import hashlib
import sys
import time

from app.demo.client import Client, inventory
from app.settings import load_settings
from bench.stack import new_token, whole_stack

Row = tuple[str, str, str]
LONGEST = 3 * 3_600
"""Seconds after which a rollout is taken for stuck."""


def measure(token: str, devices: int, goal: str) -> list[Row]:
    """The time from the request to the completed deployment, as (what, measured, goal)."""
    settings = load_settings()
    client = Client(f"http://{settings.api_host}:{settings.api_port}", token)
    client.register(inventory(devices))
    begun = time.monotonic()
    artifact = "sha256:" + hashlib.sha256(f"scale {devices}".encode()).hexdigest()
    deployment = client.deploy("scale", str(devices), artifact)
    for seen in client.watch(deployment, LONGEST, every=2):
        told = sum(ring["dispatched"] for ring in seen["rings"])
        heard = sum(ring["succeeded"] + ring["failed"] for ring in seen["rings"])
        line = f"{time.monotonic() - begun:6.0f} s {seen['state']}: {told:,} told, {heard:,} heard of"
        print(line, file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    return [(f"rollout of {devices:,} devices through five rings: {seen['state']}", f"{seconds:.0f} s", goal)]


def main() -> None:
    """Measure one size on a stack of its own."""
    devices = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with whole_stack():
        for row in measure(new_token(), devices, ""):
            print(*row, sep="  ")


if __name__ == "__main__":
    main()
