"""The metrics pipeline: what processes, the kernel, StatsD and carbon lose."""

from __future__ import annotations

from app.metrics import catalogue as m, foreign
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above
from ops.grafana.alerting.rules.texts import MINUTES, PIPELINE


def _loses(*, uid: str, title: str, severity: Severity, series: str, panel: str, words: str, limit: float = 0) -> Rule:
    return Rule(
        uid=f"eucora-{uid}",
        title=title,
        severity=severity,
        queries=(Query(w.count(series, name=uid), seconds=15 * MINUTES),),
        limit=above(limit),
        summary="{{ $values.RA.Value }} in 15 minutes: " + words,
        description=f"In the last 15 minutes there were {'any' if not limit else f'more than {limit:.0f}'}: {words}",
        panel=(PIPELINE, panel),
    )


RULES = (
    _loses(
        uid="measures-dropped",
        title="Processes could not send measures",
        severity=Severity.WARNING,
        series=m.EMITTER_DROPPED.series("count"),
        panel="Losses in transit",
        words="measures that a process could not send.",
    ),
    _loses(
        uid="statsd-kernel-dropped",
        title="The kernel drops datagrams for StatsD",
        severity=Severity.WARNING,
        series=m.STATSD_KERNEL_DROPPED.series("count"),
        panel="Losses in transit",
        words="datagrams that found StatsD's receive buffer full.",
    ),
    _loses(
        uid="statsd-bad-lines",
        title="StatsD cannot read lines",
        severity=Severity.WARNING,
        series=f"{foreign.STATSD_BAD_LINES.series},{m.STATSD_MALFORMED.series('count')}",
        panel="Rejected by StatsD",
        words="lines that StatsD could not read.",
    ),
    _loses(
        uid="statsd-external-dropped",
        title="Lines of other programs are refused",
        severity=Severity.INFO,
        series=m.STATSD_EXTERNAL_DROPPED.series("count"),
        panel="Rejected by StatsD",
        words="lines that the port for other programs refused.",
        limit=100,
    ),
    _loses(
        uid="carbon-dropped-creates",
        title="carbon refuses new series",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_DROPPED_CREATES.series,
        panel="carbon's losses",
        words="new series that carbon made no file for.",
    ),
    _loses(
        uid="carbon-errors",
        title="carbon cannot write",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_ERRORS.series,
        panel="carbon's losses",
        words="writes of carbon's that failed.",
    ),
    _loses(
        uid="carbon-cache-overflow",
        title="carbon's cache overflows",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_CACHE_OVERFLOW.series,
        panel="carbon's losses",
        words="points that carbon refused because too many were waiting.",
    ),
)
