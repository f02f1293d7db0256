"""The table of drift findings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.vocabulary import DriftKind


class FindingState(StrEnum):
    """How far a finding has been handled."""

    OPEN = "open"
    REMEDIATING = "remediating"
    NEEDS_PERSON = "needs_person"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"


class DriftFinding(Model):
    """A device whose installed version of an application differs from the expected one. At most one is unresolved."""

    __tablename__ = "drift_findings"
    __table_args__ = (
        Index(
            "uq_drift_findings_unresolved",
            "device_id",
            "application_id",
            unique=True,
            postgresql_where=text("state <> 'resolved'"),
        ),
        Index("ix_drift_findings_next_try_at", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployments.id"))
    """The deployment that determined the expected version; None if there was none."""
    ring: Mapped[str | None]
    kind: Mapped[DriftKind]
    expected: Mapped[str | None]
    """The version that the device should have; None: it should not have the application."""
    found: Mapped[str | None]
    """The version that the device has; None: it does not have the application."""
    state: Mapped[FindingState] = mapped_column(default=FindingState.OPEN)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
