"""The table of measurements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.deployments.rules.analysis import Phase


class Measurement(Model):
    """One measurement of a ring's analysis, with the raw points from Graphite."""

    __tablename__ = "measurements"
    __table_args__ = (Index("ix_measurements_ring_id", "ring_id", "analysis", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"))
    analysis: Mapped[str]
    at: Mapped[datetime]
    phase: Mapped[Phase]
    value: Mapped[float | None]
    detail: Mapped[str]
    points: Mapped[dict[str, Any]]
