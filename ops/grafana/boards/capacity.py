"""Capacity: the load on API, database and workers, and how much room is left."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile

HTTP, SQL = m.HTTP_REQUEST, m.DB_QUERY


def _requests_now() -> p.Panel:
    return p.figures(
        "Requests",
        "HTTP requests per second, averaged over a minute.",
        g.alias(g.per_second(HTTP.series("count")), "requests"),
        unit="reqps",
        trend=True,
    )


def _statements_now() -> p.Panel:
    return p.figures(
        "SQL statements",
        "SQL statements per second, averaged over a minute.",
        g.alias(g.per_second(SQL.series("count")), "statements"),
        unit="ops",
        trend=True,
    )


def _pool_used() -> p.Panel:
    return p.figures(
        "Pool in use",
        "The highest share of its connection pool that any process used. At 1, requests wait for a connection.",
        g.alias(
            g.consolidated(
                g.call(
                    "divideSeries",
                    g.highest(m.DB_POOL_CHECKED_OUT.series("upper")),
                    g.highest(m.DB_POOL_SIZE.series("upper")),
                ),
                "max",
            ),
            "in use",
        ),
        unit="percentunit",
        steps=((0.7, p.WARN), (0.9, p.BAD)),
        decimals=0,
    )


def _size_now() -> p.Panel:
    return p.figures(
        "Database", "Size of the database on disk.", g.level(m.DB_SIZE.series(""), "size"), unit="bytes", trend=True
    )


def _redis_now() -> p.Panel:
    return p.figures(
        "Redis", "Memory that Redis uses.", g.level(m.REDIS_MEMORY.series(""), "memory"), unit="bytes", trend=True
    )


def _events_now() -> p.Panel:
    return p.figures(
        "Events",
        "Events in the event log.",
        g.level(m.EVENT_HEAD.series(""), "events"),
        unit="short",
        trend=True,
    )


def _requests() -> p.Panel:
    return p.bars_by("Requests by endpoint", "HTTP requests per minute.", HTTP, "endpoint")


def _answers() -> p.Panel:
    return p.bars_by("Requests by status", "HTTP requests per minute, by status class.", HTTP, "status_class")


def _latency() -> p.Panel:
    return p.heatmap("API latency", "Requests per minute by duration.", HTTP)


def _slowest() -> p.Panel:
    return p.p95_by(
        "Slowest endpoints",
        "StatsD's 95th percentile for each second and endpoint, of its slowest method and status.",
        HTTP,
        "endpoint",
        limit=1000,
    )


def _totals() -> p.Panel:
    return p.table(
        "Requests by endpoint and status",
        "Requests in this range by endpoint, method and status class.",
        g.totals_by(HTTP, "endpoint", "method", "status_class"),
        unit="short",
        rows="Endpoint, method and status",
    )


def _statements() -> p.Panel:
    return p.bars("SQL by verb", "SQL statements per minute, by their first word.", g.per_minute_by(SQL, "verb"))


def _sql_slowest() -> p.Panel:
    return p.p95_by("SQL p95", "StatsD's 95th percentile for each second, by verb.", SQL, "verb", limit=500)


def _sql_durations() -> p.Panel:
    return p.heatmap("SQL durations", "Statements per minute by duration.", SQL)


def _pool() -> p.Panel:
    return p.lines(
        "Connection pools",
        "The size of a process's connection pool, and the most connections that any process used. Each request and job "
        "reports once.",
        g.alias(g.highest(m.DB_POOL_SIZE.series("upper")), "pool size"),
        g.alias(g.highest(m.DB_POOL_CHECKED_OUT.series("upper")), "in use"),
        unit="none",
    )


def _artifacts() -> p.Panel:
    return p.totals(
        "Artifacts stored and deleted",
        "Artifacts that were stored and deleted in this range.",
        g.totals_by(m.ARTIFACT_TOTAL, "action"),
    )


def _artifact_bytes() -> p.Panel:
    return p.totals(
        "Bytes of artifacts",
        "Bytes of artifacts that were stored and deleted in this range.",
        g.totals_by(m.ARTIFACT_BYTES, "action"),
        unit="bytes",
    )


def _sizes() -> p.Panel:
    return p.lines(
        "Database, Redis and artifacts",
        "Size of the database on disk, memory that Redis uses, and size of all stored artifacts.",
        g.level(m.ARTIFACT_SIZE.series(""), "artifacts"),
        g.level(m.DB_SIZE.series(""), "database"),
        g.level(m.REDIS_MEMORY.series(""), "Redis"),
        unit="bytes",
    )


def _events() -> p.Panel:
    return p.lines(
        "Event log",
        "The id of the newest event. It only grows, also while old events are archived.",
        g.level(m.EVENT_HEAD.series(""), "events"),
        unit="short",
    )


def _reports() -> p.Panel:
    return p.bars_by(
        "Device reports",
        "Per minute: stored, stored too late to have an effect, duplicate, in conflict with a stored one, or rejected.",
        m.REPORT_TOTAL,
        "result",
    )


def _devices() -> p.Panel:
    registered, retired = m.DEVICE_REGISTERED, m.DEVICE_RETIRED
    return p.totals(
        "Devices registered and retired",
        "Devices registered or changed, and devices retired, in this range, by connector.",
        g.totals_by(registered, "connector", "result"),
        g.suffixed(g.totals_by(retired, "connector"), "retired"),
    )


def _deleted() -> p.Panel:
    return p.totals(
        "Old rows deleted",
        "Rows that the job `retain` deleted in this range, by table; of `events`, those that it moved to archives. It "
        "deletes once a day, after midnight (UTC).",
        g.totals_by(m.RETENTION_ROWS, "table"),
    )


def _work() -> p.Panel:
    return p.lines(
        "Workers and queues",
        "Workers alive and busy, and jobs that wait for a worker.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        g.sum_of_levels(m.QUEUE_DEPTH.series(""), "jobs waiting"),
        unit="none",
    )


def _live() -> p.Panel:
    return p.areas_by("Live deployments", "Live deployments by state, including rollbacks.", m.DEPLOYMENT_LIVE, "state")


NOW = (_requests_now, _statements_now, _pool_used, _size_now, _redis_now, _events_now)


def _not_accepted() -> p.Panel:
    return p.bars_by(
        "Callers that were not accepted",
        "Requests per minute whose token or session was not accepted, by reason; limited: too many of one address.",
        m.AUTHENTICATION_FAILED,
        "reason",
    )


def _tokens() -> p.Panel:
    return p.bars_by(
        "Changes of tokens",
        "Tokens per minute that were created, rotated and revoked.",
        m.TOKEN_TOTAL,
        "action",
    )


def _sessions() -> p.Panel:
    return p.bars_by(
        "Logins",
        "Sessions per minute that people started and ended, and people who may not log in.",
        m.SESSION_TOTAL,
        "action",
    )


BOARD = Board(
    uid="eucora-capacity",
    title="EUCORA capacity",
    description="The load on the service, its database and its workers, and how much room is left.",
    rows=(
        Row("Now", [Tile(make(), width=4, height=4) for make in NOW]),
        Row(
            "API",
            [Tile(_requests()), Tile(_answers()), *(Tile(make(), width=8) for make in (_latency, _slowest, _totals))],
        ),
        Row(
            "SQL and connections",
            [Tile(make(), width=6) for make in (_statements, _sql_slowest, _sql_durations, _pool)],
        ),
        Row("Access", [Tile(make(), width=8) for make in (_not_accepted, _tokens, _sessions)]),
        Row("Growth", [Tile(make(), width=6) for make in (_sizes, _events, _devices, _deleted)]),
        Row("Artifacts", [Tile(make()) for make in (_artifacts, _artifact_bytes)]),
        Row("Workload", [Tile(make(), width=8) for make in (_reports, _work, _live)]),
    ),
    since="now-6h",
    refresh="30s",
)
