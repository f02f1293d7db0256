"""The tables of applications, releases and installations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Application(Model):
    """A named application."""

    __tablename__ = "applications"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Release(Model):
    """One version of an application for one platform, with its artifact hash."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("application_id", "version", "platform"),
        Index("ix_releases_artifact_hash", "artifact_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    version: Mapped[str]
    platform: Mapped[str]
    artifact_hash: Mapped[str]


class Package(Model):
    """What a connector needs to install a version. It never changes: the next one is another row, numbered on."""

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint(
            "application_id", "version", "connector", "platform", "number", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    version: Mapped[str]
    connector: Mapped[str]
    platform: Mapped[str | None]
    """Unset: for every platform that has no package of its own."""
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class PackageArtifact(Model):
    """A file of a package, by the place at which its content names it."""

    __tablename__ = "package_artifacts"
    __table_args__ = (Index("ix_package_artifacts_sha256", "sha256"),)

    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    name: Mapped[str]


class Installation(Model):
    """Which release of an application a device has, according to its reports."""

    __tablename__ = "installations"

    device_id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int | None]
    """Unset once the application was withdrawn."""
    deployment_id: Mapped[int]
    report_id: Mapped[int | None]
    """The report that said so; a report that we received later, which has a higher id, replaces it."""
    at: Mapped[datetime]
