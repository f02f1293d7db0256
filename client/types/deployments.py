"""Deployments, their rings, devices, gates and events, and ring plans."""

from __future__ import annotations

from typing import Any, TypedDict

from client.types.bodies import RingPlanBody, Scope
from client.types.values import (
    AssignmentState,
    DeploymentKind,
    DeploymentState,
    Hold,
    LeftBehindState,
    Platform,
    ProposalState,
    RingState,
    ValidationState,
    Verdict,
)


class Ring(TypedDict):
    """A deployment's ring: eligible = targeted − excluded = succeeded + failed + silent + pending.

    `name` is what its plan calls it, as `ring` does everywhere else; `key` is what metrics call it. `success_rate` and
    `coverage` are 0 to 1, null before any data.
    """

    name: str
    key: str
    state: RingState
    targeted: int
    excluded: int
    eligible: int
    succeeded: int
    failed: int
    silent: int
    pending: int
    dispatched: int
    compliant: int
    success_rate: float | None
    coverage: float | None
    validation: ValidationState | None
    verdict: Verdict | None
    verdict_code: str | None
    verdict_reason: str | None
    dispatched_at: str | None
    covered_at: str | None
    finished_at: str | None


class DeploymentHold(TypedDict):
    """Why nothing is being dispatched although the deployment is live."""

    hold: Hold
    reason: str


class Awaited(TypedDict):
    """Something that a deployment waits for: until when, if that is known, and what happens then."""

    what: str
    reason: str
    until: str | None
    then: str


class Way(TypedDict):
    """A call with which a person can move the deployment: the role it takes, and its effect."""

    decision: str
    role: str
    who: str
    effect: str
    call: str


class Next(TypedDict):
    """What a live deployment waits for, and who can do what about it."""

    awaits: list[Awaited]
    ways: list[Way]


class ListedDeployment(TypedDict):
    """A deployment without its rings and holds. Pass `version` as `if_match`.

    `starts_at` is its earliest start, in UTC, and `starts_at_local` the same in the zone in which it was given.
    """

    id: int
    application: str
    release: str
    platform: Platform
    artifact_hash: str
    artifact_stored: bool
    plan: str
    plan_version: int
    scope: Scope
    kind: DeploymentKind
    rolls_back: int | None
    supersedes: int | None
    state: DeploymentState
    reason: str
    version: int
    requested_by: str
    created_at: str
    starts_at: str | None
    time_zone: str | None
    starts_at_local: str | None
    started_at: str | None
    finished_at: str | None


class Deployment(ListedDeployment):
    """A deployment with its rings, in order, its current holds, and what follows; `next` is null once it has ended."""

    holds: list[DeploymentHold]
    next: Next | None
    rings: list[Ring]


class Assignment(TypedDict):
    """One device of a deployment with its state; `reason` is null until one is reported.

    `clamped` says that the reporter's time could not be true: `reported_at` is when the report was received.
    """

    id: int
    external_id: str
    ring: str
    connector: str
    status: AssignmentState
    reason: str | None
    dispatched_at: str | None
    reported_at: str | None
    clamped: bool


class DeviceLeftBehind(TypedDict):
    """A device that still has a release although it was rolled back.

    `status` is its state in the rollback, null if it is not part of it. The last three are null while it is open.
    """

    id: int
    external_id: str
    ring: str
    connector: str
    status: AssignmentState | None
    reason: str | None
    reported_at: str
    clamped: bool
    state: LeftBehindState
    accepted_by: str | None
    accepted_at: str | None
    acceptance_reason: str | None


class LeftBehindAcceptance(TypedDict):
    """How many devices an acceptance is about; `open` ones are left behind and not accepted."""

    rollback: int
    accepted: int
    already_accepted: int
    not_left_behind: list[str]
    open: int


class GateEvaluation(TypedDict):
    """An evaluation of a ring's gate with its inputs."""

    id: int
    ring: str
    at: str
    verdict: Verdict
    code: str
    reason: str
    policy_version: int
    inputs: dict[str, Any]


class Event(TypedDict):
    """One event of the log; `deployment_id` is null if it concerns no deployment."""

    id: int
    at: str
    type: str
    actor: str
    deployment_id: int | None
    payload: dict[str, Any]


class RingPlan(RingPlanBody):
    """One version of a ring plan; every field is present."""

    name: str
    version: int


class PlanDifference(TypedDict):
    """A field of a ring plan before and after a change; null for none."""

    field: str
    before: Any
    after: Any


class RingPlanProposal(TypedDict):
    """A proposed change of a ring plan; `weakens` are those of its changes that weaken the plan."""

    id: int
    name: str
    based_on: int
    plan: RingPlan
    reason: str
    state: ProposalState
    proposed_by: str
    proposed_at: str
    decided_by: str | None
    decided_at: str | None
    comment: str | None
    changes: list[PlanDifference]
    weakens: list[PlanDifference]
    version: int
