"""The table of event totals."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class EventTotal(Model):
    """The total of one event-derived series over all events up to the cursor of the follower `totals`."""

    __tablename__ = "event_totals"

    series: Mapped[str] = mapped_column(primary_key=True)
    """The Graphite series with its `.count`, as `projection.totals` names it."""
    total: Mapped[int]
