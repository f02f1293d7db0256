"""What the API answers about a deployment's dossier."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.audit.responses import LatestEvent
from app.controls.responses import Incident
from app.deployments.approval.responses import Approvals, EvidenceState, RiskAssessments
from app.deployments.responses import GateEvaluation, ListedDeployment, Ring
from app.http.responses import NULL, Id, Reason, ResponseBody, RingName, Subject, Time

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["9f" * 32])]


class DossierDeployment(ListedDeployment):
    """What was asked for, by whom, and what became of it."""

    rings: list[Ring]


class DossierWaiver(ResponseBody):
    """Permission to go on without a gate."""

    id: Id
    ring: RingName
    granted_by: Subject
    granted_at: Time
    expires_at: Time
    reason: Reason
    compensating_controls: str


class DossierEvent(LatestEvent):
    """An event with the hashes that link it to the one before it in the log."""

    previous_hash: Hash
    hash: Hash


class DossierContent(ResponseBody):
    """What the hash covers."""

    deployment: DossierDeployment
    risk: RiskAssessments
    evidence: EvidenceState
    approvals: Approvals
    gates: list[GateEvaluation]
    waivers: list[DossierWaiver]
    incidents: list[Incident]
    archived_events_until: Annotated[Id | None, NULL]
    """Events up to this id are in archives, and not here."""
    events: list[DossierEvent]


class DossierRecord(ResponseBody):
    """Where the log holds the hash."""

    event: Id
    at: Time
    actor: Subject


class Dossier(ResponseBody):
    """A deployment's dossier."""

    content: DossierContent
    sha256: Annotated[str, Field(examples=["sha256:" + "9f" * 32])]
    """Of `content` in canonical JSON: sorted keys, no spaces, ASCII."""
    recorded: DossierRecord
