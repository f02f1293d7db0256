"""The metrics pipeline: what processes, the kernel, StatsD and carbon lose."""

from __future__ import annotations

from app.metrics import catalogue as m, foreign
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above
from ops.grafana.alerting.rules.texts import MINUTES, PIPELINE


def _loss(*, uid: str, title: str, severity: Severity, series: str, panel: str, lost: str, limit: int = 0) -> Rule:
    """A rule that fires when more than `limit` of what is `lost` were counted within 15 minutes."""
    return Rule(
        uid=f"eucora-{uid}",
        title=title,
        severity=severity,
        queries=(Query(w.count(series, name=uid), seconds=15 * MINUTES),),
        limit=above(limit),
        summary="In the last 15 minutes, {{ $values.RA.Value }} " + lost + ".",
        description=f"In the last 15 minutes, {f'more than {limit}' if limit else 'one or more'} {lost}.",
        panel=(PIPELINE, panel),
    )


RULES = (
    _loss(
        uid="measures-dropped",
        title="Processes cannot send measurements",
        severity=Severity.WARNING,
        series=m.EMITTER_DROPPED.series("count"),
        panel="Losses in transit",
        lost="measurements could not be sent by a process",
    ),
    _loss(
        uid="statsd-kernel-dropped",
        title="The kernel drops datagrams for StatsD",
        severity=Severity.WARNING,
        series=m.STATSD_KERNEL_DROPPED.series("count"),
        panel="Losses in transit",
        lost="datagrams were dropped because StatsD's receive buffer was full",
    ),
    _loss(
        uid="statsd-bad-lines",
        title="StatsD cannot read lines",
        severity=Severity.WARNING,
        series=f"{foreign.STATSD_BAD_LINES.series},{m.STATSD_MALFORMED.series('count')}",
        panel="Rejected by StatsD",
        lost="lines could not be parsed by StatsD",
    ),
    _loss(
        uid="statsd-external-dropped",
        title="Lines from other programs are rejected",
        severity=Severity.INFO,
        series=m.STATSD_EXTERNAL_DROPPED.series("count"),
        panel="Rejected by StatsD",
        lost="lines were rejected on StatsD's external port",
        limit=100,
    ),
    _loss(
        uid="carbon-dropped-creates",
        title="carbon rejects new series",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_DROPPED_CREATES.series,
        panel="carbon's losses",
        lost="new series were rejected by carbon",
    ),
    _loss(
        uid="carbon-errors",
        title="carbon cannot write",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_ERRORS.series,
        panel="carbon's losses",
        lost="writes by carbon failed",
    ),
    _loss(
        uid="carbon-cache-overflow",
        title="carbon's cache overflows",
        severity=Severity.CRITICAL,
        series=foreign.CARBON_CACHE_OVERFLOW.series,
        panel="carbon's losses",
        lost="points were rejected because carbon's cache was full",
    ),
)
