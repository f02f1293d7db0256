"""The tables of pulling devices: what they are to do, what they said, and what is known of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class ActionState(StrEnum):
    """How far one device is with one instruction."""

    OPEN = "open"
    CANCELLING = "cancelling"
    UNCANCELLABLE = "uncancellable"
    OVER = "over"


_NOT_OVER = "state <> 'over'"


class PullInstruction(Model):
    """A release to install, with everything that a device is told about it."""

    __tablename__ = "pull_instructions"
    __table_args__ = (Index("ix_pull_instructions_connector_published_at", "connector", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connector: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    application: Mapped[str]
    version: Mapped[str]
    platform: Mapped[str]
    part: Mapped[str]
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Name, size and hashes of each, as `protocol.PackageFile` has them."""
    published_at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]


class PullAction(Model):
    """One device's part of an instruction. Its id is what devices call an action: a whole number below 2**31."""

    __tablename__ = "pull_actions"
    __table_args__ = (
        UniqueConstraint("instruction_id", "external_id"),
        Index("ix_pull_actions_connector_external_id_id", "connector", "external_id", "id"),
        Index("ix_pull_actions_due", "connector", "external_id", "id", postgresql_where=text(_NOT_OVER)),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    instruction_id: Mapped[int] = mapped_column(ForeignKey("pull_instructions.id"))
    connector: Mapped[str]
    external_id: Mapped[str]
    state: Mapped[ActionState]
    outcome: Mapped[str | None]
    """What the device last said, as an outcome of reports; unset before it said anything."""
    detail: Mapped[str | None]
    """Its last words about it, for people."""
    percent: Mapped[int | None] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class PullFeedback(Model):
    """A step of an action, in the order in which they were committed: ids are given under one lock."""

    __tablename__ = "pull_feedback"
    __table_args__ = (Index("ix_pull_feedback_instruction_id_id", "instruction_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instruction_id: Mapped[int] = mapped_column(ForeignKey("pull_instructions.id"))
    external_id: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class PullDevice(Model):
    """What is known of a device that has asked, whether or not it is registered."""

    __tablename__ = "pull_devices"
    __table_args__ = (UniqueConstraint("connector", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connector: Mapped[str]
    external_id: Mapped[str]
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """To the minute or so."""
    attributes: Mapped[dict[str, Any] | None]
    attributes_at: Mapped[datetime | None]
    """When it last sent its attributes; unset: it is asked for them."""


class PullInstalled(Model):
    """The release of an application that a device installed last."""

    __tablename__ = "pull_installed"
    __table_args__ = (
        Index(
            "ix_pull_installed_connector_application_platform", "connector", "application", "platform", "external_id"
        ),
    )

    connector: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    application: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    version: Mapped[str]
    action_id: Mapped[int] = mapped_column(Integer)
