"""What a running stack uses, sampled: memory of each program, rows and queues, files."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from redis import Redis
from sqlalchemy import Connection, text

from app import queue
from ops.local import processes
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Stack

MIB = 1_048_576
WARM_BYTES = 2 * MIB
"""A growth below this is noise, whatever share it is: memory comes in pages and arenas."""
JOB_RUNNERS = ("worker", "scheduler")
"""Programs whose children live for one job each, and are not counted."""

Sample = Mapping[str, float]


class Thirds(NamedTuple):
    """The median of one figure in each third of a run."""

    first: float
    second: float
    last: float

    def has_grown(self, share: float, least: float) -> bool:
        """Whether the last third has more than the second by that share, and by at least so much.

        The first third does not count: caches fill and pools open.
        """
        return self.last - self.second > max(self.second * share, least)


def thirds(samples: Iterable[Sample]) -> dict[str, Thirds]:
    """Each figure's medians. A figure that a sample lacks is left out of it."""
    every = list(samples)
    size = max(len(every) // 3, 1)
    parts = (every[:size], every[size : 2 * size], every[2 * size :])
    names = sorted(set[str]().union(*every))
    return {
        name: Thirds(*(_median(sample[name] for sample in part if name in sample) for part in parts)) for name in names
    }


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.median(found) if found else 0.0


def programs() -> tuple[str, ...]:
    """The names of everything that a stack runs."""
    return (*INFRASTRUCTURE, *APPLICATION)


def memory(stack: Stack) -> dict[str, float]:
    """Bytes of anonymous memory by program, of all its processes together; 0 for a program that is not running."""
    used: dict[str, float] = {}
    for name in programs():
        pid = stack.pid(name)
        family = [pid] if any(word in name for word in JOB_RUNNERS) else [pid, *processes.descendants(pid)]
        used[name] = sum(_anonymous(each) for each in family if each)
    return used


def _anonymous(pid: int) -> int:
    """Bytes that only this process uses: pages that are neither files nor shared; 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def stored(connection: Connection) -> dict[str, float]:
    """Rows and bytes of every table, and connections of the database."""
    figures: dict[str, float] = defaultdict(float)
    for row in connection.execute(
        text("SELECT relname, n_live_tup, n_dead_tup, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables")
    ):
        figures[f"rows {row.relname}"] = row.n_live_tup
        figures["dead rows"] += row.n_dead_tup
        figures["live rows"] += row.n_live_tup
        figures["bytes"] += row.bytes
    figures["connections"] = connection.execute(
        text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    ).scalar_one()
    connection.rollback()
    return dict(figures)


def queued(redis: Redis) -> Sample:
    """Waiting jobs of each queue, and all keys of Redis."""
    return {f"queue {name}": depth for name, depth in queue.depths().items()} | {"Redis keys": redis.dbsize()}


def files(stack: Stack) -> Sample:
    """The number of whisper files, and the bytes of all logs."""
    whisper = sum(1 for _ in (stack.layout.graphite / "whisper").rglob("*.wsp"))
    logs = sum(file.stat().st_size for file in stack.layout.log.iterdir())
    return {"whisper files": whisper, "bytes of logs": logs}
