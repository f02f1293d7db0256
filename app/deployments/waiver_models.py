"""The table of waivers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Waiver(Model):
    """Another person's permission to continue without a gate, with compensating controls and an expiry.

    A ring's latest waiver counts; an expired one can be renewed.
    """

    __tablename__ = "waivers"
    __table_args__ = (Index("ix_waivers_deployment_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"))
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reason: Mapped[str]
    compensating_controls: Mapped[str]
