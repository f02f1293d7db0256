"""Rollouts: success, approvals, the time rings take, stalled deployments, risk."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.metrics.metric import DAY
from app.metrics.objectives import slos as slo
from ops.grafana.alerting import windows as w
from ops.grafana.alerting.rule import Query, Rule, Severity, above, below
from ops.grafana.alerting.rules.texts import DAYS, HOURS, MINUTES, NAME, OPERATIONS, PERCENT, ROLLOUTS
from ops.grafana.graphite import call, one_of

RING_LIMITS = {
    one_of("lab", "canary"): 1 * DAY,
    one_of("pilot"): 3 * DAY,
    one_of(*(ring for ring in m.RINGS if ring not in ("lab", "canary", "pilot"))): 7 * DAY,
}
"""How long a ring may take to reach its minimum coverage, in ms: the plan `standard`'s limits for compliance."""


def _slow_rings() -> str:
    metric = m.DEPLOYMENT_DURATION
    return call(
        "group",
        *(
            w.share_by(
                metric, "ring", part=f"*.{w.slower(metric, limit)}", whole=f"*.{w.ALL_BINS}", at_least=5, values=rings
            )
            for rings, limit in RING_LIMITS.items()
        ),
    )


RULES = (
    Rule(
        uid="eucora-deployment-success",
        title="Deployment success below 97 %",
        severity=Severity.WARNING,
        queries=(
            Query(
                w.share(slo.DEPLOYMENT_SUCCESS.bad, slo.DEPLOYMENT_SUCCESS.total, at_least=5, name="failed"),
                seconds=DAYS,
            ),
        ),
        limit=above(0.03),
        summary=f"{PERCENT} of the deployments of the last 24 hours failed.",
        description="Of at least 5 deployments that completed or failed within 24 hours, more than 3 % failed.",
        panel=(OPERATIONS, "Deployment and promotion success rates"),
    ),
    Rule(
        uid="eucora-approvals-pile-up",
        title="Approvals pile up",
        severity=Severity.INFO,
        queries=(Query(w.level(m.APPROVAL_WAITING.series(""), how="min", name="waiting"), seconds=10 * MINUTES),),
        limit=above(10),
        summary="{{ $values.RA.Value }} deployments are waiting for approval.",
        description="More than 10 deployments have been waiting for approval for half an hour.",
        panel=(OPERATIONS, "Waiting for approval"),
        minutes=20,
    ),
    Rule(
        uid="eucora-approval-old",
        title="An approval has waited for a day",
        severity=Severity.WARNING,
        queries=(Query(w.level(m.APPROVAL_OLDEST.series(""), how="last", name="oldest"), seconds=5 * MINUTES),),
        limit=above(24 * HOURS),
        summary="A deployment has been waiting for approval for {{ humanizeDuration $values.RA.Value }}.",
        description="The oldest pending approval was requested more than 24 hours ago.",
        panel=(ROLLOUTS, "Oldest pending approval"),
        minutes=5,
    ),
    Rule(
        uid="eucora-ring-slow",
        title="Rings take too long",
        severity=Severity.WARNING,
        queries=(Query(_slow_rings(), seconds=7 * DAYS),),
        limit=above(0.05),
        summary=f"{PERCENT} of the rings {NAME} exceeded their time limit, so p95 is above the limit.",
        description="Of at least 5 rings of this name that ended within a week, more than 5 % took longer to reach "
        "their minimum coverage than one day (lab, canary), three days (pilot) or seven days (all others).",
        panel=(ROLLOUTS, "Ring durations"),
    ),
    Rule(
        uid="eucora-deployment-stalled",
        title="Deployments are stalled",
        severity=Severity.WARNING,
        queries=(
            Query(w.level(m.HOLD_ACTIVE.series("", hold="stalled"), how="last", name="stalled"), seconds=2 * MINUTES),
        ),
        limit=above(0),
        summary="{{ $values.RA.Value }} deployments are stalled and wait for a person.",
        description="A ring waited for its gate longer than its maximum wait, so its deployment was paused.",
        panel=(ROLLOUTS, "Deployments held"),
        minutes=2,
    ),
    Rule(
        uid="eucora-left-behind",
        title="Devices left behind by a rollback",
        severity=Severity.WARNING,
        queries=(Query(w.level(m.LEFT_BEHIND.series(""), how="last", name="left behind"), seconds=2 * MINUTES),),
        limit=above(0),
        summary="{{ $values.RA.Value }} devices still have a release that was rolled back.",
        description="For ten minutes, devices have kept a release although its rollback has ended, and nobody has "
        "accepted that.",
        panel=(ROLLOUTS, "Devices left behind"),
        minutes=10,
    ),
    Rule(
        uid="eucora-risk-high",
        title="Risky releases: p75 above 75",
        severity=Severity.INFO,
        queries=(
            Query(
                w.share(
                    m.RISK_SCORE.series(w.slower(m.RISK_SCORE, 75)),
                    m.RISK_SCORE.series(w.ALL_BINS),
                    at_least=4,
                    name="75 or more",
                ),
                seconds=7 * DAYS,
            ),
        ),
        limit=above(0.25),
        summary=f"{PERCENT} of the risk scores of the last week are 75 or higher.",
        description="Of at least 4 assessments within a week, more than a quarter have a score of 75 or higher: p75 is "
        "above 75.",
        panel=(ROLLOUTS, "Risk scores"),
    ),
    Rule(
        uid="eucora-gate-success-low",
        title="Devices fail in a ring",
        severity=Severity.WARNING,
        queries=(Query(w.level_by(m.GATE_SUCCESS_RATE, "ring", how="last"), seconds=2 * MINUTES),),
        limit=below(0.95),
        summary=f"Only {PERCENT} of the devices that reported in ring {NAME} succeeded.",
        description="For ten minutes, the success rate of the worst live deployment in this ring has been below 95 %, "
        "the lowest target in the plan `standard`.",
        panel=(ROLLOUTS, "Success rate at the gates"),
        minutes=10,
        neutral=1,
    ),
)
