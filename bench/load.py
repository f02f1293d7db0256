"""A minute of load: requests that only emit metrics, requests that also write events, and jobs; then the totals.

Client processes send requests at a steady pace from the same machine, while a rollout keeps the RQ workers busy. Then
every event-derived total and the number of requests must be equal in Graphite. After another minute, with StatsD killed
halfway through, the event-derived totals must be equal after a repair. `python -m bench.load --seconds 10` is quick.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.demo import fleet, rollout
from app.demo.calling import connect
from app.factory import create_app
from app.metrics import catalogue as m
from app.metrics.proof.carbon import Carbon
from app.metrics.proof.outcome import Reconciliation
from app.metrics.proof.reconcile import reconcile
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from bench.books import until_quiet
from bench.stack import CHECKOUT, measured_apart, new_token, whole_stack
from ops.local.stack import Stack

Figure = tuple[str, str, str]
READERS, READS = 16, 1_060
WRITERS, WRITES = 16, 108
"""Connections, and requests per second over all of them."""
DEVICES = 1_000
"""Devices in the rollout that the workers carry out meanwhile."""


@dataclass(frozen=True)
class Load:
    """One run: the requests, their duration in seconds, and the totals."""

    seconds: float
    reads: int
    writes: int
    before: Reconciliation
    after: Reconciliation
    requests: dict[str, tuple[int, int]]
    """By endpoint: requests answered, requests counted in Graphite."""


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.load")


def main() -> None:
    """Measure on a separate stack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long each of the two runs lasts")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    with whole_stack() as stack:
        token = new_token()
        with create_app().app_context():
            _settle(stack, token)
            undisturbed = _run(stack, token, options.seconds, "1")
            killed = _run(stack, token, options.seconds, "2", kill=True)
    figures = [*_figures(undisturbed), *_figures(killed, " with StatsD killed")]
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _settle(stack: Stack, token: str) -> None:
    """Register the fleet of the rollouts; send a second of every request, so connections and statements are warm."""
    fleet.register(connect(load_settings(), token), DEVICES)
    _drive(stack.ports.api, token, 1, "warm")
    time.sleep(8)


def _run(stack: Stack, token: str, seconds: float, name: str, kill: bool = False) -> Load:
    started = time.time()
    if kill:
        threading.Timer(seconds / 2, lambda: os.kill(stack.pid("statsd"), signal.SIGKILL)).start()
    settings = load_settings()
    rollout.begin(connect(settings, token), f"load-{name}", "1", "sha256:" + "1d" * 32)
    reads, writes, lasted = _drive(stack.ports.api, token, seconds, name)
    until_quiet()
    graphite, span = Graphite(settings.graphite_url), (_moment(started - 4), datetime.now(UTC))
    before = reconcile(graphite, *span)
    carbon = Carbon(settings.carbon_host, settings.carbon_port)
    after = reconcile(graphite, *span, carbon=carbon) if kill else before
    counted = {
        endpoint: m.HTTP_REQUEST.series("count", endpoint=endpoint, method=method, status_class="2xx")
        for endpoint, method in (("health_healthz", "GET"), ("devices_create", "POST"))
    }
    totals = graphite.totals(counted.values(), int(started) - 1, int(time.time()))
    counts = [round(totals[series]) for series in counted.values()]
    requests = {"GET /healthz": (reads, counts[0]), "POST /devices": (writes, counts[1])}
    return Load(lasted, reads, writes, before, after, requests)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


# The clients


Client = tuple[float, int, str]
"""A client's requests per second, at most, its connections, and the name of the devices that it registers, or ""."""


def drive(port: int, token: str, seconds: float, clients: Sequence[Client]) -> list[tuple[int, float]]:
    """For each client, the number of requests that were answered, and how long they took in seconds."""
    processes = [_process(port, *client) for client in clients]
    for process in processes:
        _line(process)
    start = time.time() + 0.2
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(json.dumps([token, start, seconds]) + "\n")
        process.stdin.flush()
    sent = [json.loads(_line(process)) for process in processes]
    for process in processes:
        process.communicate()
    return [(count, ended - start) for count, ended in sent]


def _drive(port: int, token: str, seconds: float, name: str) -> tuple[int, int, float]:
    """The numbers of reads and writes that were answered, and how long they took in seconds."""
    (reads, until), (writes, also) = drive(port, token, seconds, [(READS, READERS, ""), (WRITES, WRITERS, name)])
    return reads, writes, max(until, also)


def _process(port: int, pace: float, connections: int, writer: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.client", str(port), str(pace), str(connections)]
    command += [writer] if writer else []
    return subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        raise RuntimeError("A client stopped.")
    return line


# The figures


def _figures(load: Load, how: str = "") -> list[Figure]:
    rows = [
        (f"requests/s that only emit metrics{how}", f"{load.reads / load.seconds:,.0f}", "≥ 1,000"),
        (f"requests/s that also write events, at the same time{how}", f"{load.writes / load.seconds:,.0f}", "≥ 100"),
    ]
    outcome = load.before
    if not how:
        for endpoint, (sent, counted) in load.requests.items():
            rows.append(
                (f"{endpoint}: requests counted in Graphite, of those answered", f"{counted:,} of {sent:,}", "all")
            )
    else:
        lost = sum(row.difference for row in outcome.rows if row.series.endswith(".count"))
        rows.append((f"event counts that Graphite missed{how}", f"{lost:,.0f} of {outcome.events:,} events", ""))
    equal = load.after.series - sum(bool(row.left) for row in load.after.rows)
    what = f"event-derived series equal{how + ', after the repair' if how else ''}, {load.after.events:,} events"
    rows.append((what, f"{equal} of {load.after.series}", "all"))
    return rows


if __name__ == "__main__":
    main()
