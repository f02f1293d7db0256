"""The table of connectors' circuit breakers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Breaker(Model):
    """A connector's circuit breaker, shared by all processes. A connector without a row has never failed."""

    __tablename__ = "breakers"

    connector: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    failures: Mapped[int]
    successes: Mapped[int]
    retry_at: Mapped[datetime | None]
    wait_seconds: Mapped[int]
    probe_until: Mapped[datetime | None]
    """Until when the current probe of a half-open breaker may take; no other call is made before."""
    opened_at: Mapped[datetime | None]
