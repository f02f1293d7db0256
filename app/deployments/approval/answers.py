"""People's decisions about an approval: evidence, approve, reject. Each function is one unit of work."""

from __future__ import annotations

from sqlalchemy import select

from app import clock
from app.deployments import transitions
from app.deployments.approval import documents as documents_by_hash, evidence, service
from app.deployments.approval.errors import AlreadyAnswered, IncompleteEvidence, NotAssessed, OwnApproval
from app.deployments.approval.models import Approval, ApprovalAnswer, RiskAssessment
from app.deployments.approval.schemas import EvidenceIn
from app.deployments.models import Deployment
from app.deployments.rules.states import DeploymentState
from app.errors import Forbidden
from app.events.unit import Unit, unit_of_work
from app.http.versions import IfMatch
from app.identity.subjects import is_same, still_approves
from app.queue import Job
from app.releases.models import Release

REFUSED = "rejected_by_approver"
"""The reason of a deployment that an approver rejected."""


def approve(actor: str, deployment_id: int, comment: str, if_match: IfMatch = None) -> None:
    """Approve the deployment as it is now.

    Raises OwnApproval for the requester, NotAssessed, IncompleteEvidence, AlreadyAnswered, and Forbidden after a
    revocation.
    """
    with unit_of_work(actor) as unit:
        if not still_approves(unit.session, actor):
            raise Forbidden(f"{actor} may no longer approve: the token was revoked meanwhile.")
        deployment = _to_answer(unit, deployment_id, if_match)
        assessment = service.latest(unit.session, deployment_id)
        if assessment is None:
            raise NotAssessed("The deployment's devices are still being counted; retry in a moment.")
        _require_evidence(deployment, assessment)
        content = service.current_content(unit.session, deployment)
        if service.has_approved(unit.session, deployment_id, actor, content):
            raise AlreadyAnswered(
                f"{actor} has already approved deployment {deployment_id}; only other people can add an approval."
            )
        _answer(unit, deployment, ApprovalAnswer.APPROVE, comment, content)
        transitions.record(unit, deployment, "approval.given", comment=comment, content_hash=content)
        if deployment.state is not DeploymentState.PLANNING:
            unit.enqueue(Job.ADVANCE, deployment_id)


def reject(actor: str, deployment_id: int, comment: str, if_match: IfMatch = None) -> None:
    """Reject the deployment, which ends it. Raises OwnApproval for the requester."""
    with unit_of_work(actor) as unit:
        deployment = _to_answer(unit, deployment_id, if_match)
        content = service.current_content(unit.session, deployment)
        _answer(unit, deployment, ApprovalAnswer.REJECT, comment, content)
        if deployment.state is DeploymentState.PLANNING:
            transitions.move(deployment, DeploymentState.REJECTED, REFUSED)
            transitions.record(unit, deployment, "deployment.rejected")
        else:
            transitions.end(unit, deployment, DeploymentState.ABORTED, REFUSED)
        transitions.record(unit, deployment, "approval.rejected", comment=comment, content_hash=content)


def replace_evidence(actor: str, deployment_id: int, documents: EvidenceIn, if_match: IfMatch = None) -> None:
    """Replace the evidence; approvals of the previous evidence become invalid."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require_live(deployment)
        replacement = documents.model_dump(exclude_none=True)
        if replacement == deployment.evidence:
            return
        artifact_hash = unit.session.execute(
            select(Release.artifact_hash).where(Release.id == deployment.release_id)
        ).scalar_one()
        deployment.evidence, deployment.evidence_hash = replacement, evidence.seal(artifact_hash, replacement)
        deployment.version += 1
        documents_by_hash.record(unit.session, deployment)
        transitions.record(
            unit,
            deployment,
            "deployment.evidence_changed",
            evidence_hash=deployment.evidence_hash,
            missing=evidence.missing(replacement),
        )
        service.invalidate(unit, deployment, "the evidence changed")


def _to_answer(unit: Unit, deployment_id: int, if_match: IfMatch) -> Deployment:
    deployment = transitions.for_decision(unit.session, deployment_id, if_match)
    transitions.require_live(deployment)
    if is_same(unit.actor, deployment.requested_by):
        raise OwnApproval(f"{unit.actor} requested this deployment; another person must approve or reject it.")
    return deployment


def _require_evidence(deployment: Deployment, assessment: RiskAssessment) -> None:
    if service.people_asked(deployment, assessment) and (absent := evidence.missing(deployment.evidence)):
        raise IncompleteEvidence(
            f"The evidence lacks {', '.join(absent)}; add it with PUT /deployments/{deployment.id}/evidence, "
            "then approve."
        )


def _answer(unit: Unit, deployment: Deployment, answer: ApprovalAnswer, comment: str, content: str) -> None:
    unit.session.add(
        Approval(
            deployment_id=deployment.id,
            answer=answer,
            subject=unit.actor,
            comment=comment,
            at=clock.now(),
            content_hash=content,
        )
    )
    if answer is ApprovalAnswer.APPROVE:
        deployment.version += 1  # a rejection increases the version by its transition
