"""Request bodies and list filters of devices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from app.http.fields import STORABLE, Body
from app.http.pagination import PageQuery
from app.vocabulary import SiteClass

EXTERNAL_ID = r"^[\x21-\x7e]{1,200}$"
ExternalId = Annotated[str, StringConstraints(pattern=EXTERNAL_ID)]
Text = Annotated[str, StringConstraints(pattern=STORABLE, max_length=100)]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]


class Platform(StrEnum):
    """Operating systems of endpoints."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"
    IOS = "ios"
    ANDROID = "android"


class Criticality(StrEnum):
    """How critical a device is for the business."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


def _split_tags(value: Any) -> Any:
    # In CSV, the tags of a cell are separated by semicolons.
    return [tag.strip() for tag in value.split(";") if tag.strip()] if isinstance(value, str) else value


class DeviceIn(Body):
    """A device to register, or to update if its external id is registered."""

    external_id: ExternalId
    platform: Platform
    connector: str
    site_class: SiteClass = SiteClass.ONLINE
    business_unit: Text = ""
    tags: Annotated[list[Tag], BeforeValidator(_split_tags), Field(max_length=50)] = Field(default=[])
    criticality: Criticality = Criticality.NORMAL


class RetireIn(Body):
    """Devices to retire: out of use, lost or given away."""

    external_ids: Annotated[list[ExternalId], Field(min_length=1, max_length=10_000)]


class DeviceQuery(PageQuery):
    """Filters of the device list."""

    platform: Platform | None = None
    connector: str | None = None
    business_unit: str | None = None
    tag: str | None = None
    external_id: str | None = None
    retired: bool | None = None
