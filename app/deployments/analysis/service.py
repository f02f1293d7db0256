"""Metric analyses of rings: which are due, and what they measured.

Graphite is read outside of transactions; a tick reads stored measurements and never waits for Graphite. A measurement
that failed is stored as an error, which neither passes nor fails a ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from app import clock
from app.db import locked, quoted
from app.deployments.analysis.asking import Measured, ask
from app.deployments.analysis.models import Measurement
from app.deployments.models import Deployment, Ring
from app.deployments.rules.analysis import Analysis, AnalysisResults
from app.deployments.rules.states import ACTIVE, RingState
from app.deployments.transitions import record
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.metrics.catalogue import label
from app.queue import Job
from app.releases.models import Application, Release

_DUE = text(f"""
    SELECT DISTINCT ring.id
      FROM rings AS ring JOIN deployments AS deployment ON deployment.id = ring.deployment_id
     CROSS JOIN LATERAL jsonb_array_elements(
           deployment.plan -> 'rings' -> ring.position -> 'gate' -> 'analyses') AS wanted
     WHERE deployment.state IN ({quoted(ACTIVE)}) AND ring.state IN ('deploying', 'soaking')
       AND NOT coalesce((SELECT newest.at <= :ahead
                            AND newest.at > :now - make_interval(secs => CAST(wanted ->> 'interval_seconds' AS integer))
                           FROM measurements AS newest
                          WHERE newest.ring_id = ring.id AND newest.analysis = wanted ->> 'name'
                          ORDER BY newest.id DESC LIMIT 1), false)
     ORDER BY ring.id
""")
_RESULTS = text(
    # The measurements of each analysis, counted, with its newest one and the newest one that could be read.
    """
    WITH counted AS (
        SELECT ring_id, analysis, count(*) AS measured, max(id) AS newest_id,
               count(*) FILTER (WHERE phase = 'success') AS successes,
               count(*) FILTER (WHERE phase = 'failure') AS failures,
               coalesce(max(id) FILTER (WHERE phase <> 'error'), 0) AS last_read_id
          FROM measurements
         WHERE ring_id = ANY(:rings)
         GROUP BY ring_id, analysis
    )"""
    # The newest measurement's value and sentence, and the errors since the last readable one.
    """
    SELECT counted.ring_id, counted.analysis, successes, failures, measured, newest.value, newest.detail,
           (SELECT count(*) FROM measurements AS unread
             WHERE unread.ring_id = counted.ring_id AND unread.analysis = counted.analysis
               AND unread.id > last_read_id) AS errors
      FROM counted JOIN measurements AS newest ON newest.id = newest_id
    """
)
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtextextended('measurements', :ring))")


def results(session: Session, ring_id: int, names: Sequence[str]) -> dict[str, AnalysisResults]:
    """The results of these analyses in the ring so far, by name, in one statement; none before a measurement."""
    return results_of(session, {ring_id: names})[ring_id]


def results_of(session: Session, names: Mapping[int, Sequence[str]]) -> dict[int, dict[str, AnalysisResults]]:
    """The same for several rings, by ring; `names` are the analyses of each."""
    results: dict[int, dict[str, AnalysisResults]] = {ring_id: {} for ring_id in names}
    if analysed := [ring_id for ring_id, analyses in names.items() if analyses]:
        for row in session.execute(_RESULTS, {"rings": analysed}):
            if row.analysis in names[row.ring_id]:
                results[row.ring_id][row.analysis] = AnalysisResults(
                    row.analysis, row.successes, row.failures, row.errors, row.measured, row.value, row.detail
                )
    return results


def due() -> None:
    """Enqueue the analyses of every deploying or soaking ring that has one due."""
    with unit_of_work(SYSTEM) as unit:
        now = clock.now()
        for ring_id in unit.session.execute(_DUE, {"now": now, "ahead": now + clock.SKEW}).scalars():
            unit.enqueue(Job.ANALYSE, ring_id)


def run(ring_id: int) -> None:
    """Measure what is due in one ring; a duplicate job within the interval measures nothing."""
    with unit_of_work(SYSTEM) as unit:
        now = clock.now()
        row = unit.session.execute(_analysed(ring_id)).first()
        if row is None:
            return
        deployment, ring, application = row
        analyses = _due_in(unit.session, deployment, ring, now)
        names = {"{ring}": ring.key, "{application}": label(application)}
    measured = ask(analyses, names, now)
    if not measured:
        return
    with unit_of_work(SYSTEM) as unit:
        # Locked until the commit, so that nothing is added to a ring that ended in the meantime.
        row = unit.session.execute(locked(_analysed(ring_id), share=True, of=Deployment)).first()
        if row is None:
            return
        deployment, ring, _ = row
        unit.session.execute(_ONE_WRITER, {"ring": ring_id})
        still_due = {analysis.name for analysis in _due_in(unit.session, deployment, ring, now)}
        for each in measured:
            if each.analysis.name in still_due:
                _store(unit, deployment, ring, now, each)


def _analysed(ring_id: int) -> Select[Deployment, Ring, str]:
    """The ring, if it is deploying or soaking, with its deployment and the application's name."""
    return (
        select(Deployment, Ring, Application.name)
        .join(Ring, Ring.deployment_id == Deployment.id)
        .join(Release, Release.id == Deployment.release_id)
        .join(Application, Application.id == Release.application_id)
        .where(
            Ring.id == ring_id,
            Ring.state.in_((RingState.DEPLOYING, RingState.SOAKING)),
            Deployment.state.in_(ACTIVE),
        )
    )


def _due_in(session: Session, deployment: Deployment, ring: Ring, now: datetime) -> list[Analysis]:
    """The ring's analyses whose interval is over."""
    planned = deployment.plan["rings"][ring.position]["gate"].get("analyses", ())
    # By id: the times of measurements may go back with the clock.
    last = select(func.max(Measurement.id)).where(Measurement.ring_id == ring.id).group_by(Measurement.analysis)
    newest = dict(session.execute(select(Measurement.analysis, Measurement.at).where(Measurement.id.in_(last))).all())

    def is_due(analysis: Analysis) -> bool:
        at, interval = newest.get(analysis.name), timedelta(seconds=analysis.interval_seconds)
        return at is None or clock.is_over(at + interval, now, interval)

    return [analysis for analysis in map(Analysis.from_json, planned) if is_due(analysis)]


def _store(unit: Unit, deployment: Deployment, ring: Ring, at: datetime, measured: Measured) -> None:
    analysis, reading, points = measured
    unit.session.add(
        Measurement(
            deployment_id=deployment.id,
            ring_id=ring.id,
            analysis=analysis.name,
            at=at,
            phase=reading.phase,
            value=reading.value,
            detail=reading.detail,
            points=points,
        )
    )
    # The value is in the sentence: a chained payload has no floats, which the database may write differently.
    record(
        unit,
        deployment,
        "analysis.measured",
        **ring.names,
        analysis=analysis.name,
        phase=reading.phase.value,
        detail=reading.detail,
    )
    unit.enqueue(Job.ADVANCE, deployment.id)
