"""Tables of the event log and of how far its followers have read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Event(Model):
    """One line of the log. `id` has no gaps and its order is commit order; a trigger refuses any change."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_deployment_id", "deployment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    type: Mapped[str]
    actor: Mapped[str]
    deployment_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EventCursor(Model):
    """How far a follower of the log has read: every event up to and with `event_id`."""

    __tablename__ = "event_cursors"

    follower: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]
