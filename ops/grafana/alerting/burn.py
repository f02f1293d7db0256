"""Burn rates: how many times faster than allowed each objective's error budget is being used up.

Each rule asks for a long window, so that little is not much, and a short one, so that it ends when the trouble ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.metrics.objectives.slos import API_AVAILABILITY, API_LATENCY, COMPLIANCE_IN_TIME, DEPLOYMENT_SUCCESS, SLOS, Slo
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above


@dataclass(frozen=True, kw_only=True)
class Burn:
    """A pair of windows, in seconds, and the rate that both must exceed."""

    key: str
    words: str
    rate: float
    long: int
    short: int
    severity: Severity
    minutes: int


BURNS = (
    Burn(key="fast", words="fast", rate=14.4, long=3600, short=300, severity=Severity.CRITICAL, minutes=2),
    Burn(key="slow", words="slowly", rate=6, long=21_600, short=1800, severity=Severity.CRITICAL, minutes=5),
    Burn(key="creeping", words="over days", rate=1, long=259_200, short=21_600, severity=Severity.WARNING, minutes=15),
)
AT_LEAST: Mapping[str, int] = {
    API_AVAILABILITY.key: 100,
    API_LATENCY.key: 100,
    DEPLOYMENT_SUCCESS.key: 5,
    COMPLIANCE_IN_TIME.key: 100,
}
"""What the long window must hold before an objective is judged."""


def _hours(seconds: int) -> str:
    if seconds < 3600:
        return f"{seconds // 60} minutes"
    return f"{seconds // 3600} h" if seconds < 86_400 else f"{seconds // 86_400} days"


def _rule(slo: Slo, burn: Burn) -> Rule:
    limit = round(burn.rate * slo.budget, 6)

    def asked(seconds: int, at_least: int) -> Query:
        return Query(w.share(slo.bad, slo.total, at_least=at_least, name=slo.key), seconds=seconds, above=limit)

    return Rule(
        uid=f"eucora-slo-{slo.key.replace('_', '-')}-{burn.key}",
        title=f"{slo.title}: budget burns {burn.words}",
        severity=burn.severity,
        queries=(asked(burn.long, AT_LEAST[slo.key]), asked(burn.short, 1)),
        limit=above(0),
        summary=f"{{{{ humanizePercentage $values.RA.Value }}}} of the last {_hours(burn.long)} missed the objective "
        f"“{slo.title}” ({slo.objective:.1%} promised).",
        description=f"Over {_hours(burn.long)} and over {_hours(burn.short)} the error budget is used up more than "
        f"{burn.rate:g} "
        f"times as fast as it lasts 30 days. {slo.help}",
        panel=("eucora-slos", f"{slo.title}: burn over time"),
        minutes=burn.minutes,
        labels={"slo": slo.key, "burn": burn.key},
    )


BURNING = tuple(_rule(slo, burn) for slo in SLOS for burn in BURNS)
