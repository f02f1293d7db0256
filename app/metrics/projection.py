"""Projects events to measures: pure functions, standard library only. Business counters are written nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from app.metrics import catalogue as m


class EventLike(Protocol):
    """The part of an event that the projection reads."""

    @property
    def type(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


class Measure(NamedTuple):
    """A value for a metric's path; the values of timers are milliseconds."""

    metric: m.Metric
    path: str
    value: float


Payload = Mapping[str, Any]
ProjectionRule = Callable[[Payload], Iterable[Measure]]
"""The measures of one type of event."""


def _count(metric: m.Metric, value: int = 1, **labels: str) -> Measure:
    return Measure(metric, metric(**labels), value)


def _is_rollback(payload: Payload) -> bool:
    """Whether the event is about a rollback, which has its own metrics and never counts as a deployment."""
    return bool(payload.get("kind") == "rollback")


def _deployment(status: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        metric = m.APPLICATION_ROLLBACKS if _is_rollback(payload) else m.APPLICATION_DEPLOYMENTS
        yield _count(metric, app=payload["application_label"], status=status)

    return rule


_PROMOTION = {"passed": "auto", "failed": "blocked", "waived": "waived"}


def _ring(payload: Payload, field: str = "ring") -> str:
    """The key of the ring in a metric's path; events from before they had names and keys have only the key."""
    return str(payload.get(f"{field}_key", payload[field]))


def _ring_ended(status: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        ring = _ring(payload)
        if _is_rollback(payload):
            yield _count(m.ROLLBACK_TOTAL, ring=ring, status=status)
            return
        yield _count(m.DEPLOYMENT_TOTAL, ring=ring, status=status)
        if payload["duration_ms"] is not None:
            metric = m.DEPLOYMENT_DURATION
            yield Measure(metric, metric(ring=ring, status=status), payload["duration_ms"])
        if payload["next_ring"] and status != "skipped":
            how = payload.get("promotion", _PROMOTION[status])
            yield _count(m.RING_PROMOTION, source=ring, target=_ring(payload, "next_ring"), how=how)

    return rule


def _joined(payload: Payload) -> Iterable[Measure]:
    yield _count(m.ASSIGNMENT_JOINED, payload["devices"], ring=_ring(payload))


def _validation(result: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        yield _count(m.VALIDATION_TOTAL, ring=_ring(payload), result=result)

    return rule


def _retention(payload: Payload) -> Iterable[Measure]:
    # Version 0.5.0 recorded the numbers in other fields; its events stay uncounted, as they were when they were new.
    for table, count in payload.get("rows", {}).items():
        yield _count(m.RETENTION_ROWS, count, table=table)


def _hold_began(payload: Payload) -> Iterable[Measure]:
    yield _count(m.HOLD_TOTAL, hold=payload["hold"])


def _gate_evaluated(payload: Payload) -> Iterable[Measure]:
    yield _count(m.GATE_VERDICT, ring=_ring(payload), verdict=payload["verdict"])


def _analysis_measured(payload: Payload) -> Iterable[Measure]:
    yield _count(m.ANALYSIS_TOTAL, ring=_ring(payload), phase=payload["phase"])


def _command_confirmed(payload: Payload) -> Iterable[Measure]:
    metric = m.ROLLBACK_DISPATCH if _is_rollback(payload) else m.DISPATCH_TOTAL
    yield _count(metric, payload["devices"], ring=_ring(payload), connector=payload["connector"])


def _call_failed(payload: Payload) -> Iterable[Measure]:
    yield _count(m.BREAKER_FAILURES, connector=payload["connector"], error_class=payload["error_class"])


def _breaker_changed(payload: Payload) -> Iterable[Measure]:
    if payload["from"] != payload["to"]:
        yield _count(m.BREAKER_TRANSITIONS, connector=payload["connector"], to=payload["to"])


def _assignments_moved(payload: Payload) -> Iterable[Measure]:
    for tally in payload["tallies"]:
        yield _count(
            m.ROLLBACK_OUTCOME if _is_rollback(tally) or _is_rollback(payload) else m.ASSIGNMENT_OUTCOME,
            tally["count"],
            ring=_ring(tally),
            connector=tally["connector"],
            outcome=tally["outcome"],
        )


def _reports(payload: Payload) -> Iterable[Measure]:
    for result in m.REPORT_TOTAL.labels["result"]:
        if payload.get(result):  # events from before conflicts were reported have no such count
            yield _count(m.REPORT_TOTAL, payload[result], result=result)
    yield from _assignments_moved(payload)
    # Events from before compliance was counted do not have it.
    for tally in payload.get("compliance", ()):
        where = {"ring": _ring(tally), "site_class": tally["site_class"]}
        yield _count(m.COMPLIANCE_TOTAL, tally["count"], **where, result=tally["result"])


def _devices_registered(payload: Payload) -> Iterable[Measure]:
    for tally in payload["tallies"]:
        yield _count(m.DEVICE_REGISTERED, tally["count"], connector=tally["connector"], result=tally["result"])


def _devices_retired(payload: Payload) -> Iterable[Measure]:
    for tally in payload["tallies"]:
        yield _count(m.DEVICE_RETIRED, tally["count"], connector=tally["connector"])


def _artifact(action: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        yield _count(m.ARTIFACT_TOTAL, action=action)
        yield _count(m.ARTIFACT_BYTES, payload["size"], action=action)

    return rule


def _assessed(payload: Payload) -> Iterable[Measure]:
    yield Measure(m.RISK_SCORE, m.RISK_SCORE(), payload["score"])


def _approval(what: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        yield _count(m.APPROVAL, payload.get("approvals", 1), what=what)

    return rule


def _token(action: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        yield _count(m.TOKEN_TOTAL, action=action, subject=payload["kind"])

    return rule


def _session(action: str) -> ProjectionRule:
    return lambda _payload: [_count(m.SESSION_TOTAL, action=action)]


def _incident(action: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        yield _count(m.INCIDENT_TOTAL, action=action, severity=payload["severity"])

    return rule


def _control(control: str, action: str) -> ProjectionRule:
    def rule(_payload: Payload) -> Iterable[Measure]:
        yield _count(m.CONTROL_TOTAL, control=control, action=action)

    return rule


def _drift(metric: m.Metric) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        for tally in payload["tallies"]:
            yield _count(metric, tally["count"], connector=payload["connector"], drift=tally["kind"])

    return rule


def _remediation(step: str) -> ProjectionRule:
    def rule(payload: Payload) -> Iterable[Measure]:
        for tally in payload["tallies"]:
            yield _count(m.DRIFT_REMEDIATION, tally["count"], connector=payload["connector"], step=step)

    return rule


RULES: Mapping[str, ProjectionRule | None] = {
    "devices.registered": _devices_registered,
    "devices.retired": _devices_retired,
    "approval.floor_applied": None,
    "approval_floor.changed": None,
    "ring_plan.changed": None,
    "ring_plan.proposed": None,
    "ring_plan.rejected": None,
    "deployment.created": _deployment("created"),
    "deployment.planned": None,
    "deployment.assessed": _assessed,
    "deployment.evidence_changed": None,
    "dossier.issued": None,
    "package.stored": None,
    "artifact.stored": _artifact("stored"),
    "artifact.deleted": _artifact("deleted"),
    "artifact.repaired": None,
    "artifacts.swept": None,
    "approval.requested": _approval("requested"),
    "approval.given": _approval("given"),
    "approval.rejected": _approval("rejected"),
    "approval.invalidated": _approval("invalidated"),
    "glass.broken": None,
    "glass.confirmed": None,
    "glass.unconfirmed": None,
    "deployment.paused": None,
    "deployment.resumed": None,
    "deployment.rescheduled": None,
    "deployment.completed": _deployment("completed"),
    "deployment.aborted": _deployment("aborted"),
    "deployment.failed": _deployment("failed"),
    "deployment.rejected": _deployment("rejected"),
    "ring.started": None,
    "waiver.renewed": None,
    "ring.soaking": None,
    "ring.passed": _ring_ended("passed"),
    "ring.failed": _ring_ended("failed"),
    "ring.waived": _ring_ended("waived"),
    "ring.skipped": _ring_ended("skipped"),
    "gate.evaluated": _gate_evaluated,
    "analysis.measured": _analysis_measured,
    "command.confirmed": _command_confirmed,
    "command.failed": None,
    "connector.call_failed": _call_failed,
    "breaker.changed": _breaker_changed,
    "token.created": _token("created"),
    "token.rotated": _token("rotated"),
    "token.revoked": _token("revoked"),
    "subject.roles_changed": None,
    "subject.account_forgotten": None,
    "session.started": _session("started"),
    "session.ended": _session("ended"),
    "login.refused": _session("refused"),
    "incident.opened": _incident("opened"),
    "incident.closed": _incident("closed"),
    "freeze.declared": _control("freeze", "declared"),
    "freeze.lift_requested": None,
    "freeze.lifted": _control("freeze", "lifted"),
    "emergency_stop.declared": _control("emergency_stop", "declared"),
    "emergency_stop.lift_requested": None,
    "emergency_stop.lifted": _control("emergency_stop", "lifted"),
    "drift.found": _drift(m.DRIFT_FOUND),
    "drift.resolved": _drift(m.DRIFT_RESOLVED),
    "drift.remediation_sent": _remediation("sent"),
    "drift.needs_person": _remediation("needs_person"),
    "drift.remediation_ordered": None,
    "drift.reopened": None,
    "drift.accepted": None,
    "hold.began": _hold_began,
    "hold.ended": None,
    "validation.began": None,
    "validation.passed": _validation("passed"),
    "validation.failed": _validation("failed"),
    "validation.given_up": None,
    "validation.ended": None,
    "reports.ingested": _reports,
    "rollback.devices_left_behind": None,
    "rollback.left_behind_accepted": None,
    "rollback.followed_up": None,
    "events.archived": None,
    "events.restored": None,
    "retention.ran": _retention,
    "assignments.joined": _joined,
    "assignments.excluded": _assignments_moved,
    "assignments.retired": _assignments_moved,
    "assignments.superseded": _assignments_moved,
    "assignments.cancelled": _assignments_moved,
    "assignments.given_up": _assignments_moved,
}
"""A rule for every event type; `None` if the event is only for the audit trail."""


def project(event: EventLike) -> Sequence[Measure]:
    """The measures of one event. Raises KeyError for a type that `RULES` does not have."""
    rule = RULES[event.type]
    return tuple(rule(event.payload)) if rule else ()


def totals(events: Iterable[EventLike]) -> dict[str, int]:
    """The totals that Graphite must show for these events, one for each series with a `.count`.

    Keys are full Graphite series (`stats.counters.eucora.report.received.count`); a timer counts its samples.
    """
    sums: Counter[str] = Counter()
    for event in events:
        for measure in project(event):
            series = f"stats.{measure.metric.kind.value}.{m.PREFIX}.{measure.path}.count"
            sums[series] += int(measure.value) if measure.metric.kind is m.Kind.COUNTER else 1
    return dict(sums)
