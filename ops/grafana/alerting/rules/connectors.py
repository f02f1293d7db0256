"""Connectors: breakers, health, slow and failing calls."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.metrics.metric import SECOND
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above, below, between
from ops.grafana.alerting.rules.texts import CONNECTORS, MINUTES, NAME, PERCENT
from ops.grafana.graphite import one_of

_CALLS = m.CONNECTOR_OPERATION
_FAILED_CALLS = one_of(*(outcome for outcome in _CALLS.labels["outcome"] if outcome != "ok"))
RULES = (
    Rule(
        uid="eucora-breaker-open",
        title="Circuit breaker open",
        severity=Severity.CRITICAL,
        # Half-open (2) is ignored: a probe does not end the alert.
        queries=(Query(w.level_by(m.BREAKER_STATE, "connector", how="max", at_most=1), seconds=2 * MINUTES),),
        limit=between(0.5, 1.5),
        summary=f"The circuit breaker of {NAME} is open: no calls are made.",
        description="The connector's circuit breaker has been open for five minutes. Only probes are made.",
        panel=(CONNECTORS, "Breakers"),
        minutes=5,
    ),
    Rule(
        uid="eucora-breaker-half-open",
        title="Circuit breaker stays half-open",
        severity=Severity.INFO,
        queries=(Query(w.level_by(m.BREAKER_STATE, "connector", how="min"), seconds=2 * MINUTES),),
        limit=between(1.5, 2.5),
        summary=f"The circuit breaker of {NAME} stays half-open.",
        description="The circuit breaker has been half-open for five minutes: its probes neither fail nor succeed "
        "often enough to close it.",
        panel=(CONNECTORS, "Breakers"),
        minutes=5,
    ),
    Rule(
        uid="eucora-connector-unhealthy",
        title="Connector unhealthy",
        severity=Severity.WARNING,
        queries=(Query(w.level_by(m.CONNECTOR_HEALTH, "connector", how="max"), seconds=2 * MINUTES),),
        limit=below(0.5),
        summary=f"{NAME} fails its health checks, or does not respond to them.",
        description="No health check of the connector has succeeded for four minutes.",
        panel=(CONNECTORS, "Health"),
        minutes=2,
        neutral=1,
    ),
    Rule(
        uid="eucora-connector-slow",
        title="Connector slow: p95 above 30 s",
        severity=Severity.WARNING,
        queries=(
            Query(
                w.share_by(
                    _CALLS,
                    "connector",
                    part=f"*.*.{w.slower(_CALLS, 30 * SECOND)}",
                    whole=f"*.*.{w.ALL_BINS}",
                    at_least=20,
                ),
                seconds=15 * MINUTES,
            ),
        ),
        limit=above(0.05),
        summary=f"{PERCENT} of the calls to {NAME} took 30 s or longer.",
        description="Of at least 20 calls within 15 minutes, more than 5 % took 30 s or longer: p95 is above 30 s.",
        panel=(CONNECTORS, "Call durations"),
        minutes=5,
    ),
    Rule(
        uid="eucora-connector-failures",
        title="Connector calls fail",
        severity=Severity.WARNING,
        queries=(
            Query(
                w.share_by(_CALLS, "connector", part=f"*.{_FAILED_CALLS}.count", whole="*.*.count", at_least=20),
                seconds=15 * MINUTES,
            ),
        ),
        limit=above(0.05),
        summary=f"{PERCENT} of the calls to {NAME} failed.",
        description="Of at least 20 calls within 15 minutes, more than 5 % failed, for any reason.",
        panel=(CONNECTORS, "Calls by outcome"),
        minutes=5,
    ),
)
