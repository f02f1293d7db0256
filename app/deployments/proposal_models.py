"""The table of proposed changes of ring plans, which a second person confirms."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class ProposalState(StrEnum):
    """What became of a proposal."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REPLACED = "replaced"


class PlanProposal(Model):
    """A change that weakens a ring plan, or changes a built-in one. A plan has at most one that is pending."""

    __tablename__ = "ring_plan_proposals"
    __table_args__ = (
        Index("uq_ring_plan_proposals_pending", "name", unique=True, postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    based_on: Mapped[int]
    """The version of the plan that it changes."""
    plan: Mapped[dict[str, Any]]
    """As version `based_on` + 1."""
    reason: Mapped[str]
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.PENDING)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    comment: Mapped[str | None]

    @property
    def version(self) -> int:
        """Grows with each decision about it."""
        return 1 + (self.decided_at is not None)
