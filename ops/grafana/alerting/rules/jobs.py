"""Jobs: the sweep, failures, time-outs."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import OnFailure, Query, Rule, Severity, above, below
from ops.grafana.alerting.rules.texts import JOBS, MINUTES, NAME, PERCENT
from ops.grafana.graphite import one_of

RULES = (
    Rule(
        uid="eucora-heartbeat-missing",
        title="The sweep has stopped",
        severity=Severity.CRITICAL,
        queries=(Query(w.count(m.SWEEP_HEARTBEAT.series("count"), name="sweeps"), seconds=2 * MINUTES),),
        limit=below(1),
        summary="No sweep in two minutes: rollouts have stopped, or their metrics are missing.",
        description="The sweep runs every 2 s. For two minutes it was not seen, or Graphite did not respond.",
        panel=(JOBS, "Sweeps"),
        minutes=1,
        no_data=OnFailure.ALERTING,
        on_error=OnFailure.ALERTING,
    ),
    Rule(
        uid="eucora-job-failures",
        title="Jobs fail",
        severity=Severity.WARNING,
        queries=(
            Query(
                w.share_by(
                    m.JOB_DURATION,
                    "job",
                    part=one_of("error", "timeout", "killed") + ".count",
                    whole="*.count",
                    at_least=10,
                ),
                seconds=30 * MINUTES,
            ),
        ),
        limit=above(0.05),
        summary=f"{PERCENT} of the jobs {NAME} failed.",
        description="Of at least 10 runs of this job within 30 minutes, more than 5 % failed, timed out or were "
        "killed.",
        panel=(JOBS, "Jobs by outcome"),
        minutes=5,
    ),
    Rule(
        uid="eucora-job-timeouts",
        title="Jobs run too long",
        severity=Severity.WARNING,
        queries=(Query(w.count_by(m.JOB_DURATION, "job", rest="timeout.count"), seconds=15 * MINUTES),),
        limit=above(0),
        summary=f"{{{{ $values.RA.Value }}}} jobs {NAME} timed out.",
        description="A run of this job was stopped at its time-out within the last 15 minutes.",
        panel=(JOBS, "Failure rate by job"),
    ),
)
