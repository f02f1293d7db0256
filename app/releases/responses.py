"""What the API answers about packages."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from app.http.responses import (
    NULL,
    ApplicationName,
    ConnectorName,
    Count,
    Id,
    ReleaseVersion,
    ResponseBody,
    Subject,
    Time,
    Version,
)
from app.vocabulary import Platform

FileName = Annotated[str, Field(examples=["gateway-2.4.0.swu"])]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["a1" * 32])]


class PackageFile(ResponseBody):
    """A file of a package, which the store of artifacts has."""

    name: FileName
    """What devices call it."""
    size: Count
    """In bytes."""
    sha256: Sha256
    sha1: Annotated[str, Field(examples=["b2" * 20])]
    md5: Annotated[str, Field(examples=["c3" * 16])]


class Package(ResponseBody):
    """What a connector needs to install a version of an application."""

    id: Id
    application: ApplicationName
    release: ReleaseVersion
    """The version of the application."""
    connector: ConnectorName
    platform: Annotated[Platform | None, NULL]
    """Null: for every platform that has no package of its own."""
    version: Version
    """The number of the package; each change is the next one, and all are kept."""
    content: Annotated[dict[str, Any], Field(examples=[{"files": [{"sha256": "a1" * 32, "name": "gateway.swu"}]}])]
    """As it was given."""
    files: list[PackageFile]
    """The files that the content names."""
    created_by: Subject
    created_at: Time
