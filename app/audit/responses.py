"""What the API answers about events."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from app.http.responses import Id, ResponseBody, Subject, Time

EventType = Annotated[str, Field(examples=["deployment.created"])]
EventPayload = Annotated[dict[str, Any], Field(examples=[{"application": "vpn-client", "plan": "standard"}])]
"""Its fields depend on the type."""


class LatestEvent(ResponseBody):
    """One of a deployment's latest decisions."""

    id: Id
    at: Time
    type: EventType
    actor: Subject
    payload: EventPayload


class Event(LatestEvent):
    """One event of the log."""

    deployment_id: Id | None
    """Null if it is about no deployment."""
