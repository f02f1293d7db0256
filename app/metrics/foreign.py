"""The pipeline's own metrics: what StatsD and carbon tell of themselves. Standard library only.

Nobody here emits them and none is in the catalogue, but panels, alerts and `flask doctor` read them, so they are named
once. Every series has a `*` where the name of an instance stands: StatsD's global prefix, the host carbon runs on.
StatsD tells its own each second, carbon each ten.
"""

from __future__ import annotations

from dataclasses import dataclass

STATSD_SECONDS = 1
CARBON_SECONDS = 10

_STATSD = f"StatsD, every {STATSD_SECONDS} s"
_CARBON = f"carbon, every {CARBON_SECONDS} s"


@dataclass(frozen=True)
class Foreign:
    """One series, or one for each instance, that a part of the pipeline writes about itself."""

    name: str
    series: str
    """As Graphite is asked for it."""
    unit: str
    help: str
    by: str


def _counter(name: str, help: str) -> Foreign:
    return Foreign(f"statsd_{name}", f"stats*.counters.statsd.{name}.count", "1", help, _STATSD)


def _statsd(name: str, path: str, unit: str, help: str) -> Foreign:
    return Foreign(f"statsd_{name}", f"stats*.{path}", unit, help, _STATSD)


def _carbon(name: str, path: str, unit: str, help: str) -> Foreign:
    return Foreign(f"carbon_{name}", f"carbon.agents.*.{path}", unit, help, _CARBON)


STATSD_PACKETS = _counter("packets_received", "Datagrams StatsD has read, from both ports, since its flush before.")
STATSD_METRICS = _counter("metrics_received", "Lines in them.")
STATSD_BAD_LINES = _counter("bad_lines_seen", "Values among them that StatsD cannot read; they are lost.")
STATSD_LAG = _statsd(
    "timestamp_lag",
    "gauges.statsd.timestamp_lag",
    "s",
    "By how much the flush is later than one interval after the last.",
)
STATSD_SERIES = _statsd("num_stats", "statsd.numStats", "1", "Metrics in the flush; 0 or nothing: StatsD stands still.")
STATSD_PROCESSING_TIME = _statsd(
    "processing_time", "statsd.processing_time", "ms", "What the flush took to compute percentiles and bins."
)
STATSD_CALCULATION_TIME = _statsd(
    "calculation_time", "statsd.graphiteStats.calculationtime", "ms", "What it took to write the flush down as lines."
)
STATSD_FLUSH_TIME = _statsd(
    "flush_time", "statsd.graphiteStats.flush_time", "ms", "What it took to hand the flush before to carbon's socket."
)
STATSD_FLUSH_LENGTH = _statsd("flush_length", "statsd.graphiteStats.flush_length", "bytes", "Size of the flush before.")
STATSD_LAST_FLUSH = _statsd(
    "last_flush",
    "statsd.graphiteStats.last_flush",
    "epoch s",
    "When the flush before reached carbon; what carbon did not take is lost, and shows as a gap here.",
)
STATSD_LAST_EXCEPTION = _statsd(
    "last_exception",
    "statsd.graphiteStats.last_exception",
    "epoch s",
    "When StatsD last failed before it had a connection to carbon; 0: never. A refused connection does not count.",
)

CARBON_RECEIVED = _carbon("metrics_received", "metricsReceived", "1", "Points carbon has taken in.")
CARBON_COMMITTED = _carbon("committed_points", "committedPoints", "1", "Points it has written to disk.")
CARBON_UPDATES = _carbon("update_operations", "updateOperations", "1", "Files it has written to.")
CARBON_UPDATE_TIME = _carbon("update_time", "avgUpdateTime", "s", "What one write took on average; absent without one.")
CARBON_CREATES = _carbon("creates", "creates", "1", "Files it has made: new series.")
CARBON_DROPPED_CREATES = _carbon(
    "dropped_creates", "droppedCreates", "1", "New series it refused to make a file for: points are lost."
)
CARBON_ERRORS = _carbon("errors", "errors", "1", "Writes that failed: points are lost. The disk is full, or not ours.")
CARBON_CACHE_SIZE = _carbon("cache_size", "cache.size", "1", "Points that wait to be written.")
CARBON_CACHE_QUEUES = _carbon("cache_queues", "cache.queues", "1", "Series that have points waiting.")
CARBON_CACHE_OVERFLOW = _carbon(
    "cache_overflow", "cache.overflow", "1", "Points refused because `MAX_CACHE_SIZE` of them were waiting: lost."
)
CARBON_CACHE_QUERIES = _carbon("cache_queries", "cache.queries", "1", "Questions of graphite-web for waiting points.")
CARBON_BLACKLISTED = _carbon(
    "blacklist_matches", "blacklistMatches", "1", "Points that are not wanted: rates of counters, by `blacklist.conf`."
)
CARBON_CONNECTIONS = _carbon("connections", "activeConnections", "1", "Connections that send points.")
CARBON_MEMORY = _carbon("memory", "memUsage", "bytes", "Resident memory of carbon.")
CARBON_CPU = _carbon("cpu", "cpuUsage", "%", "Processor time carbon took, in per cent of one processor.")

FOREIGN: tuple[Foreign, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Foreign))
