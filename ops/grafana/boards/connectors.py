"""Connectors: health, calls and their errors, circuit breakers, dispatch, drift."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import CONNECTOR, Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import FAILED_CALLS, HEARTBEAT

CALLS = m.CONNECTOR_OPERATION


def _health() -> p.Panel:
    return common.connector_health(
        "Health", "The result of each connector's health check; the worst where a pixel covers several."
    )


def _breakers() -> p.Panel:
    return common.breaker_state(
        "Breakers",
        "Each connector's circuit breaker. While it is open, no calls are made; while half-open, one probe at a time.",
    )


def _failing() -> p.Panel:
    return p.totals(
        "Failed calls",
        "The share of each connector's calls in this range that failed, for any reason.",
        g.share_by(CALLS, "connector", part={"outcome": FAILED_CALLS}, whole={"connector": CONNECTOR}),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        most=1,
    )


def _transitions() -> p.Panel:
    return p.totals(
        "Breaker transitions",
        "How often each breaker changed to each state, automatically or by hand.",
        g.totals_by(m.BREAKER_TRANSITIONS, "connector", "to", connector=CONNECTOR),
    )


def _calls() -> p.Panel:
    return p.bars_by("Calls by operation", "Calls to connectors per minute.", CALLS, "operation", connector=CONNECTOR)


def _answers() -> p.Panel:
    return p.bars_by(
        "Calls by outcome",
        "Calls per minute: successful, or by class of error.",
        CALLS,
        "outcome",
        connector=CONNECTOR,
    )


def _failures() -> p.Panel:
    return p.bars(
        "Failures by error class",
        "Failed calls per minute, by class of error. Only `transient` errors open a breaker.",
        *g.per_minute_each(m.BREAKER_FAILURES, "error_class", HEARTBEAT, connector=CONNECTOR),
    )


def _slowest() -> p.Panel:
    return p.p95_by(
        "Slowest calls",
        "StatsD's 95th percentile for each second and connector, of its slowest operation and outcome.",
        CALLS,
        "connector",
        limit=30_000,
        connector=CONNECTOR,
    )


def _slowest_operations() -> p.Panel:
    return p.p95_by(
        "Slowest operations",
        "StatsD's 95th percentile for each second and operation, of the slowest of the selected connectors.",
        CALLS,
        "operation",
        limit=30_000,
        connector=CONNECTOR,
    )


def _durations() -> p.Panel:
    return p.heatmap("Call durations", "Calls per minute by duration.", CALLS, connector=CONNECTOR)


def _dispatched() -> p.Panel:
    return p.bars(
        "Devices dispatched by connector",
        "Assignments per minute whose command a connector confirmed; rollbacks are shown separately.",
        g.per_minute_by(m.DISPATCH_TOTAL, "connector", connector=CONNECTOR),
        g.prefixed("rollbacks", g.per_minute_by(m.ROLLBACK_DISPATCH, "connector", connector=CONNECTOR)),
    )


def _drift_open() -> p.Panel:
    return p.areas_by(
        "Open drift",
        "Findings that are neither resolved nor accepted: devices that lack the release, should not have it, have "
        "another version, or are out of scope.",
        m.DRIFT_OPEN,
        "drift",
    )


def _drift_found() -> p.Panel:
    return p.totals(
        "Drift found and resolved",
        "Devices in this range, by kind of drift.",
        g.prefixed("found", g.totals_by(m.DRIFT_FOUND, "drift", connector=CONNECTOR)),
        g.prefixed("resolved", g.totals_by(m.DRIFT_RESOLVED, "drift", connector=CONNECTOR)),
    )


def _remediation() -> p.Panel:
    return p.totals(
        "Drift remediation",
        "Devices dispatched again automatically, and findings left to a person.",
        g.totals_by(m.DRIFT_REMEDIATION, "connector", "step", connector=CONNECTOR),
    )


BOARD = Board(
    uid="eucora-connectors",
    title="EUCORA connectors",
    description="Whether the vendors' systems respond, how fast and with what errors, and which devices have drifted.",
    rows=(
        Row("State", [Tile(_health()), Tile(_breakers()), Tile(_failing()), Tile(_transitions())]),
        Row("Calls", [Tile(make(), width=8) for make in (_calls, _answers, _failures)]),
        Row("Durations", [Tile(make(), width=8) for make in (_slowest, _slowest_operations, _durations)]),
        Row("Devices", [Tile(make(), width=6) for make in (_dispatched, _drift_open, _drift_found, _remediation)]),
    ),
    variables=(CONNECTOR,),
)
