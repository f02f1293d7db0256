"""What callers send about deployments and reports, and how lists are filtered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from app.controls.schemas import WindowIn
from app.deployments.analysis.schemas import AnalysisIn
from app.deployments.rules.analysis import MOST_ANALYSES
from app.deployments.rules.gates import OnFail
from app.deployments.rules.rings import SILENT_AFTER, ApprovalWhen, Plan
from app.deployments.rules.states import OUTCOMES, AssignmentState, DeploymentState
from app.devices.schemas import ExternalId, Platform, SiteClass, Tag, Text
from app.http.pagination import PageQuery
from app.http.serialization import Moment, Number, Whole

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,99}$")]
ArtifactHash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]

ReportOutcome = StrEnum("ReportOutcome", {state.name: state.value for state in OUTCOMES})  # type: ignore[misc]  # from the table


class ScopeIn(BaseModel):
    """Which devices a deployment may touch: all given kinds must match, one value of each is enough."""

    model_config = ConfigDict(extra="forbid")

    business_units: list[Text] = Field(default=[], max_length=100)
    tags: list[Tag] = Field(default=[], max_length=100)
    site_classes: list[SiteClass] = Field(default=[], max_length=3)


Factor = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Evidence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")
]


class RiskIn(BaseModel):
    """What is known of a release's risk, each factor from 0 to 1; one that is left out counts as half."""

    model_config = ConfigDict(extra="forbid")

    privilege: Factor | None = None
    supply_chain: Factor | None = None
    vulnerabilities: Factor | None = None
    exploitability: Factor | None = None
    data_access: Factor | None = None
    operational_complexity: Factor | None = None
    privileged_tooling: StrictBool = False
    critical_cves: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = 0
    cve_exception: Words = ""


class EvidenceIn(BaseModel):
    """Where the evidence for a release is: addresses or hashes. Complete, it is sealed by its hash."""

    model_config = ConfigDict(extra="forbid")

    sbom: Evidence | None = None
    scan_result: Evidence | None = None
    install: Evidence | None = None
    uninstall: Evidence | None = None
    detection: Evidence | None = None
    rollout_plan: Evidence | None = None
    rollback_plan: Evidence | None = None
    test_results: Evidence | None = None


class DeploymentIn(BaseModel):
    """A release to roll out. Application and release are created when they are new."""

    model_config = ConfigDict(extra="forbid")

    application: Name
    version: Name
    platform: Platform
    artifact_hash: ArtifactHash
    plan: str = "standard"
    supersede: bool = False
    """Take the place of a live deployment of the application on the platform."""
    scope: ScopeIn = ScopeIn()
    risk: RiskIn = RiskIn()
    evidence: EvidenceIn = EvidenceIn()


class GateIn(BaseModel):
    """What a ring must show before the next one starts; `rules.rings.problems` says which values can be used."""

    model_config = ConfigDict(extra="forbid")

    target: Number
    min_reported: Whole
    min_coverage: Number
    soak_seconds: Whole
    error_ceiling: Number
    on_fail: OnFail = OnFail.PAUSE
    max_wait_seconds: Whole | None = None
    compliant_within: dict[SiteClass, Whole] = {}
    incident_limit: str = "P2"
    validates_rollback: bool = False
    analyses: list[AnalysisIn] = Field(default=[], max_length=MOST_ANALYSES)


class ApprovalPolicyIn(BaseModel):
    """Who must have signed off before a ring starts."""

    model_config = ConfigDict(extra="forbid")

    when: ApprovalWhen = ApprovalWhen.NEVER
    people: Whole = 1


class RingIn(BaseModel):
    """One ring: a tag, a share in per cent, or neither for the rest."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    tag: Tag | None = None
    share: Number | None = None
    approval: ApprovalPolicyIn = ApprovalPolicyIn()
    devices_per_minute: Whole | None = None
    concurrency: Whole | None = None
    gate: GateIn


class SilentAfterIn(BaseModel):
    """Seconds without a sign of life after which a device is given up, by the class of its site."""

    model_config = ConfigDict(extra="forbid")

    online: Whole = SILENT_AFTER["online"]
    intermittent: Whole = SILENT_AFTER["intermittent"]
    air_gapped: Whole = SILENT_AFTER["air_gapped"]


class PlanIn(BaseModel):
    """What a ring plan holds; its name is in the path, its version is counted."""

    model_config = ConfigDict(extra="forbid")

    rotation: Whole = 0
    windows: list[WindowIn] = Field(default=[], max_length=20)
    silent_after: SilentAfterIn = SilentAfterIn()
    rings: list[RingIn]

    def as_plan(self, name: str) -> Plan:
        """The plan as its first version."""
        return Plan.from_json({"name": name, "version": 1, **self.model_dump(mode="json")})


class DecisionIn(BaseModel):
    """Why a person pauses, resumes or aborts."""

    model_config = ConfigDict(extra="forbid")

    reason: Words = ""


class PromotionIn(DecisionIn):
    """Why a person ends a ring's soak."""

    reason: Annotated[Words, Field(min_length=1)]


class WaiverIn(BaseModel):
    """Why a failed gate may be passed, what makes up for it, and until when the deployment may use that."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Words, Field(min_length=1)]
    compensating_controls: Annotated[Words, Field(min_length=1)]
    expires_at: Moment


class ReportIn(BaseModel):
    """What happened to one device. `sequence` grows for each device and reporter; a smaller one is older news."""

    model_config = ConfigDict(extra="forbid")

    deployment_id: Annotated[int, Field(ge=1, lt=2**62)]
    external_id: ExternalId
    sequence: Annotated[int, Field(ge=1, lt=2**62)]
    outcome: ReportOutcome
    reason: Reason = ""
    occurred_at: Moment | None = None


class DeploymentQuery(PageQuery):
    """Filters of the deployment list."""

    state: DeploymentState | None = None
    application: str | None = None
    platform: Platform | None = None


class PlanQuery(BaseModel):
    """Which version of a ring plan."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(default=None, ge=1, lt=2**63)


class AssignmentQuery(PageQuery):
    """Filters of a deployment's assignments."""

    status: AssignmentState | None = None
    ring: str | None = None
