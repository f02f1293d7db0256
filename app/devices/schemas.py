"""Request bodies and list filters of devices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from app.http.fields import ONE_LINE, WORD, AnyPlatform as AnyPlatform, Body, Line, example
from app.http.pagination import PageQuery
from app.vocabulary import Platform as Platform, SiteClass

LONGEST_ID = 200
ExternalId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_ID),
    ONE_LINE,
    Field(description="1 to 200 visible characters of any language; blanks and slashes are allowed."),
]
"""The name by which its connector knows a device: any letters, digits, signs and blanks."""
Unit = Annotated[str, StringConstraints(max_length=100), ONE_LINE]
"""A business unit; may be empty."""
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]


class Criticality(StrEnum):
    """How critical a device is for the business."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


AnySiteClass = Annotated[SiteClass, WORD]


def _split_tags(value: Any) -> Any:
    # In CSV, the tags of a cell are separated by semicolons.
    return [tag.strip() for tag in value.split(";") if tag.strip()] if isinstance(value, str) else value


class DeviceIn(Body):
    """A device to register, or to update if its external id is registered."""

    model_config = example(
        {
            "external_id": "LT-004711",
            "platform": "windows",
            "connector": "simulated",
            "site_class": "online",
            "business_unit": "finance",
            "tags": ["lab"],
        }
    )

    external_id: ExternalId
    platform: AnyPlatform
    connector: Line
    site_class: AnySiteClass = SiteClass.ONLINE
    business_unit: Unit = ""
    tags: Annotated[list[Tag], BeforeValidator(_split_tags), Field(max_length=50)] = Field(default=[])
    criticality: Annotated[Criticality, WORD] = Criticality.NORMAL


class RetireIn(Body):
    """Devices to retire: out of use, lost or given away."""

    model_config = example({"external_ids": ["LT-004711"]})

    external_ids: Annotated[list[ExternalId], Field(min_length=1, max_length=10_000)]


class DeviceQuery(PageQuery):
    """Filters of the device list."""

    platform: AnyPlatform | None = None
    """Only devices on this platform."""
    connector: Line | None = None
    """Only devices of this connector."""
    business_unit: Line | None = None
    """Only devices of this business unit."""
    tag: Line | None = None
    """Only devices with this tag."""
    external_id: Line | None = None
    """Only the device with this id."""
    retired: bool | None = None
    """Only retired ones, or only those in use."""
