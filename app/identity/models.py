"""The tables of subjects, and of their bearer tokens and sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class SubjectKind(StrEnum):
    """What a subject is. Tokens of people expire sooner."""

    PERSON = "person"
    SERVICE = "service"


class Subject(Model):
    """A person or a service. Its roles are the most that its tokens may have."""

    __tablename__ = "subjects"
    __table_args__ = (UniqueConstraint("login_issuer", "login_account"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """The name as it is compared (`spelling.folded`): there is one subject, however its name is capitalized."""
    name: Mapped[str]
    """The name as it was first written; the actor of everything that its tokens do."""
    kind: Mapped[SubjectKind]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    blocked: Mapped[bool] = mapped_column(default=False)
    """Whether an admin took every role: then the groups of the identity provider give none either."""
    login_issuer: Mapped[str | None]
    login_account: Mapped[str | None]
    """The account with which a person logged in first, as its issuer and its `sub`, which never change."""
    login_role: Mapped[str | None]
    """The role of the last login, as long as the subject's roles cover it."""
    logged_in_at: Mapped[datetime | None]


class Token(Model):
    """A bearer token, of which only the hash is stored. It speaks for a subject in one role.

    A session is one too; its secret is in a browser's cookie and is accepted from nowhere else.
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    prefix: Mapped[str | None]
    """The first characters of the secret, to recognize it; unset for tokens from before they were kept."""
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """The hash of the secret before the last rotation, which is valid until `previous_until`."""
    previous_until: Mapped[datetime | None]
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    role: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    scopes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the token is limited to (`identity/scopes.py`); empty: nothing."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime | None]
    """Unset only for tokens from before tokens expired."""
    rotated_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the minute or so; see `identity/usage.py`."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoke_reason: Mapped[str | None]
    is_session: Mapped[bool] = mapped_column(default=False)
