"""Request bodies about packages, and the filters of their lists."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, RootModel

from app.http.fields import AnyPlatform, Body, Digits, Line
from app.http.pagination import PageQuery


class PackageContentIn(RootModel[dict[str, Any]]):
    """What the connector needs to install the release; which fields there are depends on its kind."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": [{"sha256": "a1" * 32, "name": "gateway-2.4.0.swu"}]}]}
    )


class PlatformQuery(Body):
    """Which package of a version is meant."""

    platform: AnyPlatform | None = None
    """The package for this platform; by default the one for every platform that has none of its own."""


class PackageQuery(PlatformQuery):
    """Which package of a version is meant, by its number."""

    number: Digits | None = Field(default=None, ge=1, lt=2**63)
    """By default the newest."""


class PackagesQuery(PageQuery):
    """Filters of the packages of a version."""

    connector: Line | None = None
    """Only packages for this connector."""
    platform: AnyPlatform | None = None
    """Only packages for this platform."""
    newest: bool = False
    """Only the newest package for each connector and platform."""
