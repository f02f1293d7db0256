"""Metrics that StatsD and carbon emit about themselves. Standard library only.

This program does not emit them, so they are not in the catalogue; panels, alerts and `flask doctor` read them by these
names. Every series has a `*` in place of the instance: StatsD's global prefix, or the host that carbon runs on.
"""

from __future__ import annotations

from dataclasses import dataclass

STATSD_SECONDS = 1
CARBON_SECONDS = 10

_STATSD = f"StatsD, every {STATSD_SECONDS} s"
_CARBON = f"carbon, every {CARBON_SECONDS} s"


@dataclass(frozen=True)
class Foreign:
    """A series, one per instance, that StatsD or carbon emits about itself."""

    name: str
    series: str
    """As used in a query to Graphite."""
    unit: str
    help: str
    by: str


def _counter(name: str, help: str) -> Foreign:
    return Foreign(f"statsd_{name}", f"stats*.counters.statsd.{name}.count", "1", help, _STATSD)


def _statsd(name: str, path: str, unit: str, help: str) -> Foreign:
    return Foreign(f"statsd_{name}", f"stats*.{path}", unit, help, _STATSD)


def _carbon(name: str, path: str, unit: str, help: str) -> Foreign:
    return Foreign(f"carbon_{name}", f"carbon.agents.*.{path}", unit, help, _CARBON)


STATSD_PACKETS = _counter("packets_received", "Datagrams that StatsD received on both ports since its last flush.")
STATSD_METRICS = _counter("metrics_received", "Lines in these datagrams.")
STATSD_BAD_LINES = _counter("bad_lines_seen", "Values that StatsD could not parse; they are lost.")
STATSD_LAG = _statsd(
    "timestamp_lag",
    "gauges.statsd.timestamp_lag",
    "s",
    "Delay of the flush beyond the flush interval.",
)
STATSD_SERIES = _statsd("num_stats", "statsd.numStats", "1", "Metrics in the flush; 0 or no point: StatsD hangs.")
STATSD_PROCESSING_TIME = _statsd(
    "processing_time", "statsd.processing_time", "ms", "Time to compute the percentiles and bins of the flush."
)
STATSD_CALCULATION_TIME = _statsd(
    "calculation_time", "statsd.graphiteStats.calculationtime", "ms", "Time to format the flush as lines."
)
STATSD_FLUSH_TIME = _statsd(
    "flush_time", "statsd.graphiteStats.flush_time", "ms", "Time to send the previous flush to carbon."
)
STATSD_FLUSH_LENGTH = _statsd(
    "flush_length", "statsd.graphiteStats.flush_length", "bytes", "Size of the previous flush."
)
STATSD_LAST_FLUSH = _statsd(
    "last_flush",
    "statsd.graphiteStats.last_flush",
    "epoch s",
    "When the previous flush reached carbon. A flush that carbon does not accept is lost and leaves a gap here.",
)
STATSD_LAST_EXCEPTION = _statsd(
    "last_exception",
    "statsd.graphiteStats.last_exception",
    "epoch s",
    "When StatsD last failed before it was connected to carbon; 0: never. A refused connection does not count.",
)

CARBON_RECEIVED = _carbon("metrics_received", "metricsReceived", "1", "Points that carbon received.")
CARBON_COMMITTED = _carbon("committed_points", "committedPoints", "1", "Points that carbon wrote to disk.")
CARBON_UPDATES = _carbon("update_operations", "updateOperations", "1", "Writes to files.")
CARBON_UPDATE_TIME = _carbon("update_time", "avgUpdateTime", "s", "Average time of a write; absent without one.")
CARBON_CREATES = _carbon("creates", "creates", "1", "Files created for new series.")
CARBON_DROPPED_CREATES = _carbon(
    "dropped_creates", "droppedCreates", "1", "New series that carbon created no file for; their points are lost."
)
CARBON_ERRORS = _carbon("errors", "errors", "1", "Failed writes; their points are lost: the disk is full or read-only.")
CARBON_CACHE_SIZE = _carbon("cache_size", "cache.size", "1", "Points waiting to be written.")
CARBON_CACHE_QUEUES = _carbon("cache_queues", "cache.queues", "1", "Series with points waiting to be written.")
CARBON_CACHE_OVERFLOW = _carbon(
    "cache_overflow", "cache.overflow", "1", "Points rejected, and lost, because `MAX_CACHE_SIZE` points were waiting."
)
CARBON_CACHE_QUERIES = _carbon("cache_queries", "cache.queries", "1", "Queries from graphite-web for waiting points.")
CARBON_BLACKLISTED = _carbon(
    "blacklist_matches", "blacklistMatches", "1", "Points dropped by `blacklist.conf`: the rates of counters."
)
CARBON_CONNECTIONS = _carbon("connections", "activeConnections", "1", "Open connections that send points.")
CARBON_MEMORY = _carbon("memory", "memUsage", "bytes", "Resident memory of carbon.")
CARBON_CPU = _carbon("cpu", "cpuUsage", "%", "CPU time of carbon, in percent of one CPU.")

FOREIGN: tuple[Foreign, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Foreign))
