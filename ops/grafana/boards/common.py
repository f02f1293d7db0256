"""What several dashboards show: series, and panels that differ in nothing but their titles."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import CONNECTOR

HEARTBEAT = m.SWEEP_HEARTBEAT.series("count")
"""A counter that exists whenever anything runs: a count beside it is 0 rather than absent."""
FAILED_JOBS = g.one_of("error", "timeout", "killed")
FAILED_CALLS = g.one_of(*(outcome for outcome in m.CONNECTOR_OPERATION.labels["outcome"] if outcome != "ok"))
_BREAKER: p.States = {0: "closed", 1: "open", 2: "half_open"}
_HEALTH: p.States = {1: "healthy", 0: "unhealthy"}


def connector_health(title: str, description: str) -> p.Panel:
    """Each connector's health over time."""
    return p.timeline(
        title, description, g.state(m.CONNECTOR_HEALTH, "connector", value=CONNECTOR, how="min"), states=_HEALTH
    )


def breaker_state(title: str, description: str) -> p.Panel:
    """Each connector's circuit breaker over time."""
    return p.timeline(
        title, description, g.state(m.BREAKER_STATE, "connector", value=CONNECTOR, how="last"), states=_BREAKER
    )


def heartbeat_age(title: str, description: str) -> p.Panel:
    """Seconds since the last sweep."""
    return p.figures(
        title,
        description,
        g.alias(g.age(HEARTBEAT), "age"),
        unit="s",
        steps=((10, p.WARN), (30, p.BAD)),
        decimals=0,
        trend=True,
    )


def job_p95(title: str) -> p.Panel:
    """How long each job takes."""
    return p.p95_by(
        title,
        "StatsD's 95th percentile for each second and job, of its slowest outcome.",
        m.JOB_DURATION,
        "job",
    )
