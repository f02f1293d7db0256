"""What the API answers about risk, evidence, sign-off and break-glass."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.artifacts.responses import ContentPath, Sha256
from app.deployments.approval.models import ApprovalAnswer
from app.deployments.rules.risk import BLASTS
from app.http.responses import NULL, Count, Id, Rate, Reason, ResponseBody, RingName, Subject, Time, Version

BlastClass = StrEnum("BlastClass", {blast.name.upper(): blast.name for blast in BLASTS})  # type: ignore[misc]  # from the rules
Score = Annotated[float, Field(ge=0, le=100, examples=[34.5])]
ContentHash = Annotated[str, Field(examples=["b5" * 32])]
"""SHA-256 of what is approved."""
DocumentAddress = Annotated[str, Field(examples=["https://evidence.example.com/5.2.1/sbom.json"])]


class DeclaredRisk(ResponseBody):
    """The risk factors that the requester declared, each 0 to 1; a missing one counts as 0.5."""

    privilege: Rate = 0.5
    supply_chain: Rate = 0.5
    vulnerabilities: Rate = 0.5
    exploitability: Rate = 0.5
    data_access: Rate = 0.5
    operational_complexity: Rate = 0.5
    privileged_tooling: bool = False
    critical_cves: Count = 0
    cve_exception: str = ""


class RiskAssessment(ResponseBody):
    """A risk score with the factors and the points that each of them adds."""

    id: Id
    at: Time
    score: Score
    needs_approval: bool
    devices: Count
    blast_class: BlastClass
    factors: dict[str, Rate]
    contributions: dict[str, float]
    policy_version: Version


class RiskAssessments(ResponseBody):
    """The declared risk and every assessment, oldest first."""

    declared: DeclaredRisk
    items: list[RiskAssessment]


class Evidence(ResponseBody):
    """The address or hash of each document; null if it is missing."""

    sbom: DocumentAddress | None
    scan_result: DocumentAddress | None
    install: DocumentAddress | None
    uninstall: DocumentAddress | None
    detection: DocumentAddress | None
    rollout_plan: DocumentAddress | None
    rollback_plan: DocumentAddress | None
    test_results: DocumentAddress | None


class EvidenceDocument(ResponseBody):
    """The release's artifact, or a document of the evidence that is named by its SHA-256."""

    part: Annotated[str, Field(examples=["sbom"])]
    """The part of the evidence; `artifact` is the release's own file."""
    sha256: Sha256
    stored: bool
    """Whether the store of artifacts has it. If it does, it cannot be deleted there."""
    size: Annotated[Count | None, NULL]
    media_type: Annotated[str | None, NULL]
    name: Annotated[str | None, NULL]
    content: Annotated[ContentPath | None, NULL]
    """Where it is downloaded; null unless it is stored."""


class EvidenceState(ResponseBody):
    """A deployment's evidence, what is missing, and its seal."""

    evidence: Evidence
    missing: list[Annotated[str, Field(examples=["sbom"])]]
    documents: list[EvidenceDocument]
    """What is named by hash, the release's artifact first."""
    evidence_hash: ContentHash | None
    """Null until it is complete."""
    version: Version


class Approval(ResponseBody):
    """One person's answer."""

    id: Id
    at: Time
    answer: ApprovalAnswer
    subject: Subject
    comment: str
    content_hash: ContentHash
    invalidated_at: Annotated[Time | None, NULL]
    """Set once it no longer matches what would be rolled out."""


class RingApproval(ResponseBody):
    """How many people must have approved before a ring starts, and whether they have."""

    ring: RingName
    people: Count
    met: bool


class BreakGlassUse(ResponseBody):
    """Who overrode a freeze, and who confirmed it."""

    incident_id: Id
    reason: Reason
    broken_by: Subject
    broken_at: Time
    confirm_by: Time
    """Until when a second person must confirm."""
    confirmed_by: Annotated[Subject | None, NULL]
    confirmed_at: Annotated[Time | None, NULL]


class ApprovalFloor(ResponseBody):
    """How many people must approve a rollout whose risk requires approval, whatever its plan says."""

    people: Annotated[int, Field(ge=0, le=20, examples=[1])]
    changed_by: Annotated[Subject | None, NULL]
    changed_at: Annotated[Time | None, NULL]
    reason: Annotated[Reason | None, NULL]
    version: Annotated[int, Field(ge=0, examples=[0])]
    """0: the default, which nobody has changed."""


class Approvals(ResponseBody):
    """Every answer, the number of valid approvals, and what each ring requires."""

    needs_approval: bool
    """Whether the risk requires approval."""
    standing: Count
    """Valid approvals."""
    content_hash: ContentHash
    rings: list[RingApproval]
    items: list[Approval]
    break_glass: BreakGlassUse | None
    version: Version
