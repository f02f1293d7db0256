"""What needs a person now and what is live, and one deployment on one page."""

from __future__ import annotations

from typing import Any, TypedDict

from client.types.deployments import Deployment, Next
from client.types.values import AttentionKind, DeploymentKind, DeploymentState, Platform, RingState


class Turn(TypedDict):
    """Whose turn it is: a role, and which person of it; `people` names them if they are few."""

    role: str
    who: str
    people: list[str]


class LiveDeployment(TypedDict):
    """A live deployment with the ring that it is in (null before planning) and the devices of all its rings."""

    id: int
    application: str
    release: str
    platform: Platform
    kind: DeploymentKind
    state: DeploymentState
    requested_by: str
    ring: str | None
    ring_state: RingState | None
    rings: int
    rings_over: int
    eligible: int
    succeeded: int
    failed: int
    silent: int
    pending: int
    next: Next


class AttentionItem(TypedDict):
    """One thing that needs a person (`turn`) or that one should know of (`turn` is null).

    `call` is the path that shows it, `page` the path of a page for people.
    """

    kind: AttentionKind
    title: str
    reason: str
    since: str | None
    until: str | None
    turn: Turn | None
    call: str | None
    page: str
    deployment_id: int | None
    deployment: LiveDeployment | None


class AttentionGroup(TypedDict):
    """How many items of a kind there are, and how many `more` than are listed; `call` lists them all."""

    kind: AttentionKind
    total: int
    more: int
    call: str | None


class Figures(TypedDict):
    """How many there are, counted as the gauges count; `drift` are the findings that need a person."""

    running: int
    paused: int
    stalled: int
    approval: int
    incident: int
    breaker: int
    drift: int


class Attention(TypedDict):
    """What needs a person and what is live at one moment, in order of need."""

    at: str
    figures: Figures
    items: list[AttentionItem]
    groups: list[AttentionGroup]


class FailureReason(TypedDict):
    """How many devices of a ring failed for a reason."""

    ring: str
    reason: str | None
    devices: int


class Failures(TypedDict):
    """Why devices failed, the most frequent reasons first; `more` reasons are not listed."""

    devices: int
    items: list[FailureReason]
    more: int


class LatestEvent(TypedDict):
    """One of a deployment's latest decisions."""

    id: int
    at: str
    type: str
    actor: str
    payload: dict[str, Any]


class Overview(Deployment):
    """A deployment with the reasons of its failures and its latest decisions, the newest first."""

    failures: Failures
    latest_events: list[LatestEvent]
