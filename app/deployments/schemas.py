"""Request bodies of deployments, reports and ring plans, and the filters of their lists."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.controls.schemas import WindowIn
from app.deployments.analysis.schemas import AnalysisIn
from app.deployments.approval.schemas import EvidenceIn, RiskIn
from app.deployments.rules import scope
from app.deployments.rules.analysis import MOST_ANALYSES
from app.deployments.rules.gates import OnFail
from app.deployments.rules.rings import MOST_DEVICES, SILENT_AFTER, ApprovalWhen, Plan
from app.deployments.rules.states import OUTCOMES, AssignmentState, DeploymentKind, DeploymentState
from app.deployments.scope_schemas import DeploymentScopeIn, StartIn
from app.devices.schemas import AnyPlatform, AnySiteClass, ExternalId, Tag, Unit
from app.http.fields import Body, Digits, Line, Moment, Name, Number, Sentence, Whole, Words, example
from app.http.pagination import PageQuery
from app.vocabulary import RING_KEYS, SiteClass

ArtifactHash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
ReportReason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]
"""A code, which also labels metrics; empty if there is none."""
Tagged = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}:[0-9]{1,8}$")]
"""A tag and how many devices have it, as `lab:5`."""

ReportOutcome = StrEnum("ReportOutcome", {state.name: state.value for state in OUTCOMES})  # type: ignore[misc]  # from the table


_GATE = {"target": 0.95, "min_reported": 5, "min_coverage": 0.8, "soak_seconds": 3_600, "error_ceiling": 0.2}


class DeploymentIn(StartIn):
    """A release to roll out. A new application or release is created."""

    model_config = example(
        {
            "application": "vpn-client",
            "version": "5.2.1",
            "platform": "windows",
            "artifact_hash": "sha256:" + "a1" * 32,
            "plan": "standard",
            "scope": {"business_units": ["finance"], "exclude_tags": ["kiosk"]},
            "starts_at": "2026-11-28T22:00:00",
            "time_zone": "Europe/Berlin",
            "risk": {"privilege": 0.3, "vulnerabilities": 0.1},
            "evidence": {"sbom": "https://evidence.example.com/5.2.1/sbom.json"},
        }
    )

    application: Name
    version: Name
    platform: AnyPlatform
    artifact_hash: ArtifactHash
    plan: Line = "standard"
    supersede: bool = False
    """Replace a live rollout of the application on the platform."""
    supersedes_rollback: Annotated[int, Field(strict=True, ge=1, lt=2**62)] | None = None
    """The id of a live rollback to replace: its remaining devices keep the release that is being rolled back."""
    scope: DeploymentScopeIn = DeploymentScopeIn()
    """Which devices it is for; must select some of them, or say `everyone`."""
    skip_unpackaged: bool = False
    """Leave out the devices of connectors that have no package of this version, instead of being refused."""
    risk: RiskIn = RiskIn()
    evidence: EvidenceIn = EvidenceIn()


class GateIn(Body):
    """What a ring must show before the next one starts. Rates are 0 to 1, times are in seconds."""

    # Which values are valid is decided in `rules.rings.problems`.

    target: Number
    min_reported: Whole
    min_coverage: Number
    soak_seconds: Whole
    error_ceiling: Number
    on_fail: OnFail = OnFail.PAUSE
    max_wait_seconds: Whole | None = None
    compliant_within: dict[SiteClass, Whole] = Field(default={})
    incident_limit: str = "P2"
    validates_rollback: bool = False
    strict: bool = False
    """Whether the rates must be met exactly; otherwise a ring may miss them by what chance explains."""
    analyses: list[AnalysisIn] = Field(default=[], max_length=MOST_ANALYSES)


class ApprovalPolicyIn(Body):
    """How many people must approve before a ring starts: never, if the risk requires it, or always."""

    when: ApprovalWhen = ApprovalWhen.NEVER
    people: Whole = 1


class RingIn(Body):
    """One ring: the devices of a tag, a share in per cent, or neither for the remaining devices."""

    name: Name
    tag: Tag | None = None
    share: Number | None = None
    approval: ApprovalPolicyIn = ApprovalPolicyIn()
    devices_per_minute: Whole | None = None
    concurrency: Whole | None = None
    auto_remediate: bool = False
    gate: GateIn


class SilentAfterIn(Body):
    """Seconds without a report after which a device is given up as silent, by site class."""

    online: Whole = SILENT_AFTER["online"]
    intermittent: Whole = SILENT_AFTER["intermittent"]
    air_gapped: Whole = SILENT_AFTER["air_gapped"]


class PlanIn(Body):
    """A ring plan. Its name is in the path; the server assigns its version."""

    model_config = example(
        {
            "rings": [
                {"name": "lab", "tag": "lab", "gate": _GATE},
                {"name": "everyone", "approval": {"when": "risk", "people": 1}, "gate": _GATE},
            ]
        }
    )

    rotation: Whole = 0
    windows: list[WindowIn] = Field(default=[], max_length=20)
    silent_after: SilentAfterIn = SilentAfterIn()
    follow_up: bool = False
    """Return devices that install a release after its rollback has completed, without asking a person."""
    rings: list[RingIn]

    def as_plan(self, name: str) -> Plan:
        """The plan as version 1 of its name."""
        return Plan.from_json({"name": name, "version": 1, **self.model_dump(mode="json")})


class ProposalIn(Body):
    """A change of a ring plan for another person to confirm, and why it is needed."""

    model_config = example(
        {
            "reason": "The pilot is small enough for a soak of a day.",
            "plan": {
                "rings": [
                    {
                        "name": "all",
                        "gate": {
                            "target": 0.98,
                            "min_reported": 10,
                            "min_coverage": 0.5,
                            "soak_seconds": 86_400,
                            "error_ceiling": 0.05,
                        },
                    }
                ]
            },
        }
    )

    plan: PlanIn
    reason: Sentence


class ProposalConfirmationIn(Body):
    """The second person's comment."""

    model_config = example({"comment": "Agreed for the pilot."})

    comment: Words = ""


class ProposalRejectionIn(Body):
    """Why a proposed change is rejected."""

    model_config = example({"comment": "A soak of an hour is too short."})

    comment: Sentence


class DecisionIn(Body):
    """Why a person pauses, resumes or aborts."""

    model_config = example({"reason": "The help desk reports failed sign-ins."})

    reason: Words = ""


class RollbackIn(DecisionIn):
    """Why a person rolls back, and whether devices that install the release after that are returned as well."""

    model_config = example({"reason": "The help desk reports failed sign-ins.", "follow_up": True})

    follow_up: bool | None = None
    """As the ring plan says, if it is omitted."""


class PromotionIn(DecisionIn):
    """Why a person ends a ring's soak early."""

    model_config = example({"reason": "The fix cannot wait for the soak."})

    reason: Sentence


class WaiverIn(Body):
    """Why a failed or stalled ring is waived, the controls that compensate for it, and when the waiver expires."""

    model_config = example(
        {
            "reason": "A known printer driver fails.",
            "compensating_controls": "The help desk replaces it.",
            "expires_at": "2026-04-02T06:00:00Z",
        }
    )

    reason: Sentence
    compensating_controls: Sentence
    expires_at: Moment
    skip_rest: bool = False
    """Exclude the ring's devices that were not dispatched to; otherwise they follow at the ring's pace."""


class ReportIn(Body):
    """What happened to one device. `sequence` increases per device and reporter; a smaller one is older."""

    model_config = example({"deployment_id": 1, "external_id": "LT-004711", "sequence": 7, "outcome": "succeeded"})

    deployment_id: Annotated[Whole, Field(ge=1, lt=2**62)]
    external_id: ExternalId
    sequence: Annotated[Whole, Field(ge=1, lt=2**62)]
    outcome: ReportOutcome
    reason: ReportReason = ""
    occurred_at: Moment | None = None


class DeploymentQuery(PageQuery):
    """Filters of the deployment list."""

    state: list[DeploymentState] = Field(default=[], max_length=len(DeploymentState))
    """Only deployments in this state; several, each in a parameter of its own, match any of them."""
    application: Line | None = None
    """Only deployments of this application."""
    release: Line | None = None
    """Only deployments of this version."""
    platform: AnyPlatform | None = None
    """Only deployments on this platform."""
    kind: DeploymentKind | None = None
    """Only rollouts, or only rollbacks."""
    plan: Line | None = None
    """Only deployments by the ring plan of this name."""
    requested_by: Line | None = None
    """Only deployments that this person or service asked for."""
    since: Moment | None = None
    """Only deployments created then or later."""
    until: Moment | None = None
    """Only deployments created before then."""
    scheduled: bool | None = None
    """Only live deployments that have not started because their `starts_at` is still to come, or only the others."""


class WaitQuery(Body):
    """How long to wait for a deployment to change, and from which version."""

    wait: Annotated[Digits, Field(ge=0, le=60)] | None = None
    """Answer when the deployment has changed, or after this many seconds. It needs `version` or `If-None-Match`."""
    version: Annotated[Digits, Field(ge=0, lt=2**63)] | None = None
    """Wait until the deployment has a later version than this one."""


class PlanQuery(Body):
    """The version of a ring plan; the newest by default."""

    version: Digits | None = Field(default=None, ge=1, lt=2**63)
    """By default the newest."""


class CreationQuery(Body):
    """Whether a deployment is only previewed."""

    dry_run: bool = False
    """Answer with a preview, and store nothing."""


class PreviewQuery(Body):
    """Whose devices a preview counts: those of a scope, or that many; by default all registered devices."""

    version: Digits | None = Field(default=None, ge=1, lt=2**63)
    """By default the newest."""
    platform: AnyPlatform | None = None
    """Only devices on this platform."""
    business_units: list[Unit] = Field(default=[], max_length=100)
    """Only devices of these business units; of all, if none is given."""
    tags: list[Tag] = Field(default=[], max_length=100)
    """Only devices with one of these tags."""
    exclude_tags: list[Tag] = Field(default=[], max_length=100)
    """Only devices without any of these tags."""
    site_classes: list[AnySiteClass] = Field(default=[], max_length=3)
    """Only devices at these sites."""
    application: Name | None = None
    """The application whose freezes are shown besides those of all applications."""
    devices: Digits | None = Field(default=None, ge=1, le=MOST_DEVICES)
    """Count that many devices instead of registered ones."""
    tagged: list[Tagged] = Field(default=[], max_length=len(RING_KEYS))
    """How many of `devices` have a ring's tag, as `lab:5`; the others have none."""

    @property
    def scope(self) -> dict[str, list[str]]:
        """The scope as deployments store it."""
        return self.model_dump(mode="json", include=set(scope.KINDS) - {"devices"})


class LeftBehindState(StrEnum):
    """Whether a person has accepted that a device keeps a release that was rolled back."""

    OPEN = "open"
    ACCEPTED = "accepted"


class LeftBehindQuery(PageQuery):
    """The filter of the list of devices that a rollback left behind."""

    state: LeftBehindState | None = None
    """Only devices in this state."""


class LeftBehindAcceptanceIn(Body):
    """Which devices may keep a release although it was rolled back, or `all` of them, and why."""

    model_config = example({"external_ids": ["LT-004711"], "reason": "They are replaced next week."})

    external_ids: Literal["all"] | Annotated[list[ExternalId], Field(min_length=1, max_length=10_000)]
    reason: Sentence


class AssignmentQuery(PageQuery):
    """Filters of a deployment's assignments."""

    status: list[AssignmentState] = Field(default=[], max_length=len(AssignmentState))
    """Only devices in this state; several, each in a parameter of its own, match any of them."""
    ring: Line | None = None
    """Only devices of this ring, by its name or key."""
    connector: Line | None = None
    """Only devices of this connector."""
    reason: Line | None = None
    """Only devices with this reason, as their connector or agent reported it."""
    external_id: Line | None = None
    """Only the device of this id."""


class Failure(StrEnum):
    """How a device can fail in a deployment: it says so, or it stays silent."""

    FAILED = AssignmentState.FAILED.value
    UNREACHABLE = AssignmentState.UNREACHABLE.value
    EXPIRED = AssignmentState.EXPIRED.value


class DeviceFailureQuery(PageQuery):
    """Filters of the list of devices that fail. Only failures that match are counted."""

    status: list[Failure] = Field(default=[], max_length=len(Failure))
    """Only failures of this kind; several, each in a parameter of its own, match any of them. All by default."""
    reason: Line | None = None
    """Only failures with this reason, as the connector or agent reported it."""
    application: Line | None = None
    """Only failures in deployments of this application."""
    release: Line | None = None
    """Only failures in deployments of this version."""
    business_unit: Line | None = None
    """Only devices of this business unit."""
    site_class: AnySiteClass | None = None
    """Only devices at these sites."""
    platform: AnyPlatform | None = None
    """Only devices on this platform."""
    connector: Line | None = None
    """Only devices of this connector."""
    since: Moment | None = None
    """Only failures from this time on."""
    until: Moment | None = None
    """Only failures before this time."""
    at_least: Digits = Field(default=1, ge=1, le=10_000)
    """Only devices with so many matching failures, each in a deployment of its own."""

    @property
    def states(self) -> list[AssignmentState]:
        """The states of the failures that are counted."""
        return [AssignmentState(status) for status in self.status or Failure]
