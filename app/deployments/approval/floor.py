"""The floor of approvals: how many people must approve a risky rollout, whatever its plan says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import clock
from app.db import db
from app.deployments.approval.models import ApprovalFloor
from app.deployments.approval.schemas import FloorIn
from app.events.unit import unit_of_work
from app.http.versions import IfMatch, require_version

DEFAULT = 1
ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtext('approval_floors'))")


def people(session: Session) -> int:
    """How many people must approve a rollout whose risk requires approval."""
    row = _newest(session)
    return DEFAULT if row is None else row.people


def shown() -> dict[str, Any]:
    """The floor as the API shows it; version 0 is the default, which nobody has changed."""
    row = _newest(db.session())
    if row is None:
        return {"people": DEFAULT, "changed_by": None, "changed_at": None, "reason": None, "version": 0}
    about = {name: getattr(row, name) for name in ("people", "changed_by", "changed_at", "reason")}
    return {**about, "version": row.id}


def change(actor: str, body: FloorIn, if_match: IfMatch = None) -> None:
    """Set the floor for rollouts that are planned from now on; others keep their snapshot. Raises Stale."""
    with unit_of_work(actor) as unit:
        unit.session.execute(ONE_WRITER)
        before = _newest(unit.session)
        require_version("The floor", before.id if before else 0, if_match)
        unit.session.add(
            ApprovalFloor(people=body.people, changed_by=actor, changed_at=clock.now(), reason=body.reason)
        )
        payload = {"before": before.people if before else DEFAULT, "after": body.people, "reason": body.reason}
        unit.record("approval_floor.changed", payload)


def _newest(session: Session) -> ApprovalFloor | None:
    return session.execute(select(ApprovalFloor).order_by(ApprovalFloor.id.desc()).limit(1)).scalar_one_or_none()
