"""What metrics cost a request: the same load on the same API with metrics on and off, in turns.

Two servers of the same configuration share one stack; the second has metrics off (`bench.unmeasured`). Clients send
requests as fast as they are answered, first to one, then to the other; the ratio of each pair counts, and their median
is the figure. `python -m bench.overhead` measures on a stack of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bench.load import drive
from bench.stack import CHECKOUT, measured_apart, new_token, whole_stack
from ops.local.stack import Ports

Figure = tuple[str, str, str]
PAIRS, SECONDS = 10, 3.0
CONNECTIONS = 16
ENOUGH = 0.9


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.overhead")


def main() -> None:
    """Measure on a separate stack."""
    with whole_stack() as stack, _unmeasured() as off:
        token, on = new_token(), stack.ports.api
        figures = [
            _figure("requests that only emit metrics", on, off, token, ""),
            _figure("requests that also write events", on, off, token, "overhead"),
        ]
    print(json.dumps(figures) if "--json" in sys.argv else "\n".join(" | ".join(figure) for figure in figures))


def _figure(what: str, on: int, off: int, token: str, writer: str) -> Figure:
    pairs = []
    for number in range(PAIRS + 1):
        ports = (on, off) if number % 2 else (off, on)
        rates = {port: _rate(port, token, f"{writer}-{port}-{number}" if writer else "") for port in ports}
        pairs.append((rates[on], rates[off]))
    counted = pairs[1:]  # the first pair warms up connections and statements
    share = statistics.median(measured / bare for measured, bare in counted)
    shown = statistics.median(measured for measured, _ in counted)
    return f"{what}, relative to metrics off", f"{share:.0%} ({shown:,.0f} per second)", f"≥ {ENOUGH:.0%}"


def _rate(port: int, token: str, writer: str) -> float:
    """Requests per second, as many as are answered."""
    ((sent, seconds),) = drive(port, token, SECONDS, [(float("inf"), CONNECTIONS, writer)])
    return sent / seconds


@contextmanager
def _unmeasured() -> Iterator[int]:
    """A server with metrics off; its port."""
    port = Ports.free().api
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "bench.unmeasured:app"]
    environment = {**os.environ, "EUCORA_API_PORT": str(port)}
    server = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not _is_up(port):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The server with metrics off does not respond.")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
