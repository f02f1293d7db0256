"""The health of the metrics pipeline: what StatsD, carbon and graphite-web receive, how late, and what is lost."""

from __future__ import annotations

from app.metrics import catalogue as m, foreign as f
from app.metrics.foreign import Foreign
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import HEARTBEAT

_CARBON_LOSSES = (
    (f.CARBON_DROPPED_CREATES, "new series"),
    (f.CARBON_CACHE_OVERFLOW, "cache full"),
    (f.CARBON_ERRORS, "write errors"),
)


def _lost_total(title: str, description: str, series: str) -> p.Panel:
    return p.figures(
        title,
        description,
        g.alias(g.total(series, HEARTBEAT), "lost"),
        unit="short",
        steps=((1, p.BAD),),
    )


def _per_minute(metric: Foreign, name: str) -> str:
    return g.alias(g.counted_per_minute(metric.series), name)


def _worst(metric: Foreign, name: str) -> str:
    return g.alias(g.highest(metric.series), name)


def _heartbeat() -> p.Panel:
    return common.heartbeat_age(
        "Heartbeat",
        "Seconds since the last sweep that passed through the whole pipeline: process, StatsD, carbon, graphite-web.",
    )


def _lag() -> p.Panel:
    return p.figures(
        "Flush lag",
        f"{f.STATSD_LAG.help} Above 1 s, StatsD is overloaded.",
        _worst(f.STATSD_LAG, "lag"),
        unit="s",
        steps=((1, p.WARN), (3, p.BAD)),
        decimals=2,
        trend=True,
    )


def _cache() -> p.Panel:
    return p.figures(
        "carbon's backlog",
        f"{f.CARBON_CACHE_SIZE.help} It grows while points arrive faster than the disk takes them.",
        _worst(f.CARBON_CACHE_SIZE, "points"),
        unit="short",
        steps=((500_000, p.WARN), (1_500_000, p.BAD)),
        trend=True,
    )


def _emitter_lost() -> p.Panel:
    return _lost_total("Lost in processes", m.EMITTER_DROPPED.help, m.EMITTER_DROPPED.series("count"))


def _kernel_lost() -> p.Panel:
    return _lost_total(
        "Lost before StatsD",
        f"{m.STATSD_KERNEL_DROPPED.help} Raise `net.core.rmem_max`.",
        m.STATSD_KERNEL_DROPPED.series("count"),
    )


def _carbon_lost() -> p.Panel:
    return p.figures(
        "Lost in carbon",
        "New series and points in this range that carbon rejected or could not write.",
        *(g.alias(g.counted(metric.series), name) for metric, name in _CARBON_LOSSES),
        unit="short",
        steps=((1, p.BAD),),
    )


def _received() -> p.Panel:
    return p.lines(
        "StatsD receives",
        "Datagrams and the lines in them, per minute, on both ports, and how many are canaries of `flask doctor`.",
        _per_minute(f.STATSD_PACKETS, "datagrams"),
        _per_minute(f.STATSD_METRICS, "lines"),
        g.alias(g.total_per_minute(m.DOCTOR_CANARY.series("count"), HEARTBEAT), "canaries"),
        unit="cpm",
    )


def _refused() -> p.Panel:
    return p.lines(
        "Rejected by StatsD",
        "Per minute: values and sample rates that StatsD cannot parse, and lines that the external port rejects.",
        _per_minute(f.STATSD_BAD_LINES, "bad values"),
        g.alias(g.total_per_minute(m.STATSD_MALFORMED.series("count"), HEARTBEAT), "bad sample rates"),
        g.alias(g.total_per_minute(m.STATSD_EXTERNAL_DROPPED.series("count"), HEARTBEAT), "external port"),
        unit="cpm",
    )


def _flush() -> p.Panel:
    return p.lines(
        "Flush duration",
        "Time to compute percentiles and bins, to format lines, and to send them to carbon. The sum must stay below "
        "the flush interval of 1 s.",
        _worst(f.STATSD_PROCESSING_TIME, "computing"),
        _worst(f.STATSD_CALCULATION_TIME, "formatting"),
        _worst(f.STATSD_FLUSH_TIME, "sending"),
        unit="ms",
        steps=((1000, p.BAD),),
    )


def _flushed() -> p.Panel:
    return p.lines(
        "Metrics per flush",
        f.STATSD_SERIES.help,
        _worst(f.STATSD_SERIES, "metrics"),
        unit="short",
    )


def _flush_size() -> p.Panel:
    return p.lines("Flush size", f.STATSD_FLUSH_LENGTH.help, _worst(f.STATSD_FLUSH_LENGTH, "bytes"), unit="bytes")


def _late() -> p.Panel:
    return p.lines(
        "Flush lag over time",
        f.STATSD_LAG.help,
        _worst(f.STATSD_LAG, "lag"),
        unit="s",
        steps=((1, p.WARN), (3, p.BAD)),
    )


def _last() -> p.Panel:
    return p.figures(
        "Last flush and last error",
        "When a flush last reached carbon, and when StatsD last failed to send one.",
        g.alias(g.milliseconds(g.highest(f.STATSD_LAST_FLUSH.series)), "flush"),
        g.alias(g.milliseconds(g.highest(f.STATSD_LAST_EXCEPTION.series)), "error"),
        unit="dateTimeFromNow",
    ).mappings([p.named_value(0, "never")])


def _carbon() -> p.Panel:
    return p.lines(
        "carbon's throughput",
        "Points per minute that were received, written to disk, and discarded (rates of counters).",
        _per_minute(f.CARBON_RECEIVED, "received"),
        _per_minute(f.CARBON_COMMITTED, "written"),
        _per_minute(f.CARBON_BLACKLISTED, "discarded"),
        unit="cpm",
    )


def _files() -> p.Panel:
    return p.lines(
        "carbon's files",
        "Files updated and files created (new series) per minute.",
        _per_minute(f.CARBON_UPDATES, "updated"),
        _per_minute(f.CARBON_CREATES, "created"),
        unit="cpm",
    )


def _carbon_cache() -> p.Panel:
    return p.lines(
        "carbon's cache",
        "Points waiting to be written, and the series they belong to.",
        _worst(f.CARBON_CACHE_SIZE, "points"),
        _worst(f.CARBON_CACHE_QUEUES, "series"),
        unit="short",
    )


def _write_time() -> p.Panel:
    return p.lines("Write time", f.CARBON_UPDATE_TIME.help, _worst(f.CARBON_UPDATE_TIME, "write"), unit="s")


def _carbon_process() -> p.Panel:
    return p.lines(
        "carbon's CPU",
        f.CARBON_CPU.help,
        _worst(f.CARBON_CPU, "CPU"),
        unit="percent",
        steps=((80, p.WARN),),
    )


def _carbon_memory() -> p.Panel:
    return p.lines("carbon's memory", f.CARBON_MEMORY.help, _worst(f.CARBON_MEMORY, "memory"), unit="bytes")


def _carbon_losses() -> p.Panel:
    return p.bars(
        "carbon's losses",
        "Per minute: new series that carbon rejected, points that a full cache rejected, and failed writes.",
        *(_per_minute(metric, name) for metric, name in _CARBON_LOSSES),
    )


def _asked() -> p.Panel:
    return p.lines(
        "Cache queries and connections",
        "graphite-web's queries per minute for points that are not on disk yet, and connections that send points.",
        _per_minute(f.CARBON_CACHE_QUERIES, "queries"),
        _worst(f.CARBON_CONNECTIONS, "connections"),
        unit="short",
    )


def _losses() -> p.Panel:
    return p.bars(
        "Losses in transit",
        "Per minute: measurements that a process could not send, and datagrams that the kernel dropped. `flask metrics "
        "reconcile --repair` restores the counts that follow from events.",
        g.alias(g.total_per_minute(m.EMITTER_DROPPED.series("count"), HEARTBEAT), "process"),
        g.alias(g.total_per_minute(m.STATSD_KERNEL_DROPPED.series("count"), HEARTBEAT), "kernel"),
    )


def _after_commit() -> p.Panel:
    failed = m.AFTER_COMMIT_FAILED
    return p.bars(
        "Failed steps after commit",
        "Per minute: `listener`, measurements that were not recorded; `enqueue`, jobs left to the sweep because Redis "
        "is down.",
        *g.per_minute_each(failed, "step", HEARTBEAT),
    )


NOW = (_heartbeat, _lag, _cache, _emitter_lost, _kernel_lost, _carbon_lost)

BOARD = Board(
    uid="eucora-pipeline",
    title="EUCORA pipeline health",
    description="Whether the other dashboards can be trusted: what the metrics pipeline receives, how late, and what "
    "it loses.",
    rows=(
        Row("Now", [Tile(make(), width=4, height=4) for make in NOW]),
        Row("Losses", [Tile(make(), width=6) for make in (_losses, _refused, _carbon_losses, _after_commit)]),
        Row(
            "StatsD",
            [Tile(make(), width=8, height=7) for make in (_received, _flush, _late, _flushed, _flush_size, _last)],
        ),
        Row(
            "carbon and graphite-web",
            [Tile(make(), width=8, height=7) for make in (_carbon, _files, _carbon_cache)]
            + [Tile(make(), width=6, height=7) for make in (_write_time, _carbon_process, _carbon_memory, _asked)],
        ),
    ),
)
