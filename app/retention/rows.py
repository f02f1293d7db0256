"""The rows that are deleted after their time: which they are, and the statements that delete them in small batches.

Reports, commands, gate evaluations and measurements go only with a deployment that is at rest: nothing decides by
them any more. Assignments, rings and deployments stay: rollbacks, installations, devices left behind and recounts read
them, and none of these reads the deleted rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.commands.models import Command
from app.commands.states import UNSENT
from app.connectors.pull.models import ActionState, PullAction, PullFeedback
from app.db import quoted
from app.deployments.analysis.models import Measurement
from app.deployments.models import Assignment, Deployment, GateEvaluation, Report, Ring
from app.deployments.rules.states import ENDED, LIVE, REHEARSING, DeploymentState
from app.drift.models import DriftFinding
from app.events.unit import SYSTEM, unit_of_work
from app.http.models import IdempotencyKey

BATCH = 5_000
"""Rows looked at, or deleted, by one statement, which is one transaction."""
ALLOW = text("SET LOCAL eucora.retention = 'on'")
"""Without it, the triggers of append-only tables reject every delete."""

Expired = Callable[[], bool]
"""Whether the time of this run is over."""

_SETTLED = "{0}.state NOT IN ({live}) AND {0}.due_at IS NULL AND {0}.joined_until IS NULL"
_IS_SETTLED, _NEWER_IS_SETTLED, _BACK_IS_SETTLED = (
    _SETTLED.format(name, live=quoted(LIVE)) for name in ("deployment", "newer", "back")
)
UNSETTLED = f"""
    NOT ({_IS_SETTLED}) OR EXISTS (
        SELECT FROM {Ring.__tablename__} AS ring WHERE ring.deployment_id = deployment.id
           AND (ring.pending > 0 OR ring.sending > 0 OR ring.validation IN ({quoted(REHEARSING)})))
"""
"""The SQL condition for a `deployment` that may still change: not ended, not settled, or devices may still report."""
# The newest deployment of an application on a platform says what devices should have, however old it is, so it keeps
# its rows. The late reports of a deployment that was rolled back are compared with earlier ones until that is over.
_AT_REST = text(f"""
    SELECT deployment.id FROM {Deployment.__tablename__} AS deployment
     WHERE coalesce(deployment.finished_at, deployment.created_at) < :before AND NOT ({UNSETTLED})
       AND (deployment.state = '{DeploymentState.REJECTED}' OR EXISTS (
           SELECT FROM {Deployment.__tablename__} AS newer
            WHERE newer.application_id = deployment.application_id AND newer.platform = deployment.platform
              AND newer.id > deployment.id AND newer.started_at IS NOT NULL
              AND newer.state IN ({quoted(ENDED)}) AND {_NEWER_IS_SETTLED}))
       AND NOT EXISTS (
           SELECT FROM {Deployment.__tablename__} AS back
            WHERE back.rolls_back = deployment.id AND (NOT ({_BACK_IS_SETTLED}) OR back.finished_at >= :before))
     ORDER BY deployment.id
""")  # built from the table of states, not from input
# Ids follow the order of receipt, so the walk ends at the first page without an old report; no index on the time or the
# assignment is needed, which every report would have to pay for.
_REPORTS = text(f"""
    WITH page AS MATERIALIZED (
        SELECT id, assignment_id, received_at < :before AS is_old
          FROM {Report.__tablename__} WHERE id > :after ORDER BY id LIMIT :batch
    ), deleted AS (
        DELETE FROM {Report.__tablename__} AS report USING page JOIN {Assignment.__tablename__} AS assignment
            ON assignment.id = page.assignment_id
         WHERE report.id = page.id AND page.is_old AND assignment.deployment_id = ANY(:deployments)
        RETURNING 1
    )
    SELECT max(id) FILTER (WHERE is_old) AS last_id, (SELECT count(*) FROM deleted) AS deleted FROM page
""")
_OF_DEPLOYMENTS = "deployment_id = ANY(:deployments)"
_WHICH: Mapping[str, str] = {
    Command.__tablename__: f"""
        SELECT id FROM {Command.__tablename__} AS command
         WHERE {_OF_DEPLOYMENTS} AND due_at IS NULL AND state NOT IN ({quoted(UNSENT)})
           AND coalesce(greatest(collected_at, confirmed_at, attempted_at) < :before, true)
           AND NOT EXISTS (SELECT FROM {DriftFinding.__tablename__} WHERE command_id = command.id)""",
    GateEvaluation.__tablename__: f"""
        SELECT id FROM {GateEvaluation.__tablename__} WHERE {_OF_DEPLOYMENTS} AND at < :before""",
    Measurement.__tablename__: f"""
        SELECT id FROM {Measurement.__tablename__}
         WHERE ring_id IN (SELECT id FROM {Ring.__tablename__} WHERE {_OF_DEPLOYMENTS}) AND at < :before""",
    PullFeedback.__tablename__: f"""
        SELECT id FROM {PullFeedback.__tablename__} AS feedback
         WHERE at < :before AND NOT EXISTS (
               SELECT FROM {PullAction.__tablename__} AS action
                WHERE action.instruction_id = feedback.instruction_id AND action.state <> '{ActionState.OVER}')""",
    DriftFinding.__tablename__: f"""
        SELECT id FROM {DriftFinding.__tablename__} WHERE state = 'resolved' AND resolved_at < :before""",
}
_DELETE = {
    table: text(f"DELETE FROM {table} WHERE id IN ({which} LIMIT :batch)")  # built from our own constants
    for table, which in _WHICH.items()
}
_DELETE[IdempotencyKey.__tablename__] = text(f"""
    DELETE FROM {IdempotencyKey.__tablename__} WHERE (token_id, key) IN (
        SELECT token_id, key FROM {IdempotencyKey.__tablename__} WHERE created_at < :before LIMIT :batch)
""")

TABLES = (
    IdempotencyKey.__tablename__,
    DriftFinding.__tablename__,  # before commands, which stay while a finding names them
    Command.__tablename__,
    GateEvaluation.__tablename__,
    Measurement.__tablename__,
    Report.__tablename__,
    PullFeedback.__tablename__,
)
"""The tables in the order in which their old rows are deleted."""


def delete_old(table: str, before: datetime, is_over: Expired) -> int:
    """Delete a table's rows of before a time that nothing reads any more, in batches; returns how many."""
    with unit_of_work(SYSTEM) as unit:
        deployments = at_rest(unit.session, before)
    parameters = {"before": before, "deployments": deployments, "batch": BATCH}
    if table == Report.__tablename__:
        return _delete_reports(parameters, is_over) if deployments else 0
    deleted = 0
    while True:
        with unit_of_work(SYSTEM) as unit:
            result = unit.session.execute(_DELETE[table], parameters)
        deleted += int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE always has one
        if result.rowcount < BATCH or is_over():  # type: ignore[attr-defined]  # as above
            return deleted


def at_rest(session: Session, before: datetime) -> list[int]:
    """The deployments that ended before a time, are settled, and are no longer what anything is decided by."""
    return list(session.execute(_AT_REST, {"before": before}).scalars())


def _delete_reports(parameters: Mapping[str, Any], is_over: Expired) -> int:
    after: int | None = 0
    deleted = 0
    while after is not None and not is_over():
        with unit_of_work(SYSTEM) as unit:
            unit.session.execute(ALLOW)
            page = unit.session.execute(_REPORTS, {**parameters, "after": after}).one()
        after = page.last_id
        deleted += page.deleted
    return deleted
