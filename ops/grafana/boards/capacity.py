"""Capacity: how much the API, the database and the workers do, and how much room they have."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile

HTTP, SQL = m.HTTP_REQUEST, m.DB_QUERY


def _requests_now() -> p.Panel:
    return p.figures(
        "Requests",
        "HTTP requests per second, evened out over a minute.",
        g.alias(g.per_second(HTTP.series("count")), "requests"),
        unit="reqps",
        trend=True,
    )


def _statements_now() -> p.Panel:
    return p.figures(
        "SQL statements",
        "Per second, evened out over a minute.",
        g.alias(g.per_second(SQL.series("count")), "statements"),
        unit="ops",
        trend=True,
    )


def _pool_used() -> p.Panel:
    return p.figures(
        "Pool in use",
        "The highest share of its database connections that any process used: 1 means that requests waited.",
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
        "Database", "What it takes on its disk.", g.level(m.DB_SIZE.series(""), "size"), unit="bytes", trend=True
    )


def _redis_now() -> p.Panel:
    return p.figures(
        "Redis", "What it has in memory.", g.level(m.REDIS_MEMORY.series(""), "memory"), unit="bytes", trend=True
    )


def _events_now() -> p.Panel:
    return p.figures(
        "Events", "Events in the log.", g.level(m.EVENT_HEAD.series(""), "events"), unit="short", decimals=1, trend=True
    )


def _requests() -> p.Panel:
    return p.bars_by("Requests by endpoint", "HTTP requests per minute.", HTTP, "endpoint")


def _answers() -> p.Panel:
    return p.bars_by("Requests by answer", "HTTP requests per minute, by class of status.", HTTP, "status_class")


def _latency() -> p.Panel:
    return p.heatmap("API latency", "How long requests took; requests per minute in each class.", HTTP)


def _slowest() -> p.Panel:
    return p.p95_by(
        "Slowest endpoints",
        "StatsD's 95th percentile of each second for each endpoint, of its slowest method and answer.",
        HTTP,
        "endpoint",
        limit=1000,
    )


def _totals() -> p.Panel:
    return p.table(
        "Requests of the range",
        "How often each endpoint was asked, and how it answered.",
        g.totals_by(HTTP, "endpoint", "method", "status_class"),
        unit="short",
        rows="Endpoint, method and answer",
    )


def _statements() -> p.Panel:
    return p.bars("SQL by verb", "Statements per minute, by their first word.", g.per_minute_by(SQL, "verb"))


def _sql_slowest() -> p.Panel:
    return p.p95_by("SQL p95", "StatsD's 95th percentile of each second, by verb.", SQL, "verb", limit=500)


def _sql_durations() -> p.Panel:
    return p.heatmap("SQL durations", "How long statements took; statements per minute in each class.", SQL)


def _pool() -> p.Panel:
    return p.lines(
        "Connection pools",
        "The connections a process may hold, and the most that any process used; each request and job tells it once.",
        g.alias(g.highest(m.DB_POOL_SIZE.series("upper")), "may hold"),
        g.alias(g.highest(m.DB_POOL_CHECKED_OUT.series("upper")), "in use"),
        unit="none",
    )


def _sizes() -> p.Panel:
    return p.lines(
        "Database and Redis",
        "Bytes on disk, bytes in memory.",
        g.level(m.DB_SIZE.series(""), "database"),
        g.level(m.REDIS_MEMORY.series(""), "Redis"),
        unit="bytes",
    )


def _events() -> p.Panel:
    return p.lines(
        "Event log", "Events in the log: it only grows.", g.level(m.EVENT_HEAD.series(""), "events"), unit="short"
    )


def _reports() -> p.Panel:
    return p.bars_by(
        "Device reports",
        "Per minute: stored, too late to have an effect, seen before, refused.",
        m.REPORT_TOTAL,
        "result",
    )


def _devices() -> p.Panel:
    registered, retired = m.DEVICE_REGISTERED, m.DEVICE_RETIRED
    return p.totals(
        "Devices registered and retired",
        "In the range, by connector.",
        g.totals_by(registered, "connector", "result"),
        g.prefixed("retired", g.totals_by(retired, "connector")),
    )


def _work() -> p.Panel:
    return p.lines(
        "Workers and queues",
        "Workers alive and busy, and jobs that wait for one.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        g.sum_of_levels(m.QUEUE_DEPTH.series(""), "jobs waiting"),
        unit="none",
    )


def _live() -> p.Panel:
    return p.areas_by(
        "Deployments at once", "Deployments and rollbacks that are under way, by state.", m.DEPLOYMENT_LIVE, "state"
    )


NOW = (_requests_now, _statements_now, _pool_used, _size_now, _redis_now, _events_now)

BOARD = Board(
    uid="eucora-capacity",
    title="EUCORA capacity",
    description="How much is asked of the service and of what it stands on, and how much room is left.",
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
        Row("What accumulates", [Tile(make(), width=8) for make in (_sizes, _events, _devices)]),
        Row("Work", [Tile(make(), width=8) for make in (_reports, _work, _live)]),
    ),
    shows="now-6h",
    refresh="30s",
)
