"""What a device, a release and a series cost, for the constants of bench/sizing.py: `python -m bench.costs`.

It rolls releases out to 10,000 devices on a stack of its own, and prints bytes, processor time and datagrams.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from app.db import db
from app.demo import run
from app.factory import create_app
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from bench.stack import new_token, whole_stack
from ops.local.processes import descendants
from ops.local.stack import Stack

PARTS = {
    "api": ("api",),
    "workers": ("control-worker", "bulk-worker-1", "bulk-worker-2", "bulk-worker-3"),
    "postgres": ("postgres",),
    "statsd": ("statsd",),
    "carbon": ("carbon",),
}
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
SIZES = "SELECT relname, pg_total_relation_size(relid) AS size FROM pg_stat_user_tables"


def processor_seconds(pid: int) -> float:
    """The processor time of a process, its descendants, and those of them that have ended."""
    ticks = 0
    for member in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def processor_times(stack: Stack) -> dict[str, float]:
    """The processor time of each part of the stack."""
    return {part: sum(processor_seconds(stack.pid(name)) for name in names) for part, names in PARTS.items()}


def table_sizes() -> dict[str, int]:
    """Bytes of each table with its indexes."""
    with db.engine.connect() as connection:
        return {row.relname: row.size for row in connection.execute(text(SIZES))}


def whisper_sizes(folder: Path) -> tuple[int, int, int]:
    """The number of StatsD's series, the bytes of their files, and the bytes that these use on the disk."""
    files = [file.stat() for file in folder.glob("stats*/**/*.wsp")]
    return len(files), sum(file.st_size for file in files), sum(file.st_blocks * 512 for file in files)


def total(graphite: Graphite, target: str, since: float) -> float:
    """The sum of a series since then."""
    return sum(series.total for series in graphite.render([target], int(since), int(time.time()) + 2))


def peak(graphite: Graphite, target: str, since: float) -> float:
    """The highest sum of a second since then."""
    series = graphite.render([f"sumSeries({target})"], int(since), int(time.time()) + 2)
    return max((value or 0.0 for one in series for value, _ in one.points), default=0.0)


def measure(stack: Stack, devices: int, releases: int) -> None:
    """Roll out one release to create every series, then `releases` that are measured, and print the costs."""
    settings, token, console = load_settings(), new_token(), Console(quiet=True)
    graphite = Graphite(settings.graphite_url)
    empty = table_sizes()
    run.run(console, settings, token, devices)
    sizes, times, since = table_sizes(), processor_times(stack), time.time()
    seconds = 0.0
    for _ in range(releases):
        seconds += run.run(console, settings, token, devices).rollout_seconds
    spent = {part: seconds_now - times[part] for part, seconds_now in processor_times(stack).items()}
    grown: dict[str, float] = defaultdict(float)
    for name, size in table_sizes().items():
        grown[name] = (size - sizes.get(name, 0)) / (devices * releases)
    print(f"{releases} releases to {devices:,} devices in {seconds:.0f} s")
    print(f"devices: {(sizes['devices'] - empty.get('devices', 0)) / devices:.0f} bytes each")
    print(f"database: {sum(grown.values()):.0f} bytes per device and release")
    for name, added in sorted(grown.items(), key=lambda item: -item[1]):
        if added >= 1:
            print(f"  {name}: {added:.0f}")
    for part, used in spent.items():
        print(f"{part}: {used / devices / releases * 1e3:.3f} ms of a processor per device and release")
    packets = "stats.counters.statsd.packets_received.count"
    lines = "stats.counters.statsd.metrics_received.count"
    print(f"datagrams: {total(graphite, packets, since) / devices / releases:.3f} per device and release")
    print(f"lines in them: {total(graphite, lines, since) / devices / releases:.3f} per device and release")
    print(f"busiest second: {peak(graphite, packets, since):.0f} datagrams")
    flushed = total(graphite, "carbon.agents.*.metricsReceived", since)
    print(f"points: {flushed / (time.time() - since):.0f} per second on average")
    number, apparent, used_bytes = whisper_sizes(stack.layout.graphite / "whisper")
    print(f"whisper: {number:,} series of {apparent / number:,.0f} bytes, {used_bytes / number:,.0f} on the disk")
    with db.engine.connect() as connection:
        print(f"connections: {connection.execute(text(CONNECTED)).scalar_one()}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description=__doc__)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--releases", type=int, default=3)
    arguments = parser.parse_args()
    with whole_stack() as stack:
        load_settings.cache_clear()
        with create_app().app_context():
            measure(stack, arguments.devices, arguments.releases)


if __name__ == "__main__":
    main()
