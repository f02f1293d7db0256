"""Connectors: whether they answer, how fast, with what faults; what their breakers did; how inventories drift."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import CONNECTOR, Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import FAILED_CALLS

CALLS = m.CONNECTOR_OPERATION


def _health() -> p.Panel:
    return common.connector_health(
        "Health", "What each connector's health check answered; the worst where one pixel holds several answers."
    )


def _breakers() -> p.Panel:
    return common.breaker_state(
        "Breakers",
        "Each connector's circuit breaker. While it is open no call is made; half-open, one probe at a time.",
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
    return p.totals(
        "Breakers that changed",
        "How often each breaker came to which state, by itself or by hand.",
        g.totals_by(m.BREAKER_TRANSITIONS, "connector", "to", connector=CONNECTOR),
    )


def _calls() -> p.Panel:
    return p.bars_by("Calls by operation", "Calls to connectors per minute.", CALLS, "operation", connector=CONNECTOR)


def _answers() -> p.Panel:
    return p.bars_by(
        "Calls by outcome",
        "Calls per minute: well answered, or with which class of error.",
        CALLS,
        "outcome",
        connector=CONNECTOR,
    )


def _failures() -> p.Panel:
    return p.bars_by(
        "Failures that breakers count",
        "Calls per minute that failed, by class of error; only `transient` ones open a breaker.",
        m.BREAKER_FAILURES,
        "error_class",
        connector=CONNECTOR,
    )


def _slowest() -> p.Panel:
    return p.p95_by(
        "Slowest calls",
        "StatsD's 95th percentile of each second for each connector, of its slowest operation and outcome.",
        CALLS,
        "connector",
        limit=30_000,
        connector=CONNECTOR,
    )


def _slowest_operations() -> p.Panel:
    return p.p95_by(
        "Slowest operations",
        "The same for each operation, of the slowest of the chosen connectors.",
        CALLS,
        "operation",
        limit=30_000,
        connector=CONNECTOR,
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
        g.per_minute_by(metric, "connector", connector=CONNECTOR),
        g.prefixed("back", g.per_minute_by(back, "connector", connector=CONNECTOR)),
    )


def _drift_open() -> p.Panel:
    return p.areas_by(
        "Drift that is open",
        "Findings that are neither resolved nor accepted: devices without the release, with one too much, with another "
        "version, or outside of the scope.",
        m.DRIFT_OPEN,
        "drift",
    )


def _drift_found() -> p.Panel:
    found, resolved = m.DRIFT_FOUND, m.DRIFT_RESOLVED
    return p.totals(
        "Drift found and resolved",
        "Devices of the range, by kind.",
        g.prefixed("found", g.totals_by(found, "drift", connector=CONNECTOR)),
        g.prefixed("resolved", g.totals_by(resolved, "drift", connector=CONNECTOR)),
    )


def _remediation() -> p.Panel:
    return p.totals(
        "Drift remediation",
        "Devices told again by the program itself, and findings that it left to a person.",
        g.totals_by(m.DRIFT_REMEDIATION, "connector", "step", connector=CONNECTOR),
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
