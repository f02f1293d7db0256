"""A deployment's dossier: everything that an auditor asks for, with a hash that the log keeps.

Whoever has the file computes `sha256` over its `content` in canonical JSON (sorted keys, no spaces, ASCII) and finds
the same in the event `dossier.issued`; so the file says what the control plane said then. The event is written once
for each content, however often it is asked for.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.controls import queries as controls
from app.db import reading
from app.deployments import history, queries
from app.deployments.approval import queries as approval
from app.deployments.approval.evidence import digest
from app.deployments.models import GateEvaluation, Ring
from app.deployments.waiver_models import Waiver
from app.events.models import Event, EventArchive
from app.events.unit import unit_of_work
from app.http.serialization import timestamp

ISSUED = "dossier.issued"
_CHANGING = ("holds", "next")
"""What a deployment waits for depends on the time at which it is asked."""


def issue(actor: str, deployment_id: int) -> dict[str, Any]:
    """The dossier as of now; its hash is in the log when this returns. Raises NoSuchDeployment."""
    with reading() as session:
        content = _plain(_content(session, deployment_id))
    sha256 = digest(content)
    return {"content": content, "sha256": sha256, "recorded": _recorded(actor, deployment_id, sha256)}


def _recorded(actor: str, deployment_id: int, sha256: str) -> dict[str, Any]:
    """The event that holds the hash: the first one with it, or a new one."""
    statement = select(Event.id, Event.at, Event.actor, Event.payload).where(
        Event.deployment_id == deployment_id, Event.type == ISSUED, Event.payload["sha256"].astext == sha256
    )
    with unit_of_work(actor) as unit:
        if unit.session.execute(statement.limit(1)).first() is None:
            unit.record(ISSUED, {"sha256": sha256}, deployment_id=deployment_id)
    with reading() as session:
        row = session.execute(statement.order_by(Event.id).limit(1)).one()
    return {"event": row.id, "at": timestamp(row.at), "actor": row.actor}


def _content(session: Session, deployment_id: int) -> dict[str, Any]:
    deployment = queries.deployment(deployment_id)
    return {
        "deployment": {name: value for name, value in deployment.items() if name not in _CHANGING},
        "risk": approval.risks(deployment_id),
        "evidence": approval.evidence_of(deployment_id),
        "approvals": approval.approvals(deployment_id),
        "gates": _gates(session, deployment_id),
        "waivers": _waivers(session, deployment_id),
        "incidents": controls.incidents_about(session, deployment_id),
        "archived_events_until": session.execute(select(func.max(EventArchive.last_id))).scalar_one(),
        "events": _events(session, deployment_id),
    }


def _gates(session: Session, deployment_id: int) -> list[dict[str, Any]]:
    statement = queries.evaluations(deployment_id).order_by(GateEvaluation.id)
    return [dict(row) for row in session.execute(statement).mappings()]


def _waivers(session: Session, deployment_id: int) -> list[dict[str, Any]]:
    statement = (
        select(
            Waiver.id,
            Ring.name.label("ring"),
            Waiver.granted_by,
            Waiver.granted_at,
            Waiver.expires_at,
            Waiver.reason,
            Waiver.compensating_controls,
        )
        .join(Ring, Ring.id == Waiver.ring_id)
        .where(Waiver.deployment_id == deployment_id)
        .order_by(Waiver.id)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _events(session: Session, deployment_id: int) -> list[dict[str, Any]]:
    """The deployment's part of the log, each event with the hash that links it to the one before it."""
    rows = history.with_hashes(session, deployment_id, without=ISSUED)
    return [{**row, "previous_hash": row["previous_hash"].hex(), "hash": row["hash"].hex()} for row in rows]


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """As it is sent, and hashed."""
    plain: dict[str, Any] = json.loads(json.dumps(content, default=timestamp))
    return plain
