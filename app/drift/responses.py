"""What the API answers about drift."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.devices.schemas import Platform
from app.drift.models import FindingReason, FindingState
from app.http.responses import (
    NULL,
    ApplicationName,
    ConnectorName,
    Count,
    DeviceId,
    Id,
    ReleaseVersion,
    ResponseBody,
    RingName,
    Subject,
    Time,
)
from app.vocabulary import DriftKind


class Finding(ResponseBody):
    """A device whose installed version differs from the expected one."""

    id: Id
    external_id: DeviceId
    application: ApplicationName
    platform: Platform
    connector: ConnectorName
    deployment_id: Id | None
    """The deployment that decided what is expected."""
    ring: RingName | None
    kind: DriftKind
    expected: ReleaseVersion | None
    """Null if nothing is expected."""
    found: ReleaseVersion | None
    """Null if nothing is installed."""
    state: FindingState
    reason: FindingReason | None
    """Why it needs a person."""
    tries: Count
    next_try_at: Annotated[Time | None, NULL]
    ordered_by: Annotated[Subject | None, NULL]
    found_at: Time
    seen_at: Time
    resolved_at: Annotated[Time | None, NULL]
    version: Annotated[str, Field(examples=["5f0c2d9a41b7"])]
    """Changes with what a person decides by; `If-Match` compares it."""


class RemediationOrder(ResponseBody):
    """How many findings were ordered to be remediated, and how many that match are left."""

    ordered: Count
    left: Count
