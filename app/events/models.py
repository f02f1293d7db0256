"""The tables of the event log, of its archives and of its followers' cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, quoted

OF_FREEZES = tuple(
    f"{kind}.{step}" for kind in ("emergency_stop", "freeze") for step in ("declared", "lift_requested", "lifted")
)
"""The types of events about freezes and emergency stops, which touch deployments without naming them."""


class Event(Model):
    """One event. Ids follow commit order, with gaps only after a restore; triggers let only archived events go."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_deployment_id", "deployment_id", "id"),
        Index("ix_events_freezes", "id", postgresql_where=text(f"type IN ({quoted(OF_FREEZES)})")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    type: Mapped[str]
    actor: Mapped[str]
    deployment_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EventArchive(Model):
    """A segment of the log that was moved to a file. The newest one ends where the table of events begins."""

    __tablename__ = "event_archives"

    last_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_id: Mapped[int]
    events: Mapped[int]
    """How many: ids have a gap where the log was restored from a backup."""
    last_hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_at: Mapped[datetime]
    file: Mapped[str]
    """The file's name in `EUCORA_EVENT_ARCHIVE_DIR`."""
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the file, compressed as it is."""


class EventCursor(Model):
    """How far a follower has read the log: up to and including `event_id`."""

    __tablename__ = "event_cursors"

    follower: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]
