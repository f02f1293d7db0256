"""The table of event totals."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class EventTotal(Model):
    """The total of one event-derived series over all events up to the cursor of the follower `totals`."""

    __tablename__ = "event_totals"

    series: Mapped[str] = mapped_column(primary_key=True)
    """The Graphite series with its `.count`, as `projection.totals` names it."""
    total: Mapped[int]
    archived: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """The part of the total whose events are archived, so that a recount can start after them."""
