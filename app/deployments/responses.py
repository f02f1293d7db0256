"""What the API answers about deployments, their rings and devices, and reports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from app.audit.responses import LatestEvent
from app.deployments import report_statuses
from app.deployments.rules.gates import GateOutcome
from app.deployments.rules.states import (
    AssignmentState,
    Decision,
    DeploymentKind,
    DeploymentState,
    RehearsalState,
    RingState,
)
from app.deployments.schemas import Failure, LeftBehindState
from app.devices.responses import Device
from app.devices.schemas import Platform
from app.http.responses import (
    NULL,
    ApplicationName,
    ConnectorName,
    Count,
    DeviceId,
    Id,
    PlanName,
    Rate,
    Reason,
    ReleaseVersion,
    ResponseBody,
    RingName,
    Subject,
    Time,
    Version,
)
from app.metrics.metric import HOLDS
from app.vocabulary import SiteClass

Hold = StrEnum("Hold", {name.upper(): name for name in HOLDS})  # type: ignore[misc]  # from the catalogue
ReportStatus = StrEnum(  # type: ignore[misc]  # from the rules
    "ReportStatus", {name.upper(): name for name in report_statuses.STATUSES if name != report_statuses.REJECTED}
)
ArtifactHash = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", examples=["sha256:" + "a1" * 32])]
VerdictReason = Annotated[str, Field(examples=["the ring soaks for another 20 minutes"])]


class Ring(ResponseBody):
    """A deployment's ring: eligible = targeted - excluded = succeeded + failed + silent + pending."""

    name: RingName
    key: RingName
    """What metrics call it."""
    state: Annotated[RingState, Field(examples=["soaking"])]
    targeted: Count
    excluded: Count
    eligible: Count
    succeeded: Count
    failed: Count
    silent: Count
    pending: Count
    dispatched: Count
    compliant: Count
    success_rate: Rate | None
    """Null before any device reported."""
    coverage: Rate | None
    """Null if no device is eligible."""
    validation: Annotated[RehearsalState | None, NULL]
    """How far it has shown that the release can be rolled back."""
    verdict: GateOutcome | None
    verdict_code: Annotated[str, Field(examples=["soak"])] | None
    verdict_reason: VerdictReason | None
    dispatched_at: Time | None
    covered_at: Annotated[Time | None, NULL]
    finished_at: Annotated[Time | None, NULL]


class DeploymentHold(ResponseBody):
    """Why nothing is dispatched although the deployment is live."""

    hold: Hold
    reason: Reason


class Awaited(ResponseBody):
    """Something that a deployment waits for."""

    what: Annotated[str, Field(examples=["soak"])]
    reason: VerdictReason
    until: Time | None
    """Null if that is not known."""
    then: Annotated[str, Field(examples=["the next ring starts"])]


class Way(ResponseBody):
    """A call with which a person can move the deployment."""

    decision: Decision
    role: Annotated[str, Field(examples=["operator"])]
    who: Annotated[str, Field(examples=["anyone but the requester"])]
    effect: Annotated[str, Field(examples=["dispatch stops until the deployment is resumed"])]
    call: Annotated[str, Field(examples=["POST /api/v1/deployments/1/pause"])]


class Next(ResponseBody):
    """What a live deployment waits for, and who can do what about it."""

    awaits: list[Awaited]
    ways: list[Way]


class Scope(ResponseBody):
    """Which devices a deployment may reach. A device must match one value of each kind that is not empty."""

    everyone: bool
    """Whether it is for every device of the platform that is not excluded."""
    business_units: list[Annotated[str, Field(examples=["finance"])]]
    tags: list[Annotated[str, Field(examples=["lab"])]]
    site_classes: list[SiteClass]
    devices: list[DeviceId]
    """Only these."""
    exclude_tags: list[Annotated[str, Field(examples=["kiosk"])]]
    """Devices with one of these are left out."""
    exclude_devices: list[DeviceId]
    exclude_connectors: list[ConnectorName]
    """These are left out."""


class ListedDeployment(ResponseBody):
    """A deployment without its rings and holds."""

    id: Id
    application: ApplicationName
    release: ReleaseVersion
    platform: Platform
    artifact_hash: ArtifactHash
    artifact_stored: bool
    """Whether the store of artifacts has the file with this hash."""
    plan: PlanName
    plan_version: Version
    scope: Scope
    kind: DeploymentKind
    rolls_back: Annotated[Id | None, NULL]
    """The deployment that this rollback returns devices from."""
    supersedes: Annotated[Id | None, NULL]
    state: Annotated[DeploymentState, Field(examples=["running"])]
    reason: str
    version: Version
    requested_by: Subject
    created_at: Time
    starts_at: Time | None
    """Its earliest start; null if it has none."""
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])] | None
    """The zone in which that was given: an IANA name, `UTC`, or an offset."""
    starts_at_local: Annotated[str, Field(examples=["2026-03-02T10:30:00+01:00"])] | None
    """The same moment in that zone."""
    started_at: Time | None
    """When it was planned and its earliest start had come; null before that."""
    finished_at: Annotated[Time | None, NULL]


class Deployment(ListedDeployment):
    """A deployment with its rings, its current holds, and what follows."""

    holds: list[DeploymentHold]
    next: Next | None
    """Null once it has ended."""
    rings: list[Ring]
    """In order; empty before planning."""


class FailureReason(ResponseBody):
    """How many devices of a ring failed for a reason."""

    ring: RingName
    reason: Annotated[str, Field(examples=["disk_full"])] | None
    devices: Count


class Failures(ResponseBody):
    """Why devices failed, the most frequent reasons first."""

    devices: Count
    items: list[FailureReason]
    more: Count
    """Reasons that are not listed."""


class DeploymentOverview(Deployment):
    """A deployment with the reasons of its failures and its latest decisions."""

    failures: Failures
    latest_events: list[LatestEvent]
    """The newest first."""


class Assignment(ResponseBody):
    """One device of a deployment."""

    id: Id
    external_id: DeviceId
    ring: RingName
    connector: ConnectorName
    status: Annotated[AssignmentState, Field(examples=["failed"])]
    reason: Annotated[str, Field(examples=["disk_full"])] | None
    """What was reported, or why the device is not part of the ring any more; null before that."""
    dispatched_at: Time | None
    reported_at: Time | None
    clamped: bool
    """Whether the reporter's time could not be true: `reported_at` is then when the report was received."""


class DeviceLeftBehind(ResponseBody):
    """A device that still has a release although it was rolled back."""

    id: Id
    external_id: DeviceId
    ring: RingName
    connector: ConnectorName
    status: AssignmentState | None
    """Its state in the rollback; null if it is not part of it."""
    reason: str | None
    reported_at: Time
    clamped: bool
    state: LeftBehindState
    accepted_by: Annotated[Subject | None, NULL]
    accepted_at: Annotated[Time | None, NULL]
    acceptance_reason: Annotated[Reason | None, NULL]


class LeftBehindAcceptance(ResponseBody):
    """How many devices an acceptance is about."""

    rollback: Id
    accepted: Count
    already_accepted: Count
    not_left_behind: list[DeviceId]
    """Ids of the request that are not left behind."""
    open: Count
    """Devices that are left behind and not accepted."""


class GateEvaluation(ResponseBody):
    """An evaluation of a ring's gate."""

    id: Id
    ring: RingName
    at: Time
    verdict: GateOutcome
    code: Annotated[str, Field(examples=["soak"])]
    reason: VerdictReason
    policy_version: Version
    inputs: Annotated[dict[str, Any], Field(examples=[{"tally": {"succeeded": 96, "failed": 1}}])]
    """What it was judged by, complete enough to replay it."""


class ReportReceipt(ResponseBody):
    """The result of one report."""

    status: ReportStatus


class InstalledRelease(ResponseBody):
    """A release that a device has, according to its reports."""

    application: ApplicationName
    release: ReleaseVersion
    platform: Platform


class DeviceDeployment(ResponseBody):
    """A device's place in a deployment, and what it reported."""

    deployment_id: Id
    application: ApplicationName
    release: ReleaseVersion
    kind: DeploymentKind
    state: DeploymentState
    ring: RingName
    ring_state: RingState
    status: AssignmentState
    reason: Annotated[str | None, NULL]
    dispatched_at: Annotated[Time | None, NULL]
    reported_at: Annotated[Time | None, NULL]


class FailingDevice(ResponseBody):
    """A device that failed, how often, and the latest of its failures that match."""

    id: Id
    external_id: DeviceId
    platform: Platform
    connector: ConnectorName
    site_class: SiteClass
    business_unit: Annotated[str, Field(examples=["finance"])]
    failures: Annotated[int, Field(ge=1, examples=[3])]
    """Deployments in which it failed."""
    first_failed_at: Time | None
    last_failed_at: Time | None
    last_status: Annotated[Failure, Field(examples=["failed"])]
    last_reason: Annotated[str, Field(examples=["disk_full"])] | None
    """Null if it stayed silent."""
    last_deployment_id: Id
    last_application: ApplicationName
    last_release: ReleaseVersion
    last_ring: RingName


class DeviceHistory(Device):
    """A device, what it has, and its latest deployments."""

    installed: list[InstalledRelease]
    deployments: list[DeviceDeployment]
    """The newest first, at most 100."""
