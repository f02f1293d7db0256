"""The table of drift findings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.http import versions
from app.vocabulary import DriftKind


class FindingState(StrEnum):
    """How far a finding has been handled."""

    OPEN = "open"
    REMEDIATING = "remediating"
    NEEDS_PERSON = "needs_person"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"


class FindingReason(StrEnum):
    """Why a finding needs a person."""

    KIND = "kind"
    RING = "ring"
    NOT_COMPLETED = "not_completed"
    TOO_MANY = "too_many"
    TRIES = "tries"


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
        Index("ix_drift_findings_resolved_at", "resolved_at", postgresql_where=text("state = 'resolved'")),
        Index("ix_drift_findings_command_id", "command_id", postgresql_where=text("command_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployments.id"))
    """The deployment that determined the expected version; None if there was none."""
    ring: Mapped[str | None]
    """The key of the device's ring in that deployment; people see the ring's name."""
    kind: Mapped[DriftKind]
    expected: Mapped[str | None]
    """The version that the device should have; None: it should not have the application."""
    found: Mapped[str | None]
    """The version that the device has; None: it does not have the application."""
    state: Mapped[FindingState] = mapped_column(default=FindingState.OPEN)
    reason: Mapped[FindingReason | None]
    """Why it needs a person; unset in any other state."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    """When it is remediated next; unset while open until a whole comparison has shown how many devices differ."""
    ordered_by: Mapped[str | None]
    """Who ordered its remediation, although a person was to be asked; unset once the order no longer applies."""
    orders: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """How often a person ordered it. Each order has its own tries."""
    command_id: Mapped[int | None] = mapped_column(ForeignKey("commands.id"))
    """The last command that installs the expected release again, which it shares with other findings."""
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]

    @property
    def version(self) -> str:
        """For conditional requests: it changes with everything that a person decides by, not when it is seen again."""
        return version_of(self.state, self.expected, self.found, self.tries, self.orders)


def version_of(state: FindingState, expected: str | None, found: str | None, tries: int, orders: int) -> str:
    """The version of a finding with these values."""
    values = {"state": state.value, "expected": expected, "found": found, "tries": tries, "orders": orders}
    return versions.digest(values)
