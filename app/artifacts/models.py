"""The table of artifacts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Artifact(Model):
    """A content that is in the store, and what was said of it when it was first uploaded."""

    __tablename__ = "artifacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    """64 hexadecimal digits in lower case."""
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]
    """A file name for people; may be empty."""
    sha1: Mapped[str | None]
    md5: Mapped[str | None]
    """Both for devices whose protocol asks for them; unset for contents from before they were kept."""
    stored_by: Mapped[str]
    stored_at: Mapped[datetime]
