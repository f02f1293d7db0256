"""What the API returns about risk, evidence, approvals and break-glass."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app import clock
from app.db import db
from app.deployments.approval import documents, evidence, service
from app.deployments.approval.models import Approval, BreakGlass, RiskAssessment
from app.deployments.errors import NoSuchDeployment
from app.deployments.models import Deployment
from app.deployments.rules import risk
from app.deployments.rules.rings import Plan
from app.metrics import catalogue as m
from app.metrics.projection import Measure

_ASSESSMENT = select(
    RiskAssessment.id,
    RiskAssessment.at,
    RiskAssessment.score,
    RiskAssessment.needs_approval,
    RiskAssessment.devices,
    RiskAssessment.blast_class,
    RiskAssessment.factors,
    RiskAssessment.contributions,
    RiskAssessment.policy_version,
)
_APPROVAL = select(
    Approval.id,
    Approval.at,
    Approval.answer,
    Approval.subject,
    Approval.comment,
    Approval.content_hash,
    Approval.invalidated_at,
)
_GLASS = select(
    BreakGlass.incident_id,
    BreakGlass.reason,
    BreakGlass.broken_by,
    BreakGlass.broken_at,
    BreakGlass.confirm_by,
    BreakGlass.confirmed_by,
    BreakGlass.confirmed_at,
)


def risks(deployment_id: int) -> dict[str, Any]:
    """The declared risk, and every assessment with the factors of its score, oldest first."""
    deployment = _deployment(deployment_id)
    statement = _ASSESSMENT.where(RiskAssessment.deployment_id == deployment_id).order_by(RiskAssessment.id)
    rows = db.session.execute(statement).mappings()
    return {"declared": deployment.declared_risk, "items": [_ordered(dict(row)) for row in rows]}


def evidence_of(deployment_id: int) -> dict[str, Any]:
    """The evidence, its missing documents, and its hash."""
    deployment = _deployment(deployment_id)
    return {
        "evidence": {part: deployment.evidence.get(part) for part in evidence.PARTS},
        "missing": evidence.missing(deployment.evidence),
        "documents": documents.shown(db.session(), deployment),
        "evidence_hash": deployment.evidence_hash,
        "version": deployment.version,
    }


def approvals(deployment_id: int) -> dict[str, Any]:
    """Every answer, how many approvals are valid, and what each ring requires."""
    deployment = _deployment(deployment_id)
    statement = _APPROVAL.where(Approval.deployment_id == deployment_id).order_by(Approval.id)
    standing, needs_approval = service.standing_approvals(db.session(), deployment)
    rings = [
        {
            "ring": ring.name,
            "people": risk.people_needed(ring.approval, needs_approval),
            "met": risk.entry_met(ring.approval, needs_approval, standing),
        }
        for ring in Plan.from_json(deployment.plan).rings
    ]
    return {
        "needs_approval": needs_approval,
        "standing": standing,
        "content_hash": service.current_content(db.session(), deployment),
        "rings": rings,
        "items": [dict(row) for row in db.session.execute(statement).mappings()],
        "break_glass": used_break_glass(deployment_id),
        "version": deployment.version,
    }


def used_break_glass(deployment_id: int) -> dict[str, Any] | None:
    """Who used break-glass for a deployment and who confirmed it; None if it was not used."""
    row = db.session.execute(_GLASS.where(BreakGlass.deployment_id == deployment_id)).mappings().first()
    return dict(row) if row else None


def levels() -> list[Measure]:
    """The gauges of deployments that wait for approval: how many, and since when the oldest waits."""
    since = [each.since for each in service.waiting(db.session())]
    oldest = max((clock.now() - min(since)).total_seconds(), 0.0) if since else 0
    return [
        Measure(m.APPROVAL_WAITING, m.APPROVAL_WAITING(), len(since)),
        Measure(m.APPROVAL_OLDEST, m.APPROVAL_OLDEST(), round(oldest, 3)),
    ]


def _deployment(deployment_id: int) -> Deployment:
    deployment = db.session.get(Deployment, deployment_id, populate_existing=True)
    if deployment is None:
        raise NoSuchDeployment(deployment_id)
    return deployment


def _ordered(assessment: dict[str, Any]) -> dict[str, Any]:
    """The factors in the order of their weights, which JSONB does not keep."""
    for kind in ("factors", "contributions"):
        assessment[kind] = {name: assessment[kind][name] for name in risk.WEIGHTS if name in assessment[kind]}
    return assessment
