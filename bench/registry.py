"""Our metrics compared with prometheus-client's registry for several processes, doing the same work.

It measures two costs: emitting, per request and per job, with metrics off, on, and with the registry; and reading all
metrics of 4 to 256 processes. Graphite is read over HTTP, with a real StatsD, carbon and graphite-web.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import Emitter
from app.metrics.projection import Measure
from app.metrics.reading.graphite import Graphite
from bench.emitter import Off, Ours, Seams, fastest, job, request
from ops.local.stack import Ports, Stack

CHECKOUT = Path(__file__).parents[1]
PROCESSES = (4, 16, 64, 256)
FORKS, READS = 60, 5
FLUSH = 1.0
"""Seconds between two flushes of StatsD."""
CONNECTORS = ("intune", "jamf", "sccm", "ansible")
OUTCOMES = ("succeeded", "failed", "deferred")
ENDPOINTS = tuple(f"bench.endpoint_{number}" for number in range(30))


class Registry(Off):
    """The same measures in prometheus-client's registry, a set of files per process."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Histogram  # reads PROMETHEUS_MULTIPROC_DIR on import

        def histogram(metric: m.Metric) -> Any:
            return Histogram(metric.name, metric.help, list(metric.labels), buckets=metric.bins or (1, 5, 10, 50))

        def counter(metric: m.Metric) -> Any:
            return Counter(metric.name, metric.help, list(metric.labels))

        self.query, self.requests, self.wait = map(histogram, (m.DB_QUERY, m.HTTP_REQUEST, m.JOB_WAIT))
        self.size, self.checked_out = map(histogram, (m.DB_POOL_SIZE, m.DB_POOL_CHECKED_OUT))
        self.jobs, self.operation = map(histogram, (m.JOB_DURATION, m.CONNECTOR_OPERATION))
        self.reports, self.verdicts, self.outcomes = map(
            counter, (m.REPORT_TOTAL, m.GATE_VERDICT, m.ASSIGNMENT_OUTCOME)
        )

    def statement(self, milliseconds: float) -> None:
        self.query.labels(verb="select").observe(milliseconds)

    def checkout(self) -> None:
        self.size.observe(8)
        self.checked_out.observe(1)

    def event(self) -> None:
        self.reports.labels(result="received").inc(100)
        self.reports.labels(result="duplicate").inc(3)
        self.verdicts.labels(ring="lab", verdict="pass").inc()

    def request_ends(self, milliseconds: float) -> None:
        self.requests.labels(endpoint="deployments.show", method="GET", status_class="2xx").observe(milliseconds)

    def job_begins(self, waited: float) -> None:
        self.wait.labels(queue="bulk").observe(waited)

    def job_ends(self, milliseconds: float) -> None:
        self.jobs.labels(job="collect", outcome="ok").observe(milliseconds)


def measure() -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    with _small_stack() as stack, tempfile.TemporaryDirectory(prefix="eucora-registry-") as files:
        environment = {**os.environ, **stack.environment(), "PROMETHEUS_MULTIPROC_DIR": files}
        command = [sys.executable, "-m", "bench.registry"]
        child = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        if child.returncode:
            raise RuntimeError(child.stderr)
    return [(what, measured, goal) for what, measured, goal in json.loads(child.stdout)]


@contextmanager
def _small_stack() -> Iterator[Stack]:
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    stack = Stack(root, Ports.free(), ("carbon", "graphite", "statsd"), durable=False, owner=os.getpid())
    stack.start()
    try:
        yield stack
    finally:
        stack.remove()


# The code below runs in a separate process, whose environment names the folder for the registry's files.


def _main() -> None:
    warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)  # there is one thread
    emitter.install(Emitter("127.0.0.1", int(os.environ["EUCORA_STATSD_PORT"])))
    registry = Registry()
    kinds: list[Seams] = [Off(), Ours(), registry]
    per_request = fastest(*(_bound(request, seams) for seams in kinds))
    per_job = fastest(*(_bound(job, seams) for seams in kinds))
    per_fork = [_in_work_horses(seams) for seams in kinds]
    rows = [
        _row("a request's ten measures: off, on, multiprocess registry", per_request, "on ≤ registry"),
        _row("a job's ten measures in a long-lived process: off, on, registry", per_job, "on ≤ registry"),
        _row("a job's ten measures in a forked work-horse: off, on, registry", per_fork, "on ≤ registry"),
    ]
    graphite, folder = Graphite(os.environ["EUCORA_GRAPHITE_URL"]), Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for processes in PROCESSES:
        rows.append(_read(processes, registry, graphite, folder))
    print(json.dumps(rows))


def _bound(action: Callable[[Seams], None], seams: Seams) -> Callable[[], None]:
    return lambda: action(seams)


def _row(what: str, microseconds: list[float], goal: str) -> tuple[str, str, str]:
    return what, " / ".join(f"{cost:.1f}" if cost < 100 else f"{cost:.0f}" for cost in microseconds) + " µs", goal


def _in_work_horses(seams: Seams) -> float:
    """The median of the microseconds that a job's measures take in a process that was forked for the job."""
    taken = []
    for _ in range(FORKS):
        reading, writing = os.pipe()

        def measured(writing: int = writing) -> None:
            started = time.perf_counter()
            if isinstance(seams, Ours):
                emitter.after_fork(keep_socket=True)
            job(seams)
            os.write(writing, repr(time.perf_counter() - started).encode())

        _in_child(measured)
        taken.append(float(os.read(reading, 100)))
        os.close(reading)
        os.close(writing)
    return statistics.median(taken) * 1e6


def _in_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _read(processes: int, registry: Registry, graphite: Graphite, folder: Path) -> tuple[str, str, str]:
    """Let a number of processes emit, one after the other, then read the totals of all of them, both ways."""
    for file in folder.iterdir():
        file.unlink()
    time.sleep(2 * FLUSH + 0.1)
    started = int(time.time())
    for _ in range(processes):
        _in_child(lambda: _work(registry))
        time.sleep(0.002)  # not faster than StatsD reads
    time.sleep(2 * FLUSH + 0.1)
    ended = int(time.time())
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    scrape, scraped = _timed(lambda: _scrape(folder))
    render, rendered = _timed(lambda: _render(graphite, started - 1, ended))
    if scraped != rendered:
        raise RuntimeError(f"The registry has {scraped}, Graphite has {rendered}")
    return (
        f"reading everything {processes} processes measured: registry ({size:.0f} MB), Graphite",
        f"{scrape * 1000:.0f} / {render * 1000:.0f} ms",
        "Graphite: the same for any number",
    )


def _timed(read: Callable[[], dict[str, float]]) -> tuple[float, dict[str, float]]:
    taken = []
    for _ in range(READS):
        started = time.perf_counter()
        totals = read()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), totals


def _work(registry: Registry) -> None:
    """Emit what one process emits in its life: 60 counters, 30 endpoints and 12 operations with their bins."""
    emitter.after_fork()
    with emitter.batch():
        for ring in m.RINGS[:5]:
            for connector in CONNECTORS:
                for outcome in OUTCOMES:
                    labels = {"ring": ring, "connector": connector, "outcome": outcome}
                    registry.outcomes.labels(**labels).inc(3)
                    emitter.emit(Measure(m.ASSIGNMENT_OUTCOME, m.ASSIGNMENT_OUTCOME(**labels), 3))
        for endpoint in ENDPOINTS:
            labels = {"endpoint": endpoint, "method": "GET", "status_class": "2xx"}
            registry.requests.labels(**labels).observe(42)
            emitter.emit(Measure(m.HTTP_REQUEST, m.HTTP_REQUEST(**labels), 42))
        for connector in CONNECTORS:
            for operation in ("publish", "results", "health"):
                labels = {"connector": connector, "operation": operation, "outcome": "ok"}
                registry.operation.labels(**labels).observe(700)
                emitter.emit(Measure(m.CONNECTOR_OPERATION, m.CONNECTOR_OPERATION(**labels), 700))


READ = (m.ASSIGNMENT_OUTCOME, m.HTTP_REQUEST, m.CONNECTOR_OPERATION)


def _scrape(folder: Path) -> dict[str, float]:
    """Read the exposition like a scrape; the totals of its counts, by metric."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    whole = CollectorRegistry()
    MultiProcessCollector(whole, str(folder))  # type: ignore[no-untyped-call]  # the library's
    sums = {metric.name: 0.0 for metric in READ}
    for line in generate_latest(whole).decode().splitlines():
        name = line.split("{", 1)[0]
        for metric in READ:
            if name in (metric.name, f"{metric.name}_count"):
                sums[metric.name] += float(line.rsplit(" ", 1)[1])
    return sums


def _render(graphite: Graphite, start: int, end: int) -> dict[str, float]:
    """Read the same series from Graphite with their bins and sums, at full resolution; the totals of the counts."""
    aspects = ("count", "sum", "histogram.*")
    targets = [m.ASSIGNMENT_OUTCOME.series("count")]
    targets += [metric.series(aspect) for metric in READ[1:] for aspect in aspects]
    sums = {metric.name: 0.0 for metric in READ}
    for series in graphite.render(targets, start, end):
        for metric in READ:
            if series.name.startswith(metric.series("").split("*")[0]) and series.name.endswith(".count"):
                sums[metric.name] += series.total
    return sums


if __name__ == "__main__":
    _main()
