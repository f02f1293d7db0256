"""Previews: what a ring plan would do, with nothing stored."""

from __future__ import annotations

from typing import Literal, TypedDict

from client.types.deployments import DeploymentHold
from client.types.values import ApprovalWhen, BlastClass


class Span(TypedDict):
    """How long something takes, and when it ends if it begins now; null if that is more than a century ahead."""

    seconds: float
    ends_at: str | None


class Chance(TypedDict):
    """How probably a release that fails on `failure_rate` of the devices is stopped: in this ring, or by its end."""

    times: int
    failure_rate: float
    in_ring: float
    by_ring: float


class PreviewedRing(TypedDict):
    """What a ring does with its devices; without devices it is skipped, and nothing is forgiven.

    The seconds of `earliest` and `typical` are the ring's own; their `ends_at` counts the rings before it as well.
    """

    name: str
    devices: int
    forgiven: int | None
    ceiling: int | None
    stopped: list[Chance]
    earliest: Span
    typical: Span


class SignOff(TypedDict):
    """How many people must approve before a ring starts; `required` is null while the risk is not known."""

    ring: str
    when: ApprovalWhen
    people: int
    role: str
    required: bool | None
    reason: str


class Excluded(TypedDict):
    """Devices that match the scope and would not be part of the deployment."""

    reason: Literal["retired", "other_platform"]
    devices: int


class NotInstallable(TypedDict):
    """Devices that no command could reach."""

    connector: str
    devices: int
    reason: Literal["connector_not_configured"]


class Note(TypedDict):
    """What a person should know before the rollout; `ring` is null if it concerns the whole plan."""

    code: Literal["no_devices", "min_reported_above_size", "proves_little", "single_ring", "windows"]
    ring: str | None
    note: str


class PreviewedRisk(TypedDict):
    """The risk that the deployment would have, 0 to 100, with its factors and the points that each of them adds."""

    score: float
    factors: dict[str, float]
    contributions: dict[str, float]
    blast_class: BlastClass
    policy_version: int
    needs_approval: bool


class PreviewedRequest(TypedDict):
    """What only a requested deployment has; `rejected` says why planning would reject it, null if it would not."""

    rejected: Literal["empty_scope", "unsatisfiable_approval"] | None
    supersedes: int | None
    risk: PreviewedRisk
    missing_evidence: list[str]


class Preview(TypedDict):
    """What a ring plan would do; `request` is null unless a deployment was requested."""

    plan: str
    plan_version: int
    devices: int
    earliest: Span
    typical: Span
    rings: list[PreviewedRing]
    holds: list[DeploymentHold]
    sign_off: list[SignOff]
    approvers: int
    excluded: list[Excluded]
    not_installable: list[NotInstallable]
    notes: list[Note]
    request: PreviewedRequest | None
