"""Burn rate rules: each objective's error budget is spent several times faster than allowed.

Each rule checks two windows: a long one, so that a few failures do not fire, and a short one, so that the alert ends
soon after the problem does.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.metrics.objectives.slos import SLOS, Slo
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above
from ops.grafana.alerting.rules.texts import PERCENT


@dataclass(frozen=True, kw_only=True)
class Burn:
    """A burn rate and the two windows that must exceed it. `words` end the rule's title; see `Rule` for `minutes`."""

    key: str
    words: str
    rate: float
    long_seconds: int
    short_seconds: int
    severity: Severity
    minutes: int


BURNS = (
    Burn(
        key="fast", words="fast", rate=14.4, long_seconds=3600, short_seconds=300, severity=Severity.CRITICAL, minutes=2
    ),
    Burn(
        key="slow",
        words="slowly",
        rate=6,
        long_seconds=21_600,
        short_seconds=1800,
        severity=Severity.CRITICAL,
        minutes=5,
    ),
    Burn(
        key="creeping",
        words="over days",
        rate=1,
        long_seconds=259_200,
        short_seconds=21_600,
        severity=Severity.WARNING,
        minutes=15,
    ),
)


def _duration(seconds: int) -> str:
    if seconds < 3600:
        return f"{seconds // 60} minutes"
    return f"{seconds // 3600} h" if seconds < 86_400 else f"{seconds // 86_400} days"


def _rule(slo: Slo, burn: Burn) -> Rule:
    limit = round(burn.rate * slo.budget, 6)
    long, short = _duration(burn.long_seconds), _duration(burn.short_seconds)

    def bad_share(seconds: int, at_least: int) -> Query:
        return Query(w.share(slo.bad, slo.total, at_least=at_least, name=slo.key), seconds=seconds, above=limit)

    return Rule(
        uid=f"eucora-slo-{slo.key.replace('_', '-')}-{burn.key}",
        title=f"{slo.title}: budget burns {burn.words}",
        severity=burn.severity,
        queries=(bad_share(burn.long_seconds, slo.at_least), bad_share(burn.short_seconds, 1)),
        limit=above(0),
        summary=f"{PERCENT} of the last {long} missed the objective “{slo.title}” ({slo.objective:.1%}).",
        description=f"Over {long} and over {short}, the error budget is spent more than {burn.rate:g} times as fast as "
        f"a budget for 30 days allows. {slo.help}",
        panel=("eucora-slos", f"{slo.title}: burn over time"),
        minutes=burn.minutes,
        labels={"slo": slo.key, "burn": burn.key},
    )


RULES = tuple(_rule(slo, burn) for slo in SLOS for burn in BURNS)
