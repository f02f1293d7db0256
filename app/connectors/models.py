"""Tables of the connectors: their breakers, and what the simulated one has published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Breaker(Model):
    """A connector's circuit breaker, shared by every process. A connector without a row has never failed."""

    __tablename__ = "breakers"

    connector: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    failures: Mapped[int]
    successes: Mapped[int]
    retry_at: Mapped[datetime | None]
    wait_seconds: Mapped[int]
    probe_until: Mapped[datetime | None]
    """Until when a half-open breaker's one probe may take; none other is let through before."""


class SimulatedPublication(Model):
    """The simulated vendor's own memory: which devices were told to install what, and since when."""

    __tablename__ = "simulated_publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    verb: Mapped[str]
    ring: Mapped[str]
    application: Mapped[str]
    version: Mapped[str]
    platform: Mapped[str]
    artifact_hash: Mapped[str]
    published_at: Mapped[datetime]
    devices: Mapped[list[str]] = mapped_column(ARRAY(Text))
