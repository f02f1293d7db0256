"""Tables of those who follow the event log: how far each has read, and what the totals are there."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class EventCursor(Model):
    """How far a follower of the log has read: every event up to and with `event_id`."""

    __tablename__ = "event_cursors"

    follower: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]


class EventTotal(Model):
    """What one event-born series adds up to, over all events up to the cursor of the follower `totals`."""

    __tablename__ = "event_totals"

    series: Mapped[str] = mapped_column(primary_key=True)
    """The Graphite series with its `.count`, as `projection.totals` names it."""
    total: Mapped[int]
