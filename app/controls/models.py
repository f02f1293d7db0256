"""The tables of incidents and of freezes. An emergency stop is a freeze that break-glass does not bypass."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.vocabulary import Severity


class FreezeKind(StrEnum):
    """What blocks dispatch: a freeze, which break-glass bypasses, or an emergency stop, which nothing bypasses."""

    FREEZE = "freeze"
    EMERGENCY_STOP = "emergency_stop"


class Incident(Model):
    """A problem and its severity. While it is open, the gates of the deployment that it names take it into account."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_open", "deployment_id", postgresql_where=text("closed_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployments.id"))
    severity: Mapped[Severity]
    title: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None]

    @property
    def version(self) -> int:
        """Grows with each decision about it: opened, closed."""
        return 1 + (self.closed_at is not None)


class Freeze(Model):
    """No dispatch of one application or of all: from its start until it is lifted or ends, or only in its windows."""

    __tablename__ = "freezes"
    __table_args__ = (Index("ix_freezes_standing", "kind", postgresql_where=text("lifted_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FreezeKind]
    application: Mapped[str | None]
    """The name of the one application that it blocks; None: all."""
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    windows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """It blocks only inside one of these, each {cron, duration_minutes, time_zone}; an empty list: all the time."""
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    lift_requested_by: Mapped[str | None]
    lift_requested_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]

    @property
    def version(self) -> int:
        """Grows with each decision about it: declared, lift requested, lifted."""
        return 1 + (self.lift_requested_at is not None) + (self.lifted_at is not None)
