"""What a fleet needs, computed from measured costs: `python -m bench.sizing` prints the table of docs/scaling.md.

The constants are what `python -m bench.costs` printed; run it again when the schema changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

from app.metrics.proof.repairing import TIERS
from app.settings import Settings

# Bytes in PostgreSQL with indexes: python -m bench.costs, three releases to 10,000 devices. 801 per device and release.
DEVICE_BYTES = 240
"""A row of `devices`."""
KEPT_BYTES = 420
"""Per device and release, without end: an assignment 365, an installation 35, the share of events and all else 16."""
REPORT_BYTES = 390
"""Per device and release, until its reports are deleted."""
REPORT_DAYS = int(Settings.model_fields["keep_reports"].default)

# Processor time per device and release: the same run, on two cores that other programs used too.
WORKER_SECONDS = 0.000_94
POSTGRES_SECONDS = 0.000_31
DATAGRAMS = 0.028
"""Datagrams to StatsD per device and release: a batch of devices is one job, and a job sends few of them."""
SERIES = 722
"""Series of one StatsD after releases through five rings, with one connector and no application of its own."""

# The fleet of bench.rollouts_simulated.
LAST_RING, ONLINE, MEDIAN_SECONDS = 0.7, 0.75, 20 * 60
UTILIZATION = 0.5
"""Workers are busy for half of the busiest second, so that a queue that built up becomes shorter again."""

FEWEST_WORKERS = 3
"""As in docker-compose.yml: two for bulk work and one that also works on drift. One more is reserved for decisions."""
API_CONNECTIONS = 4 * 8
"""An API instance: four processes (gunicorn.conf.py) with a pool of eight connections each (EUCORA_DB_POOL_SIZE)."""
WORKER_CONNECTIONS = 2
"""A worker: its job, and what the job does beside its transaction."""

POINT_BYTES, HEADER_BYTES, TIER_BYTES = 12, 16, 12
"""whisper's format."""


@dataclass(frozen=True)
class Installation:
    """A fleet, its releases per year, each of which goes to every device, and how many hosts serve it."""

    devices: int
    releases: int
    hosts: int = 2


def series_bytes() -> int:
    """The size of a whisper file with the retention of StatsD's series."""
    points = sum(tier.retention // tier.step for tier in TIERS)
    return HEADER_BYTES + TIER_BYTES * len(TIERS) + POINT_BYTES * points


def database_bytes(fleet: Installation, years: float = 1) -> float:
    """Bytes of tables and indexes after so many years of releases."""
    installed_per_year = fleet.devices * fleet.releases
    reports = min(years, REPORT_DAYS / 365) * REPORT_BYTES
    return fleet.devices * DEVICE_BYTES + installed_per_year * (years * KEPT_BYTES + reports)


def growth_bytes(fleet: Installation) -> float:
    """Bytes by which the database grows in every year after the first."""
    return database_bytes(fleet, 3) - database_bytes(fleet, 2)


def busiest(fleet: Installation) -> float:
    """Results per second right after a last ring is dispatched: half of the online devices respond by the median."""
    return fleet.devices * LAST_RING * ONLINE * log(2) / MEDIAN_SECONDS


def bulk_workers(fleet: Installation) -> int:
    """Workers that keep up with the busiest second."""
    return max(FEWEST_WORKERS, ceil(busiest(fleet) * WORKER_SECONDS / UTILIZATION))


def cores(fleet: Installation) -> float:
    """Processors that workers and PostgreSQL use in the busiest second."""
    return busiest(fleet) * (WORKER_SECONDS + POSTGRES_SECONDS)


def backlog_seconds(fleet: Installation) -> float:
    """How long the workers need if the whole fleet reported at once, each with a processor of its own."""
    return fleet.devices * WORKER_SECONDS / bulk_workers(fleet)


def datagrams(fleet: Installation) -> float:
    """Datagrams to StatsD in the busiest second."""
    return busiest(fleet) * DATAGRAMS


def whisper_bytes(fleet: Installation) -> int:
    """Bytes on each carbon that stores every series, when all its files are full."""
    return fleet.hosts * SERIES * series_bytes()


def connections(fleet: Installation) -> int:
    """The most connections to PostgreSQL: one API instance on each host, the workers, and one for decisions on each."""
    return fleet.hosts * (API_CONNECTIONS + WORKER_CONNECTIONS) + bulk_workers(fleet) * WORKER_CONNECTIONS


FLEETS = (
    Installation(1_000, 50, hosts=1),
    Installation(10_000, 100, hosts=1),
    Installation(100_000, 200),
    Installation(300_000, 200),
    Installation(1_000_000, 250),
)
HEADINGS = (
    "devices",
    "releases a year",
    "hosts",
    "database after a year",
    "and each year after",
    "busiest results/s",
    "cores for them",
    "bulk workers",
    "all devices at once",
    "datagrams/s",
    "whisper, each carbon",
    "connections",
)


def volume(number: float) -> str:
    """Bytes for people, with two digits."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= size or unit == "MB":
            return f"{number / size:.2g} {unit}" if number < 100 * size else f"{number / size:,.0f} {unit}"
    raise AssertionError("unreachable")


def row(fleet: Installation) -> tuple[str, ...]:
    """The cells of the table."""
    return (
        f"{fleet.devices:,}",
        f"{fleet.releases:,}",
        f"{fleet.hosts}",
        volume(database_bytes(fleet)),
        volume(growth_bytes(fleet)),
        f"{busiest(fleet):,.3g}",
        f"{cores(fleet):.1g}",
        f"{bulk_workers(fleet)}",
        f"{backlog_seconds(fleet):,.0f} s",
        f"{datagrams(fleet):,.1g}",
        volume(whisper_bytes(fleet)),
        f"{connections(fleet)}",
    )


def table() -> str:
    """The table in Markdown."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(row, FLEETS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


if __name__ == "__main__":
    print(table())
