"""The API and its database: latency, errors, slow statements."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.metrics.objectives import slos as slo
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above
from ops.grafana.alerting.rules.texts import CAPACITY, MINUTES, NAME, PERCENT

RULES = (
    Rule(
        uid="eucora-api-slow",
        title="API slow: p95 above 1 s",
        severity=Severity.WARNING,
        queries=(
            Query(w.share(slo.API_LATENCY.bad, slo.API_LATENCY.total, at_least=100, name="slow"), seconds=10 * MINUTES),
        ),
        limit=above(0.05),
        summary=f"{PERCENT} of the requests took a second or longer.",
        description="Of at least 100 requests within 10 minutes, more than 5 % took a second or longer: p95 is above 1 "
        "s.",
        panel=(CAPACITY, "API latency"),
        minutes=5,
    ),
    Rule(
        uid="eucora-api-errors",
        title="API errors above 1 %",
        severity=Severity.CRITICAL,
        queries=(
            Query(
                w.share(slo.API_AVAILABILITY.bad, slo.API_AVAILABILITY.total, at_least=100, name="5xx"),
                seconds=10 * MINUTES,
            ),
        ),
        limit=above(0.01),
        summary=f"{PERCENT} of the requests failed with 5xx.",
        description="Of at least 100 requests within 10 minutes, more than 1 % failed with 5xx.",
        panel=(CAPACITY, "Requests by status"),
        minutes=5,
    ),
    Rule(
        uid="eucora-sql-slow",
        title="SQL is slow",
        severity=Severity.WARNING,
        queries=(
            Query(
                w.share_by(m.DB_QUERY, "verb", part=w.slower(m.DB_QUERY, 500), whole=w.ALL_BINS, at_least=100),
                seconds=15 * MINUTES,
            ),
        ),
        limit=above(0.01),
        summary=f"{PERCENT} of the {NAME} statements took half a second or longer.",
        description="Of at least 100 statements with this verb within 15 minutes, more than 1 % took half a second or "
        "longer.",
        panel=(CAPACITY, "SQL durations"),
        minutes=5,
    ),
)
