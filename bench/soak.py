"""Half an hour of steady rollouts: memory, tables and queues; with `--chaos`, everything is killed meanwhile.

`python -m bench.soak` samples what every part uses and compares the second third of the run with the last.
`python -m bench.soak --chaos` kills every program, and the processes that the API and the workers fork, again and again
with signal 9; pauses PostgreSQL and Redis; kills the supervisor and starts the stack again. Both end by comparing
counters, chain, verdicts and totals. `--minutes 2` is quick and proves little.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine

from app import queue
from app.demo import fleet
from app.demo.calling import connect
from app.factory import create_app
from app.settings import load_settings
from bench import books, samples
from bench.chaos import Chaos
from bench.stack import new_token, whole_stack
from bench.steady import APPLICATIONS, FAILURES, Incidents, Reader, Rollouts, Steady
from ops.local.stack import Stack

Figure = tuple[str, str, str]
DEVICES = 1_000
SAMPLE_SECONDS = 5.0
INCIDENT_SECONDS, READ_SECONDS = 0.5, 1.0
PROFILE = {"EUCORA_SIMULATED_PROFILE": '{"failure": 0.001}'}
"""Healthy devices: a rollout that ends early would end the work that is to be steady."""
FLAT = 0.05
"""The most that a figure may grow from the second third of a run to the last."""
MIB = samples.MIB
SERVERS = 4
"""Processes of the API, as gunicorn.conf.py has them."""


def main() -> None:
    """Run on a stack of its own and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--chaos", action="store_true", help="kill, pause and restart everything meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which things are killed")
    options = parser.parse_args()
    console = Console(width=118)
    with whole_stack(PROFILE) as stack, create_app().app_context():
        figures = _run(stack, options.minutes * 60, options.seed if options.chaos else None, console.print)
    table = Table(title="Chaos" if options.chaos else "Soak", title_justify="left")
    for heading in ("what", "measured", "goal"):
        table.add_column(heading, overflow="fold")
    for figure in figures:
        table.add_row(*figure)
    console.print(table)


def _run(stack: Stack, seconds: float, seed: int | None, tell: Callable[[str], None]) -> list[Figure]:
    settings, token = load_settings(), new_token()
    fleet.register(connect(settings, token), DEVICES)
    began = datetime.now(UTC) - timedelta(seconds=5)
    rollouts = [Rollouts(connect(settings, token), f"soak-{number}") for number in range(APPLICATIONS)]
    incidents = Incidents(connect(settings, token), INCIDENT_SECONDS)
    reader = Reader(connect(settings, token), READ_SECONDS)
    workers: list[Steady] = [*rollouts, incidents, reader]
    for worker in workers:
        worker.start()
    measured = _sampled(stack, seconds) if seed is None else _disturbed(stack, seconds, seed, tell)
    for worker in workers:
        worker.stopped.set()
    for worker in workers:
        worker.finish()
    tell("everything has ended; waiting for quiet")
    quiet = books.until_quiet()
    depths = sum(queue.depths().values())
    return [
        *_work(rollouts, incidents, reader),
        *measured,
        (
            "jobs that still wait in the queues at the end",
            f"{depths}{'' if quiet else ', and events are written'}",
            "0",
        ),
        *books.figures(began, incidents.opened),
    ]


def _work(rollouts: list[Rollouts], incidents: Incidents, reader: Reader) -> list[Figure]:
    ended, reasons, statuses = Counter[str](), Counter[str](), Counter[int | str]()
    workers: list[Steady] = [*rollouts, incidents, reader]
    for worker in workers:
        statuses += worker.statuses
    for each in rollouts:
        ended += each.ended
        reasons += each.reasons
    faults = sum(statuses[status] for status in FAILURES)
    said = {worker.said[status] for worker in workers for status in FAILURES if status in worker.said}
    every = sum(ended.values())
    others = "".join(f", {count} {reason}" for reason, count in reasons.items())
    repeated = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items(), key=str)) or "none"
    return [
        (f"rollouts of {DEVICES:,} devices completed", f"{ended['completed']} of {every}{others}", "all"),
        ("incidents opened and closed; rounds of reads", f"{len(incidents.opened):,}; {reader.reads:,}", ""),
        ("requests that were repeated, by what came instead of an answer", repeated, ""),
        ("answers that no missing part explains (500, 502, 504)", "; ".join([str(faults), *said]), "0"),
    ]


# Steady


def _sampled(stack: Stack, seconds: float) -> list[Figure]:
    until = time.monotonic() + seconds
    used: list[samples.Sample] = []
    redis = queue.connection()
    engine = create_engine(stack.environment()["EUCORA_MIGRATION_DATABASE_URL"])
    while time.monotonic() < until:
        time.sleep(SAMPLE_SECONDS)
        with engine.connect() as connection:
            stored = samples.stored(connection)
        memory = samples.memory(stack)
        memory["postgres"] /= max(stored["connections"], 1)
        used.append({**memory, **stored, **samples.queued(redis), **samples.files(stack)})
    engine.dispose()
    return _grown(used)


def _grown(used: list[samples.Sample]) -> list[Figure]:
    """The figures of every third of a run."""
    medians = samples.thirds(used)
    programs = [name for name in samples.programs() if name in medians]
    # A pool opens its connections when it first needs so many at once, so it may fill for hours.
    each = {"postgres": " for each connection"}
    rows: list[tuple[str, samples.Thirds, float]] = [
        (f"memory of {name}{each.get(name, '')}, MiB", medians[name], MIB) for name in programs
    ]
    rows += [(name, medians[name], 1.0) for name in ("Redis keys", "whisper files")]
    figures = []
    for name, median, unit in rows:
        grows = median.has_grown(FLAT, samples.WARM_BYTES if unit == MIB else 2.0)
        shown = " → ".join(f"{value / unit:,.1f}".removesuffix(".0") for value in median)
        figures.append((name, f"{shown}{': grows' if grows else ''}", f"flat (≤ {FLAT:.0%})"))
    return [*figures, *_bounded(used)]


def _bounded(used: list[samples.Sample]) -> list[Figure]:
    """Queues' greatest depth, and what the tables hold for each device that was told."""
    size = len(used) // 3
    depths = [
        max(max(sample[name] for name in sample if name.startswith("queue ")) for sample in part)
        for part in (used[size : 2 * size], used[2 * size :])
    ]
    first, middle, last = used[0], used[size * 2], used[-1]
    told = "rows assignments"
    per = [
        (later["bytes"] - earlier["bytes"]) / max(later[told] - earlier[told], 1)
        for earlier, later in ((first, middle), (middle, last))
    ]
    most = max(sample["connections"] for sample in used)
    pools = load_settings().db_pool_size * (SERVERS + sum("worker" in name for name in samples.programs()))
    share = last["dead rows"] / max(last["live rows"], 1)
    return [
        ("the most connections of the database", f"{most:,.0f}", f"≤ {pools}, which the pools may hold"),
        ("the longest queue, second and last third", f"{depths[0]:,.0f}, {depths[1]:,.0f} jobs", "bounded"),
        ("bytes of all tables per device told, first two thirds, last third", f"{per[0]:,.0f}, {per[1]:,.0f}", "flat"),
        ("rows of dead versions, of live ones, at the end", f"{share:.0%}", "bounded"),
        ("bytes of logs", f"{last['bytes of logs'] / MIB:,.1f} MiB", "rotated"),
    ]


# Disturbed


def _disturbed(stack: Stack, seconds: float, seed: int, tell: Callable[[str], None]) -> list[Figure]:
    """Rounds of kills, with the two pauses and the end of the supervisor at the quarters of the run."""
    chaos, began = Chaos(stack, seed, tell), time.monotonic()
    interruptions = [lambda: chaos.pause("postgres"), lambda: chaos.pause("redis"), chaos.end_supervisor]
    for number, interrupt in enumerate(interruptions, start=1):
        quarter = began + seconds * number / 4
        while time.monotonic() < quarter:
            chaos.round(quarter)
        interrupt()
    while time.monotonic() < began + seconds:
        chaos.round(began + seconds)
    each = chaos.kills
    least = min(each[name] for name in chaos.targets())
    return [
        ("kills, and the fewest of any program", f"{each.total():,}, {least}", "≥ 50 of each in 30 minutes"),
        ("kills by program", ", ".join(f"{name} {count}" for name, count in sorted(each.items())), ""),
    ]


if __name__ == "__main__":
    main()
