"""What Graphite must add up to, counted from the tables instead of the events: the other way to the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.metrics import catalogue as m
from app.metrics.catalogue import Metric
from app.metrics.projection import totals
from tests.support.database import rows

LASTING = "('succeeded', 'already_compliant', 'failed', 'not_applicable', 'retired', 'cancelled', 'superseded')"
"""Outcomes that a device comes to once and never leaves, unless it breaks or is repaired."""

LEFT_BY_WHO_RETURNS = (m.ASSIGNMENT_OUTCOME, m.ROLLBACK_OUTCOME, m.DISPATCH_TOTAL, m.ROLLBACK_DISPATCH)
"""A device that was retired and came back is no longer retired, and is dispatched to again."""

OUTCOMES_OF = {"rollout": m.ASSIGNMENT_OUTCOME, "rollback": m.ROLLBACK_OUTCOME}


def totals_equal_the_tables(answered: Mapping[str, int]) -> None:
    """12: `answered` are the statuses that callers were given for their own reports."""
    emitted = totals(rows("SELECT type, payload FROM events"))
    returned = rows("SELECT sum(CAST(payload->>'returned' AS int)) AS n FROM events WHERE type = 'assignments.joined'")
    left_again = {OUTCOMES_OF[row.kind]: row.n for row in rows(_CORRECTIONS) if row.n}
    for metric, counted in _counted().items():
        found = Counter(_of(metric, emitted))
        if metric in left_again:
            assert found >= counted, metric.name
            more = found.total() - counted.total() - left_again[metric]
            assert 0 <= more <= (returned[0].n or 0), metric.name
        elif metric in LEFT_BY_WHO_RETURNS and returned[0].n:
            assert found >= counted, metric.name
            assert found.total() - counted.total() <= returned[0].n, metric.name
        else:
            assert found == counted, metric.name
    received = emitted.get(_series(m.REPORT_TOTAL, result="received"), 0)
    late = emitted.get(_series(m.REPORT_TOTAL, result="late"), 0)
    assert (received + late,) == rows("SELECT count(*) FROM reports")[0]
    assert emitted.get(_series(m.REPORT_TOTAL, result="rejected"), 0) == answered.get("rejected", 0)
    assert emitted.get(_series(m.REPORT_TOTAL, result="duplicate"), 0) >= answered.get("duplicate", 0)


def _counted() -> dict[Metric, Counter[str]]:
    found: dict[Metric, Counter[str]] = {}

    def count(metric: Metric, number: int, **labels: Any) -> None:
        found.setdefault(metric, Counter())[_series(metric, **labels)] += number

    for it in rows(_OUTCOMES):
        metric = m.ROLLBACK_OUTCOME if it.kind == "rollback" else m.ASSIGNMENT_OUTCOME
        count(metric, it.n, ring=it.key, connector=it.connector, outcome=it.state)
    for it in rows(_DISPATCHED):
        metric = m.ROLLBACK_DISPATCH if it.kind == "rollback" else m.DISPATCH_TOTAL
        count(metric, it.n, ring=it.key, connector=it.connector)
    for it in rows("SELECT kind, state, application_label AS app, count(*) AS n FROM deployments GROUP BY 1, 2, 3"):
        metric = m.APPLICATION_ROLLBACKS if it.kind == "rollback" else m.APPLICATION_DEPLOYMENTS
        count(metric, it.n, app=it.app, status="created")
        if it.state in ("completed", "aborted", "failed", "rejected"):
            count(metric, it.n, app=it.app, status=it.state)
    for it in rows(_RINGS):
        metric = m.ROLLBACK_TOTAL if it.kind == "rollback" else m.DEPLOYMENT_TOTAL
        count(metric, it.n, ring=it.key, status=it.state)
        if it.state == "waived":
            count(metric, it.failed, ring=it.key, status="failed")  # else it had stalled
        if it.state != "passed":
            count(metric, it.passed, ring=it.key, status="passed")
    for it in rows(_VERDICTS):
        count(m.GATE_VERDICT, it.n, ring=it.key, verdict=it.verdict)
    for it in rows("SELECT severity, count(*) AS n, count(closed_at) AS closed FROM incidents GROUP BY 1"):
        count(m.INCIDENT_TOTAL, it.n, action="opened", severity=it.severity)
        count(m.INCIDENT_TOTAL, it.closed, action="closed", severity=it.severity)
    for it in rows("SELECT kind, count(*) AS n, count(lifted_at) AS lifted FROM freezes GROUP BY 1"):
        count(m.CONTROL_TOTAL, it.n, control=it.kind, action="declared")
        count(m.CONTROL_TOTAL, it.lifted, control=it.kind, action="lifted")
    count(m.RISK_SCORE, rows("SELECT count(*) AS n FROM risk_assessments")[0].n)
    return found


_OUTCOMES = f"""
    SELECT d.kind, r.key, a.connector, a.state, count(*) AS n
      FROM assignments a JOIN rings r ON r.id = a.ring_id JOIN deployments d ON d.id = a.deployment_id
     WHERE a.state IN {LASTING} GROUP BY 1, 2, 3, 4
"""
_DISPATCHED = """
    SELECT d.kind, r.key, a.connector, count(*) AS n
      FROM assignments a JOIN rings r ON r.id = a.ring_id JOIN deployments d ON d.id = a.deployment_id
     WHERE a.dispatched_at IS NOT NULL GROUP BY 1, 2, 3
"""
_CORRECTIONS = """
    SELECT d.kind, sum(a.corrections) AS n FROM assignments a JOIN deployments d ON d.id = a.deployment_id GROUP BY 1
"""
_RINGS = """
    SELECT d.kind, r.key, r.state, count(*) AS n,
           count(*) FILTER (WHERE r.id IN (SELECT ring_id FROM gate_evaluations WHERE verdict = 'pass')) AS passed,
           count(*) FILTER (WHERE r.id IN (SELECT ring_id FROM gate_evaluations WHERE verdict = 'fail')) AS failed
      FROM rings r JOIN deployments d ON d.id = r.deployment_id
     WHERE r.state IN ('passed', 'failed', 'waived', 'skipped') GROUP BY 1, 2, 3
"""
_VERDICTS = """
    SELECT r.key, g.verdict, count(*) AS n FROM gate_evaluations g JOIN rings r ON r.id = g.ring_id GROUP BY 1, 2
"""


def _series(metric: Metric, **labels: str) -> str:
    return metric.series("count", **labels)


def _of(metric: Metric, emitted: Mapping[str, int]) -> dict[str, int]:
    """The series of that metric that can be counted: all but those of outcomes that a device leaves again."""
    nodes = metric.series("count").split(".")
    return {
        series: count
        for series, count in emitted.items()
        if len(own := series.split(".")) == len(nodes)
        and all(want in ("*", node) for want, node in zip(nodes, own, strict=True))
        and (metric not in (m.ASSIGNMENT_OUTCOME, m.ROLLBACK_OUTCOME) or f"'{own[-2]}'" in LASTING)
    }
