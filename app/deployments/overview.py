"""One deployment on one page: what `GET /deployments/{id}` returns, why devices failed, and who decided what last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import reading
from app.deployments import history, queries
from app.deployments.models import Assignment, Ring
from app.deployments.rules.states import AssignmentState

REASONS = 10
"""Reasons that are listed, those of most devices first."""
EVENTS = 5


def overview(deployment_id: int) -> dict[str, Any]:
    """The deployment, its failures by ring and reason, and its latest decisions. Raises NoSuchDeployment."""
    with reading() as session:
        deployment = queries.deployment(deployment_id)
        return {
            **deployment,
            "failures": _failures(session, deployment_id, sum(ring["failed"] for ring in deployment["rings"])),
            "latest_events": history.latest_decisions(session, deployment_id, EVENTS),
        }


def _failures(session: Session, deployment_id: int, devices: int) -> dict[str, Any]:
    """Failed devices by ring and reason; `more` are the reasons that are not listed. Only failures cost a look."""
    if not devices:
        return {"devices": 0, "items": [], "more": 0}
    count = func.count().label("devices")
    statement = (
        select(Ring.name.label("ring"), Assignment.reason, count, func.count().over().label("reasons"))
        .join(Ring, Ring.id == Assignment.ring_id)
        .where(Assignment.deployment_id == deployment_id, Assignment.state == AssignmentState.FAILED)
        .group_by(Ring.name, Ring.position, Assignment.reason)
        .order_by(count.desc(), Ring.position, Assignment.reason)
        .limit(REASONS)
    )
    rows = session.execute(statement).all()
    return {
        "devices": devices,
        "items": [{"ring": row.ring, "reason": row.reason, "devices": row.devices} for row in rows],
        "more": max((row.reasons for row in rows), default=0) - len(rows),
    }
