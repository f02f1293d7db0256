"""A deployment's dossier."""

from __future__ import annotations

from typing import Any, TypedDict

from client.types.approvals import Approvals, EvidenceState, RiskAssessments
from client.types.controls import Incident
from client.types.deployments import GateEvaluation, ListedDeployment, Ring


class DossierDeployment(ListedDeployment):
    """What was asked for, by whom, and what became of it."""

    rings: list[Ring]


class DossierWaiver(TypedDict):
    """Permission to go on without a gate."""

    id: int
    ring: str
    granted_by: str
    granted_at: str
    expires_at: str
    reason: str
    compensating_controls: str


class DossierEvent(TypedDict):
    """An event with the hashes that link it to the one before it in the log."""

    id: int
    at: str
    type: str
    actor: str
    payload: dict[str, Any]
    previous_hash: str
    hash: str


class DossierContent(TypedDict):
    """What the hash covers. Events up to `archived_events_until` are in archives."""

    deployment: DossierDeployment
    risk: RiskAssessments
    evidence: EvidenceState
    approvals: Approvals
    gates: list[GateEvaluation]
    waivers: list[DossierWaiver]
    incidents: list[Incident]
    archived_events_until: int | None
    events: list[DossierEvent]


class DossierRecord(TypedDict):
    """Where the log holds the hash."""

    event: int
    at: str
    actor: str


class Dossier(TypedDict):
    """A deployment's dossier; `sha256` is that of `content` in canonical JSON."""

    content: DossierContent
    sha256: str
    recorded: DossierRecord
