"""The table of commands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.commands.states import CommandFailure, CommandState, Purpose, Verb
from app.db import Model


class Command(Model):
    """An instruction to a connector. `due_at` is its next wake-up: delivery, retry or collection."""

    __tablename__ = "commands"
    __table_args__ = (
        Index("ix_commands_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_commands_deployment_id", "deployment_id"),
        Index("ix_commands_ring_id_confirmed_at", "ring_id", "confirmed_at"),
        Index(
            "ix_commands_unsent",
            "ring_id",
            postgresql_where=text("state IN ('queued', 'sending', 'retry_wait', 'unknown')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"))
    connector: Mapped[str]
    verb: Mapped[Verb] = mapped_column(default=Verb.PUBLISH)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.ROLLOUT)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    """The release to install or withdraw; unset: the deployment's own."""
    device_id: Mapped[int | None]
    """The device of a rehearsal. Other commands have many, which name their command."""
    key: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    state: Mapped[CommandState] = mapped_column(default=CommandState.QUEUED)
    external_ref: Mapped[str | None]
    cursor: Mapped[str] = mapped_column(default="")
    """How far the results were read, opaque to everything but the connector. Empty: from the start."""
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[CommandFailure | None]
    """Why the last attempt failed."""
    error: Mapped[str | None]
    """The same as a sentence for people; no decision depends on it."""
    attempted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    """When the connector last had no further results; devices without a report at that time are silent."""
    called_off_at: Mapped[datetime | None]
    """When the connector was told to stop, because the deployment ended early or was rolled back."""
    due_at: Mapped[datetime | None]
