"""What the API answers about ring plans and their previews."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.controls.responses import Window
from app.deployments.approval.responses import BlastClass
from app.deployments.proposal_models import ProposalState
from app.deployments.responses import DeploymentHold
from app.deployments.rules.gates import OnFail
from app.deployments.rules.rings import ApprovalWhen
from app.http.responses import (
    NULL,
    ConnectorName,
    Count,
    Id,
    PlanName,
    Rate,
    Reason,
    ResponseBody,
    RingName,
    Subject,
    Time,
    Version,
)
from app.vocabulary import Severity, SiteClass

Seconds = Annotated[int, Field(ge=0, examples=[3_600])]
Target = Annotated[str, Field(examples=["sumSeries(stats.web.*.errors)"])]
"""An expression of Graphite."""


class Condition(ResponseBody):
    """A comparison with a value."""

    op: Literal["<", "<=", ">", ">="]
    value: Annotated[float, Field(examples=[0.01])]


class Analysis(ResponseBody):
    """A question to Graphite, and what the answer must be."""

    name: Annotated[str, Field(examples=["error_rate"])]
    numerator: Target
    denominator: Annotated[Target | None, NULL]
    from_seconds: Seconds
    until_seconds: Seconds
    interval_seconds: Seconds
    reducer: Literal["last", "avg", "max", "sum"]
    success: Condition
    failure: Annotated[Condition | None, NULL]
    failure_limit: Count
    error_limit: Count
    measurements: Count
    required: bool


class Gate(ResponseBody):
    """What a ring must show before the next one starts."""

    target: Rate
    min_reported: Count
    min_coverage: Rate
    soak_seconds: Seconds
    error_ceiling: Rate
    on_fail: OnFail
    max_wait_seconds: Seconds | None
    """How long the ring may wait before the deployment pauses; null: three times the soak, at least a day."""
    compliant_within: dict[SiteClass, Seconds]
    """Seconds from dispatch to success, by site class; a missing class has no limit."""
    incident_limit: Severity
    """The worst severity that an open incident may have."""
    validates_rollback: bool
    analyses: list[Analysis]
    strict: bool
    """Whether the rates must be met exactly."""


class ApprovalPolicy(ResponseBody):
    """How many people must approve before a ring starts, and when."""

    when: ApprovalWhen
    people: Count


class PlannedRing(ResponseBody):
    """One ring of a plan: the devices of a tag, a share in per cent, or neither for the rest."""

    name: RingName
    gate: Gate
    tag: Annotated[str, Field(examples=["lab"])] | None
    share: Annotated[float, Field(gt=0, le=100, examples=[5.0])] | None
    approval: ApprovalPolicy
    devices_per_minute: Count | None
    concurrency: Count | None
    auto_remediate: bool


class SilentAfter(ResponseBody):
    """Seconds without a report after which a device is given up as silent, by site class."""

    online: Seconds
    intermittent: Seconds
    air_gapped: Seconds


class RingPlan(ResponseBody):
    """One version of a ring plan."""

    name: PlanName
    version: Version
    rings: list[PlannedRing]
    rotation: Annotated[int, Field(ge=0, examples=[0])]
    """Shifts the devices' buckets, so that the same ones are not always in the canary."""
    silent_after: SilentAfter
    windows: list[Window]
    follow_up: bool


class Span(ResponseBody):
    """How long something takes, and when it ends if it begins now."""

    seconds: Annotated[float, Field(ge=0, examples=[5_400.0])]
    ends_at: Time | None
    """Null if that is more than a century ahead."""


class Chance(ResponseBody):
    """How probably a release that fails on a share of the devices is stopped."""

    times: Count
    """The failure rate as a multiple of what the plan's highest target allows."""
    failure_rate: Rate
    in_ring: Rate
    """The probability that the ring fails, if the release reaches it."""
    by_ring: Rate
    """The probability that this ring or one before it fails."""


class PreviewedRing(ResponseBody):
    """What a ring does with its devices. `ends_at` of its times counts the rings before it as well."""

    name: RingName
    devices: Count
    forgiven: Count | None
    """How many devices may fail; null without devices."""
    ceiling: Count | None
    """From how many failed devices on the ring fails at once; null if never."""
    stopped: list[Chance]
    earliest: Span
    typical: Span


class SignOff(ResponseBody):
    """Who must approve before a ring starts."""

    ring: RingName
    when: ApprovalWhen
    people: Count
    role: Annotated[str, Field(examples=["approver"])]
    required: bool | None
    """Null while the risk is not known."""
    reason: Annotated[str, Field(examples=["the plan always requires it"])]


class Excluded(ResponseBody):
    """Devices that match the scope and would not be part of the deployment."""

    reason: Literal["retired", "other_platform"]
    devices: Count


class NotInstallable(ResponseBody):
    """Devices that no command could reach."""

    connector: ConnectorName
    devices: Count
    reason: Literal["connector_not_configured"]


class Note(ResponseBody):
    """Something that a person should know before the rollout."""

    code: Literal["no_devices", "min_reported_above_size", "proves_little", "single_ring", "windows"]
    ring: RingName | None
    """Null if it is about the whole plan."""
    note: Annotated[str, Field(examples=["The ring would have no device."])]


class PreviewedRisk(ResponseBody):
    """The risk that the deployment would have, with its factors and the points that each of them adds."""

    score: Annotated[float, Field(ge=0, le=100, examples=[34.5])]
    factors: dict[str, Rate]
    contributions: dict[str, float]
    blast_class: BlastClass
    policy_version: Version
    needs_approval: bool


class PreviewedRequest(ResponseBody):
    """What only a requested deployment has."""

    rejected: Annotated[Literal["empty_scope", "unsatisfiable_approval"] | None, NULL]
    """Why planning would reject it."""
    supersedes: Annotated[Id | None, NULL]
    risk: PreviewedRisk
    missing_evidence: list[Annotated[str, Field(examples=["sbom"])]]


class Preview(ResponseBody):
    """What a ring plan would do now. Nothing is stored."""

    plan: PlanName
    plan_version: Version
    devices: Count
    earliest: Span
    typical: Span
    rings: list[PreviewedRing]
    holds: list[DeploymentHold]
    sign_off: list[SignOff]
    approvers: Count
    """People who could approve."""
    excluded: list[Excluded]
    not_installable: list[NotInstallable]
    notes: list[Note]
    request: PreviewedRequest | None
    """Null unless a deployment was requested."""


class PlanDifference(ResponseBody):
    """A field of a ring plan before and after a change; null: absent."""

    field: Annotated[str, Field(examples=["rings.2.gate.soak_seconds"])]
    before: Annotated[Any, Field(examples=[172_800])]
    after: Annotated[Any, Field(examples=[86_400])]


class RingPlanProposal(ResponseBody):
    """A proposed change of a ring plan, which another person confirms."""

    id: Id
    name: PlanName
    based_on: Version
    """The version of the plan that it changes."""
    plan: RingPlan
    reason: Reason
    state: ProposalState
    proposed_by: Subject
    proposed_at: Time
    decided_by: Annotated[Subject | None, NULL]
    decided_at: Annotated[Time | None, NULL]
    comment: Annotated[Reason | None, NULL]
    changes: list[PlanDifference]
    weakens: list[PlanDifference]
    """Those of the changes that weaken the plan."""
    version: Version
