"""Tables of the event log and of remembered answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Event(Model):
    """One line of the log. `id` has no gaps and its order is commit order; a trigger refuses any change."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_deployment_id", "deployment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    type: Mapped[str]
    actor: Mapped[str]
    deployment_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class IdempotencyKey(Model):
    """The answer once given to a request that carried an `Idempotency-Key`."""

    __tablename__ = "idempotency_keys"

    token_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
