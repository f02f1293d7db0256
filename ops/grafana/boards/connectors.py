"""Connectors: whether they answer, how fast, with what faults; what their breakers did; how inventories drift."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import CONNECTOR, Board, Row, Tile
from ops.grafana.boards.operations import BREAKER, FAILED_CALLS, HEALTH

CALLS = m.CONNECTOR_OPERATION


def _health() -> p.Panel:
    return p.timeline(
        "Health",
        "What each connector's health check answered; the worst where one pixel holds several answers.",
        g.state(m.CONNECTOR_HEALTH, "connector", value=CONNECTOR, how="min"),
        states=HEALTH,
    )


def _breakers() -> p.Panel:
    return p.timeline(
        "Breakers",
        "Each connector's circuit breaker. While it is open no call is made; half-open, one probe at a time.",
        g.state(m.BREAKER_STATE, "connector", value=CONNECTOR, how="last"),
        states=BREAKER,
    )


def _failing() -> p.Panel:
    return p.totals(
        "Calls that failed",
        "Of each connector's calls in the range: the share that failed, in whatever way.",
        g.share_by(CALLS, "connector", part={"outcome": FAILED_CALLS}, whole={"connector": CONNECTOR}),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        most=1,
    )


def _transitions() -> p.Panel:
    metric = m.BREAKER_TRANSITIONS
    return p.totals(
        "Breakers that changed",
        "How often each breaker came to which state, by itself or by hand.",
        g.totals_by(metric.series("count", connector=CONNECTOR), metric, "connector", "to"),
    )


def _calls() -> p.Panel:
    return p.bars(
        "Calls by operation",
        "Calls to connectors per minute.",
        g.per_minute_by(CALLS.series("count", connector=CONNECTOR), CALLS, "operation"),
    )


def _answers() -> p.Panel:
    return p.bars(
        "Calls by outcome",
        "Calls per minute: well answered, or with which class of error.",
        g.per_minute_by(CALLS.series("count", connector=CONNECTOR), CALLS, "outcome"),
        words=CALLS.labels["outcome"],
    )


def _failures() -> p.Panel:
    metric = m.BREAKER_FAILURES
    return p.bars(
        "Failures that breakers count",
        "Calls per minute that failed, by class of error; only `transient` ones open a breaker.",
        g.per_minute_by(metric.series("count", connector=CONNECTOR), metric, "error_class"),
        words=metric.labels["error_class"],
    )


def _slowest() -> p.Panel:
    return p.lines(
        "Slowest calls",
        "StatsD's 95th percentile of each second for each connector, of its slowest operation and outcome.",
        g.worst_by(CALLS.series("upper_95", connector=CONNECTOR), CALLS, "connector"),
        unit="ms",
        steps=((30_000, p.BAD),),
    )


def _slowest_operations() -> p.Panel:
    return p.lines(
        "Slowest operations",
        "The same for each operation, of the slowest of the chosen connectors.",
        g.worst_by(CALLS.series("upper_95", connector=CONNECTOR), CALLS, "operation"),
        unit="ms",
        steps=((30_000, p.BAD),),
    )


def _durations() -> p.Panel:
    return p.heatmap(
        "Call durations", "How long calls took; calls per minute in each class.", CALLS, connector=CONNECTOR
    )


def _told() -> p.Panel:
    metric, back = m.DISPATCH_TOTAL, m.ROLLBACK_DISPATCH
    return p.bars(
        "Devices told by connector",
        "Assignments per minute whose command a connector confirmed; those of rollbacks apart.",
        g.per_minute_by(metric.series("count", connector=CONNECTOR), metric, "connector"),
        g.prefixed("back", g.per_minute_by(back.series("count", connector=CONNECTOR), back, "connector")),
    )


def _drift_open() -> p.Panel:
    metric = m.DRIFT_OPEN
    return p.areas(
        "Drift that is open",
        "Findings that are neither resolved nor accepted: devices without the release, with one too much, with another "
        "version, or outside of the scope.",
        g.state(metric, "drift", how="max"),
        unit="none",
    )


def _drift_found() -> p.Panel:
    found, resolved = m.DRIFT_FOUND, m.DRIFT_RESOLVED
    return p.totals(
        "Drift found and resolved",
        "Devices of the range, by kind.",
        g.prefixed("found", g.totals_by(found.series("count", connector=CONNECTOR), found, "drift")),
        g.prefixed("resolved", g.totals_by(resolved.series("count", connector=CONNECTOR), resolved, "drift")),
    )


def _remediation() -> p.Panel:
    metric = m.DRIFT_REMEDIATION
    return p.totals(
        "Drift remediation",
        "Devices told again by the program itself, and findings that it left to a person.",
        g.totals_by(metric.series("count", connector=CONNECTOR), metric, "connector", "step"),
    )


BOARD = Board(
    uid="eucora-connectors",
    title="EUCORA connectors",
    description="Whether the vendors' systems answer, how fast and with what faults, and what drifts behind them.",
    rows=(
        Row("State", [Tile(_health()), Tile(_breakers()), Tile(_failing()), Tile(_transitions())]),
        Row("Calls", [Tile(make(), width=8) for make in (_calls, _answers, _failures)]),
        Row("How long they take", [Tile(make(), width=8) for make in (_slowest, _slowest_operations, _durations)]),
        Row(
            "Devices behind them", [Tile(make(), width=6) for make in (_told, _drift_open, _drift_found, _remediation)]
        ),
    ),
    variables=(CONNECTOR,),
)
