"""What the API answers about devices that ask for their work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.connectors.pull.models import ActionState
from app.http.responses import NULL, ApplicationName, DeviceId, Id, ReleaseVersion, ResponseBody, Time

AgentActionState = StrEnum("AgentActionState", {state.name: state.value for state in ActionState})  # type: ignore[misc]  # from the table


class AgentAction(ResponseBody):
    """What a device was told to do last."""

    id: Id
    """Devices know it by this number."""
    application: ApplicationName
    release: ReleaseVersion
    """The version of the application."""
    state: AgentActionState
    outcome: Annotated[str | None, Field(examples=["installing"])]
    """What the device last said, as an outcome of reports; null before it said anything."""
    detail: Annotated[str | None, Field(examples=["Installation in progress"])]
    """Its last words about it."""
    percent: Annotated[int | None, Field(ge=0, le=100, examples=[40])]
    """How far it is, if it says so."""
    changed_at: Time


class Agent(ResponseBody):
    """A device that has asked its connector for work."""

    id: Id
    external_id: DeviceId
    registered: bool
    """Whether it is registered with the connector and not retired. Others get no work."""
    first_seen_at: Time
    seen_at: Time
    """When it asked last, to the minute or so."""
    attributes: Annotated[dict[str, str] | None, Field(examples=[{"os": "debian", "serial": "SN1"}])]
    """What it says of itself; null before it did."""
    attributes_at: Annotated[Time | None, NULL]
    action: AgentAction | None
    """Null if it was never told to do anything."""
