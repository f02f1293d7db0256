"""The table of devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Device(Model):
    """One endpoint. `bucket` is SHA-256(external id) mod 10,000, its fixed position in every ring plan."""

    __tablename__ = "devices"
    __table_args__ = (
        Index("ix_devices_platform_bucket", "platform", "bucket"),
        Index("ix_devices_changed_at", "changed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    platform: Mapped[str]
    connector: Mapped[str]
    site_class: Mapped[str]
    business_unit: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    criticality: Mapped[str]
    bucket: Mapped[int] = mapped_column(Integer)
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    """When it was last registered, changed or retired, by the database's clock. Live deployments find joiners by it."""
    retired_at: Mapped[datetime | None]
