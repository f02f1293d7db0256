"""Jobs: the sweep, failures, time-outs."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.queue import BEHIND, ROLLOUTS, QueueName
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
    Rule(
        uid="eucora-queue-behind",
        title="Jobs wait too long",
        severity=Severity.WARNING,
        queries=(Query(w.level_by(m.QUEUE_OLDEST, "queue", how="min", values=one_of(*ROLLOUTS)), seconds=2 * MINUTES),),
        limit=above(max(BEHIND[name] for name in ROLLOUTS)),
        summary=f"The oldest job in the queue {NAME} has waited for {{{{ humanizeDuration $values.RA.Value }}}}.",
        description="For two minutes, the oldest job of a queue that rollouts need has waited for more than a minute.",
        panel=(JOBS, "Oldest job"),
    ),
    Rule(
        uid="eucora-drift-behind",
        title="Work on drift waits too long",
        severity=Severity.INFO,
        queries=(Query(w.level_by(m.QUEUE_OLDEST, "queue", how="min", values=QueueName.DRIFT), seconds=5 * MINUTES),),
        limit=above(BEHIND[QueueName.DRIFT]),
        summary="The oldest job on drift has waited for {{ humanizeDuration $values.RA.Value }}.",
        description="For five minutes, the oldest job in the queue `drift` has waited for more than half an hour.",
        panel=(JOBS, "Oldest job"),
    ),
)
