"""Request bodies about which devices something is for, and from when on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from app.deployments.rules import scope
from app.devices.schemas import AnySiteClass, ExternalId, Tag, Unit
from app.http.fields import Body, Line, Words, example, written_time

MOST_SCOPE_DEVICES = 1_000
"""The most devices that a scope names, in either list; more of them are chosen by a tag."""

StartTime = Annotated[
    datetime,
    BeforeValidator(written_time),
    WithJsonSchema({"type": "string", "examples": ["2026-11-28T22:00:00+01:00", "2026-11-28T22:00:00"]}),
]
"""A time with an offset or Z, or a local one if `time_zone` is beside it. `rules.schedule` judges it."""


class ScopeIn(Body):
    """Which devices something is for. A device must match one value of each given kind, and nothing that excludes."""

    business_units: list[Unit] = Field(default=[], max_length=100)
    tags: list[Tag] = Field(default=[], max_length=100)
    exclude_tags: list[Tag] = Field(default=[], max_length=100)
    """Devices with one of these tags are left out."""
    site_classes: list[AnySiteClass] = Field(default=[], max_length=3)
    devices: list[ExternalId] = Field(default=[], max_length=MOST_SCOPE_DEVICES)
    """Only these devices, by their external ids."""
    exclude_devices: list[ExternalId] = Field(default=[], max_length=MOST_SCOPE_DEVICES)
    """These devices are left out."""
    exclude_connectors: list[Line] = Field(default=[], max_length=100)
    """Devices of these connectors are left out."""


class DeploymentScopeIn(ScopeIn):
    """Which devices a deployment may reach. One that selects none of them must say `everyone`."""

    everyone: bool = False
    """Every device of the platform, except those that are excluded. Cannot be combined with what selects devices."""

    def stored(self) -> dict[str, Any]:
        """The scope as deployments store it."""
        return self.model_dump(mode="json", include={"everyone", *scope.KINDS})


class StartIn(Body):
    """When a deployment starts at the earliest."""

    starts_at: StartTime | None = None
    """With an offset or Z, or in the local time of `time_zone`; at most 366 days ahead. By default at once."""
    time_zone: Line | None = None
    """The IANA zone of a local `starts_at`, in which it is also shown."""


class RescheduleIn(Body):
    """When a deployment that has not started starts instead, and why."""

    model_config = example(
        {"starts_at": "2026-11-28T22:00:00", "time_zone": "Europe/Berlin", "reason": "The help desk asked for it."}
    )

    starts_at: StartTime | None
    """With an offset or Z, or in the local time of `time_zone`; null starts it at once."""
    time_zone: Line | None = None
    """The IANA zone of a local `starts_at`, in which it is also shown."""
    reason: Words = ""
