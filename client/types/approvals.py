"""Risk, evidence, sign-off and break-glass."""

from __future__ import annotations

from typing import TypedDict

from client.types.bodies import Evidence, Risk
from client.types.values import ApprovalAnswer, BlastClass


class RiskAssessment(TypedDict):
    """A risk score, 0 to 100, with the factors (0 to 1) and the points that each of them adds."""

    id: int
    at: str
    score: float
    needs_approval: bool
    devices: int
    blast_class: BlastClass
    factors: dict[str, float]
    contributions: dict[str, float]
    policy_version: int


class RiskAssessments(TypedDict):
    """The declared risk factors and every assessment, the latest last."""

    declared: Risk
    items: list[RiskAssessment]


class EvidenceDocument(TypedDict):
    """The release's artifact (the part `artifact`) or a document that is named by hash; `content` is its path.

    The last four are null unless it is stored.
    """

    part: str
    sha256: str
    stored: bool
    size: int | None
    media_type: str | None
    name: str | None
    content: str | None


class EvidenceState(TypedDict):
    """The evidence, its missing parts, what it names by hash, and its seal (null until it is complete)."""

    evidence: Evidence
    missing: list[str]
    documents: list[EvidenceDocument]
    evidence_hash: str | None
    version: int


class Approval(TypedDict):
    """One person's answer; `invalidated_at` is set once it no longer matches what would be rolled out."""

    id: int
    at: str
    answer: ApprovalAnswer
    subject: str
    comment: str
    content_hash: str
    invalidated_at: str | None


class RingApproval(TypedDict):
    """How many people must have approved before a ring starts, and whether they have."""

    ring: str
    people: int
    met: bool


class BreakGlass(TypedDict):
    """Who overrode a freeze, and who confirmed it (null until confirmed)."""

    incident_id: int
    reason: str
    broken_by: str
    broken_at: str
    confirm_by: str
    confirmed_by: str | None
    confirmed_at: str | None


class Approvals(TypedDict):
    """Every answer, the number of valid approvals, and what each ring requires; `break_glass` is null if unused."""

    needs_approval: bool
    standing: int
    content_hash: str
    rings: list[RingApproval]
    items: list[Approval]
    break_glass: BreakGlass | None
    version: int


class ApprovalFloor(TypedDict):
    """How many people must approve a rollout whose risk requires approval; version 0 is the default."""

    people: int
    changed_by: str | None
    changed_at: str | None
    reason: str | None
    version: int
