"""The devices that have asked a connector for work, as operators see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, exists, lateral, select, true

from app.agents.schemas import AgentQuery
from app.connectors import registry
from app.connectors.pull.models import PullAction, PullDevice, PullInstruction
from app.db import db
from app.devices.models import Device
from app.http.pagination import page, paged

_REGISTERED = exists(
    select(Device.id).where(
        Device.external_id == PullDevice.external_id,
        Device.connector == PullDevice.connector,
        Device.retired_at.is_(None),
    )
)
_LATEST = lateral(
    select(PullAction)
    .where(PullAction.connector == PullDevice.connector, PullAction.external_id == PullDevice.external_id)
    .order_by(PullAction.id.desc())
    .limit(1)
).alias("action")
_AGENTS = (
    select(
        PullDevice.id,
        PullDevice.external_id,
        _REGISTERED.label("registered"),
        PullDevice.first_seen_at,
        PullDevice.seen_at,
        PullDevice.attributes,
        PullDevice.attributes_at,
        _LATEST.c.id.label("action_id"),
        _LATEST.c.state,
        _LATEST.c.outcome,
        _LATEST.c.detail,
        _LATEST.c.percent,
        _LATEST.c.changed_at,
        PullInstruction.application,
        PullInstruction.version,
    )
    .select_from(PullDevice)
    .outerjoin(_LATEST, true())
    .outerjoin(PullInstruction, PullInstruction.id == _LATEST.c.instruction_id)
)
_OF_AGENT = ("id", "external_id", "registered", "first_seen_at", "seen_at", "attributes", "attributes_at")


def listing(connector: str, query: AgentQuery) -> dict[str, Any]:
    """A page of the connector's devices. Raises NoSuchConnector."""
    registry.require_known(connector)
    statement = _AGENTS.where(PullDevice.connector == connector)
    if query.external_id is not None:
        statement = statement.where(PullDevice.external_id == query.external_id)
    if query.registered is not None:
        statement = statement.where(_REGISTERED if query.registered else ~_REGISTERED)
    rows = db.session.execute(paged(statement, PullDevice.id, query)).mappings()
    return page([_shown(row) for row in rows], query)


def _shown(row: RowMapping) -> dict[str, Any]:
    action = None
    if row["action_id"] is not None:
        named = {name: row[name] for name in ("state", "outcome", "detail", "percent", "changed_at", "application")}
        action = {"id": row["action_id"], **named, "release": row["version"]}
    return {**{name: row[name] for name in _OF_AGENT}, "action": action}
