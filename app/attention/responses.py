"""What the API answers about what needs a person."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.attention.items import Kind
from app.deployments.responses import Next
from app.deployments.rules.states import DeploymentKind, DeploymentState, RingState
from app.devices.schemas import Platform
from app.http.responses import (
    ApplicationName,
    Count,
    Id,
    Reason,
    ReleaseVersion,
    ResponseBody,
    RingName,
    Subject,
    Time,
)

AttentionKind = StrEnum("AttentionKind", {kind.name: kind.value for kind in Kind})  # type: ignore[misc]  # from the list
Call = Annotated[str, Field(examples=["/api/v1/deployments/1"])]
"""A path of the API."""


class Turn(ResponseBody):
    """Whose turn it is."""

    role: Annotated[str, Field(examples=["approver"])]
    who: Annotated[str, Field(examples=["anyone but maria.lindqvist"])]
    people: list[Subject]
    """Their names, if they are few."""


class LiveDeployment(ResponseBody):
    """A live deployment with the devices of all its rings."""

    id: Id
    application: ApplicationName
    release: ReleaseVersion
    platform: Platform
    kind: DeploymentKind
    state: DeploymentState
    requested_by: Subject
    ring: RingName | None
    """The ring that it is in; null before planning."""
    ring_state: RingState | None
    rings: Count
    rings_over: Count
    eligible: Count
    succeeded: Count
    failed: Count
    silent: Count
    pending: Count
    next: Next


class AttentionItem(ResponseBody):
    """One thing that needs a person, or that one should know of."""

    kind: AttentionKind
    title: Annotated[str, Field(examples=["vpn-client 5.2.1 on windows"])]
    reason: Reason
    since: Time | None
    until: Time | None
    turn: Turn | None
    """Null if nobody has to act."""
    call: Call | None
    """The path of the API that shows it."""
    page: Annotated[str, Field(examples=["/dashboards/eucora-rollouts"])]
    """The path of the page that shows it."""
    deployment_id: Id | None
    deployment: LiveDeployment | None


class AttentionGroup(ResponseBody):
    """How many items of a kind there are."""

    kind: AttentionKind
    total: Count
    more: Count
    """How many of them are not listed."""
    call: Call | None
    """The path of the API that lists them all."""


class Figures(ResponseBody):
    """How many there are, counted as the gauges count."""

    running: Count
    paused: Count
    stalled: Count
    approval: Count
    incident: Count
    breaker: Count
    drift: Count
    """Findings that need a person."""


class Attention(ResponseBody):
    """What needs a person and what is live at one moment, in order of need."""

    at: Time
    figures: Figures
    items: list[AttentionItem]
    groups: list[AttentionGroup]
