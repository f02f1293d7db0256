"""What is known of the device that asks, and what it is to do: one statement, which reads one row of each index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text

from app.connectors.pull.models import ActionState, PullAction, PullDevice, PullInstalled, PullInstruction
from app.db import db
from app.devices.models import Device

ATTRIBUTES_EVERY = timedelta(days=1)
"""How often a device is asked for its attributes."""
ASKED_AGAIN = timedelta(hours=1)
_ASKING = text(f"""
    SELECT device.id IS NOT NULL AS is_registered, device.retired_at IS NOT NULL AS is_retired,
           known.attributes_at, action.id AS action_id, action.state AS action_state
      FROM (SELECT CAST(:connector AS text) AS connector, CAST(:external_id AS text) AS external_id) AS asking
      LEFT JOIN {Device.__tablename__} AS device USING (connector, external_id)
      LEFT JOIN {PullDevice.__tablename__} AS known USING (connector, external_id)
      LEFT JOIN LATERAL (
           SELECT id, state FROM {PullAction.__tablename__}
            WHERE connector = asking.connector AND external_id = asking.external_id AND state <> 'over'
            ORDER BY id LIMIT 1
           ) AS action ON true
""")
_ACTION = text(f"""
    SELECT action.id, action.state, action.outcome, instruction.application, instruction.version, instruction.part,
           instruction.files
      FROM {PullAction.__tablename__} AS action
      JOIN {PullInstruction.__tablename__} AS instruction ON instruction.id = action.instruction_id
     WHERE action.id = :id AND action.connector = :connector AND action.external_id = :external_id
""")
_INSTALLED = text(f"""
    SELECT action_id FROM {PullInstalled.__tablename__} WHERE connector = :connector AND external_id = :external_id
     ORDER BY action_id DESC LIMIT 1
""")


@dataclass(frozen=True)
class Asking:
    """A device that asks, and the oldest action that it has not finished."""

    connector: str
    external_id: str
    is_registered: bool
    is_retired: bool
    attributes_at: datetime | None
    action_id: int | None
    action_state: ActionState | None

    def wants_attributes(self, now: datetime) -> bool:
        """Whether the device shall send its attributes."""
        return self.attributes_at is None or abs(now - self.attributes_at) > ATTRIBUTES_EVERY

    def seconds_known(self, now: datetime) -> float:
        """For how long it need not be asked for attributes; many clients never send them, whenever they are asked."""
        if self.attributes_at is None or self.wants_attributes(now):
            return ASKED_AGAIN.total_seconds()
        return (ATTRIBUTES_EVERY - abs(now - self.attributes_at)).total_seconds()


@dataclass(frozen=True)
class Work:
    """An action as its device gets it."""

    action_id: int
    state: ActionState
    application: str
    version: str
    part: str
    files: list[dict[str, Any]]


def asking(connector: str, external_id: str) -> Asking:
    """What is known of a device that asks."""
    row = db.session.execute(_ASKING, {"connector": connector, "external_id": external_id}).mappings().one()
    state = None if row["action_state"] is None else ActionState(row["action_state"])
    return Asking(connector, external_id, **{**row, "action_state": state})


def work(connector: str, external_id: str, action_id: int) -> Work | None:
    """The device's action of that id; None if it has no such action."""
    if action_id >= 2**31:
        return None
    parameters = {"id": action_id, "connector": connector, "external_id": external_id}
    row: RowMapping | None = db.session.execute(_ACTION, parameters).mappings().first()
    if row is None:
        return None
    about = (row["application"], row["version"], row["part"], row["files"])
    return Work(row["id"], ActionState(row["state"]), *about)


def installed(connector: str, external_id: str) -> int | None:
    """The id of the action that the device finished last with success."""
    parameters = {"connector": connector, "external_id": external_id}
    return db.session.execute(_INSTALLED, parameters).scalar_one_or_none()
