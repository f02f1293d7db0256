"""The pipeline's own health: what StatsD, carbon and graphite-web take in, how late, and what of it is lost."""

from __future__ import annotations

from app.metrics import catalogue as m, foreign as f
from app.metrics.foreign import Foreign
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import HEARTBEAT


def _lost_total(title: str, description: str, series: str) -> p.Panel:
    return p.figures(
        title,
        description,
        g.alias(g.total(series, HEARTBEAT), "lost"),
        unit="short",
        steps=((1, p.BAD),),
    )


def _per_minute(it: Foreign, name: str) -> str:
    return g.alias(g.counted_per_minute(it.series), name)


def _worst(it: Foreign, name: str) -> str:
    return g.alias(g.highest(it.series), name)


def _heartbeat() -> p.Panel:
    return common.heartbeat_age(
        "Heartbeat",
        "Seconds since the last sweep that came through the whole pipeline: process, StatsD, carbon, graphite-web.",
    )


def _lag() -> p.Panel:
    return p.figures(
        "Flush lag",
        f"{f.STATSD_LAG.help} More than 1 s: StatsD has too much to do.",
        _worst(f.STATSD_LAG, "lag"),
        unit="s",
        steps=((1, p.WARN), (3, p.BAD)),
        decimals=2,
        trend=True,
    )


def _cache() -> p.Panel:
    return p.figures(
        "carbon's backlog",
        f"{f.CARBON_CACHE_SIZE.help} It grows while the disk is slower than what comes in.",
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
    lost = (f.CARBON_DROPPED_CREATES, f.CARBON_CACHE_OVERFLOW, f.CARBON_ERRORS)
    return p.figures(
        "Lost in carbon",
        "Points and series of the range that carbon refused or could not write.",
        *(g.alias(g.counted(it.series), name) for it, name in zip(lost, ("creates", "full", "errors"), strict=True)),
        unit="short",
        steps=((1, p.BAD),),
    )


def _received() -> p.Panel:
    return p.lines(
        "StatsD receives",
        "Datagrams and the lines in them, per minute, from both ports; and the canaries of `flask doctor` among them.",
        _per_minute(f.STATSD_PACKETS, "datagrams"),
        _per_minute(f.STATSD_METRICS, "lines"),
        g.alias(g.total_per_minute(m.DOCTOR_CANARY.series("count"), HEARTBEAT), "canaries"),
        unit="cpm",
    )


def _refused() -> p.Panel:
    return p.lines(
        "StatsD refuses",
        "Per minute: values and sample rates it cannot read, and lines the external port does not pass.",
        _per_minute(f.STATSD_BAD_LINES, "bad values"),
        g.alias(g.total_per_minute(m.STATSD_MALFORMED.series("count"), HEARTBEAT), "malformed rates"),
        g.alias(g.total_per_minute(m.STATSD_EXTERNAL_DROPPED.series("count"), HEARTBEAT), "external"),
        unit="cpm",
    )


def _flush() -> p.Panel:
    return p.lines(
        "Flush",
        "What a flush took: computing percentiles and bins, writing lines, handing them to carbon. Together they must "
        "stay below the flush interval of a second.",
        _worst(f.STATSD_PROCESSING_TIME, "computing"),
        _worst(f.STATSD_CALCULATION_TIME, "writing lines"),
        _worst(f.STATSD_FLUSH_TIME, "handing over"),
        unit="ms",
        steps=((1000, p.BAD),),
    )


def _flushed() -> p.Panel:
    return p.lines(
        "Metrics in a flush",
        f"{f.STATSD_SERIES.help}",
        _worst(f.STATSD_SERIES, "metrics"),
        unit="short",
    )


def _flush_size() -> p.Panel:
    return p.lines("Size of a flush", f.STATSD_FLUSH_LENGTH.help, _worst(f.STATSD_FLUSH_LENGTH, "bytes"), unit="bytes")


def _late() -> p.Panel:
    return p.lines(
        "Flushes late",
        f.STATSD_LAG.help,
        _worst(f.STATSD_LAG, "lag"),
        unit="s",
        steps=((1, p.WARN), (3, p.BAD)),
    )


def _last() -> p.Panel:
    return p.figures(
        "Last flush and last fault",
        "When a flush last reached carbon, and when StatsD last failed at it (0, which is 1970: never).",
        g.alias(g.milliseconds(g.highest(f.STATSD_LAST_FLUSH.series)), "flush"),
        g.alias(g.milliseconds(g.highest(f.STATSD_LAST_EXCEPTION.series)), "fault"),
        unit="dateTimeFromNow",
    )


def _carbon() -> p.Panel:
    return p.lines(
        "carbon takes in and writes",
        "Points per minute that came and that are on disk, and points that are not wanted (rates of counters).",
        _per_minute(f.CARBON_RECEIVED, "received"),
        _per_minute(f.CARBON_COMMITTED, "written"),
        _per_minute(f.CARBON_BLACKLISTED, "not wanted"),
        unit="cpm",
    )


def _files() -> p.Panel:
    return p.lines(
        "carbon's files",
        "Files written to and files made (new series) per minute.",
        _per_minute(f.CARBON_UPDATES, "written"),
        _per_minute(f.CARBON_CREATES, "made"),
        unit="cpm",
    )


def _carbon_cache() -> p.Panel:
    return p.lines(
        "carbon's cache",
        "Points that wait to be written, and the series they are of.",
        _worst(f.CARBON_CACHE_SIZE, "points"),
        _worst(f.CARBON_CACHE_QUEUES, "series"),
        unit="short",
    )


def _write_time() -> p.Panel:
    return p.lines("Time of a write", f.CARBON_UPDATE_TIME.help, _worst(f.CARBON_UPDATE_TIME, "write"), unit="s")


def _carbon_process() -> p.Panel:
    return p.lines(
        "carbon's processor",
        f.CARBON_CPU.help,
        _worst(f.CARBON_CPU, "processor"),
        unit="percent",
        steps=((80, p.WARN),),
    )


def _carbon_memory() -> p.Panel:
    return p.lines("carbon's memory", f.CARBON_MEMORY.help, _worst(f.CARBON_MEMORY, "memory"), unit="bytes")


def _carbon_losses() -> p.Panel:
    return p.bars(
        "carbon's losses",
        "Per minute: series without a file, points refused by a full cache, writes that failed.",
        _per_minute(f.CARBON_DROPPED_CREATES, "creates"),
        _per_minute(f.CARBON_CACHE_OVERFLOW, "full"),
        _per_minute(f.CARBON_ERRORS, "errors"),
    )


def _asked() -> p.Panel:
    return p.lines(
        "graphite-web asks carbon",
        "Questions per minute for points that are not on disk yet, and connections that send points.",
        _per_minute(f.CARBON_CACHE_QUERIES, "questions"),
        _worst(f.CARBON_CONNECTIONS, "connections"),
        unit="short",
    )


def _losses() -> p.Panel:
    return p.bars(
        "Losses on the way",
        "Per minute: measures a process could not send, datagrams the kernel threw away. `flask metrics reconcile "
        "--repair` adds what events know.",
        g.alias(g.total_per_minute(m.EMITTER_DROPPED.series("count"), HEARTBEAT), "process"),
        g.alias(g.total_per_minute(m.STATSD_KERNEL_DROPPED.series("count"), HEARTBEAT), "kernel"),
    )


def _after_commit() -> p.Panel:
    return p.bars_by(
        "Steps after a commit that failed",
        "Per minute: `listener`, measures that were not made; `enqueue`, jobs left to the sweep because Redis is away.",
        m.AFTER_COMMIT_FAILED,
        "step",
    )


NOW = (_heartbeat, _lag, _cache, _emitter_lost, _kernel_lost, _carbon_lost)

BOARD = Board(
    uid="eucora-pipeline",
    title="EUCORA pipeline health",
    description="Whether the figures on all other dashboards can be believed: what the pipeline takes in, "
    "how late, what it loses.",
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
