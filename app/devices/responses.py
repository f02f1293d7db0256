"""What the API answers about devices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.devices.schemas import Criticality, Platform
from app.http.responses import NULL, ConnectorName, DeviceId, Id, ResponseBody, Time
from app.vocabulary import SiteClass


class Device(ResponseBody):
    """A registered device."""

    id: Id
    external_id: DeviceId
    platform: Platform
    connector: ConnectorName
    site_class: SiteClass
    business_unit: Annotated[str, Field(examples=["finance"])]
    tags: list[Annotated[str, Field(examples=["lab"])]]
    criticality: Criticality
    bucket: Annotated[int, Field(ge=0, le=9_999, examples=[4711])]
    """Its place in every ring plan."""
    registered_at: Time
    changed_at: Time
    retired_at: Annotated[Time | None, NULL]
    """Null while the device is in use."""


class RegistrationStatus(StrEnum):
    """What a registration changed."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Registration(ResponseBody):
    """The result of registering one device."""

    external_id: DeviceId
    status: RegistrationStatus


class RetirementStatus(StrEnum):
    """What a retirement changed."""

    RETIRED = "retired"
    UNCHANGED = "unchanged"


class Retirement(ResponseBody):
    """The result of retiring one device."""

    external_id: DeviceId
    status: RetirementStatus
