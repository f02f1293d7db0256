"""The table of the instructions that the simulated vendors were given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class SimulatedPublication(Model):
    """One instruction that a simulated vendor was given, with the devices it is for."""

    __tablename__ = "simulated_publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    connector: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    verb: Mapped[str]
    ring: Mapped[str]
    application: Mapped[str]
    version: Mapped[str]
    platform: Mapped[str]
    artifact_hash: Mapped[str]
    published_at: Mapped[datetime]
    devices: Mapped[list[str]] = mapped_column(ARRAY(Text))
