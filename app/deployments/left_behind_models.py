"""The tables about devices that rollbacks left behind: how many, accepted ones, and late installers to be counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class LeftBehindCount(Model):
    """How many devices a rollback that has ended left behind, as last counted. The rollback's row is its lock."""

    __tablename__ = "left_behind_counts"

    rollback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    devices: Mapped[int]
    """Without those that a person has accepted."""


class LeftBehindAcceptance(Model):
    """A person's decision that a device may keep a release although it was rolled back."""

    __tablename__ = "left_behind_acceptances"

    assignment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The device's assignment in the deployment that was rolled back."""
    accepted_by: Mapped[str]
    accepted_at: Mapped[datetime]
    reason: Mapped[str]


class LateInstall(Model):
    """Devices that installed a release after its rollback: the rollback is counted again, and by policy followed up.

    A batch of reports only adds rows. It holds rings and must not wait for the rollback's own row, which is locked
    before rings.
    """

    __tablename__ = "late_installs"

    id: Mapped[int] = mapped_column(primary_key=True)
    rollback_id: Mapped[int]
    since: Mapped[datetime]
    """Their reports were stored after this, by the database's clock."""
