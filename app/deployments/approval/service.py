"""Who must approve a deployment and who has: the risk of each rollout, and its valid approvals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Row, and_, any_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from app.deployments import transitions
from app.deployments.approval import evidence, floor
from app.deployments.approval.errors import CriticalVulnerability
from app.deployments.approval.models import Approval, ApprovalAnswer, RiskAssessment
from app.deployments.approval.schemas import RiskIn
from app.deployments.models import Deployment
from app.deployments.rules import risk, weakening
from app.deployments.rules.rings import Plan
from app.deployments.rules.risk import Declared
from app.deployments.rules.states import ENDED, LIVE, DeploymentKind, DeploymentState
from app.errors import FieldError
from app.events.unit import Unit
from app.http.serialization import timestamp
from app.identity.subjects import approvers, is_among
from app.releases.models import Release
from app.spelling import folded


def assess(unit: Unit, deployment: Deployment, sizes: Sequence[int], critical: bool) -> RiskAssessment:
    """Assess the deployment's risk from the number of devices in each ring; the caller has locked its row.

    After devices joined, the risk is assessed again only if the blast class rose. The approvals then no longer match
    what would be rolled out.
    """
    before = latest(unit.session, deployment.id)
    declared, devices = Declared.from_json(deployment.declared_risk), sum(sizes)
    computed = risk.assess(declared, devices, critical, history(unit.session, deployment.application_id))
    if before is not None and not risk.rises(before.blast_class, computed.blast_class):
        return before
    privileged = bool(deployment.declared_risk.get("privileged_tooling"))
    assessment = RiskAssessment(
        deployment_id=deployment.id,
        at=clock.now(),
        policy_version=computed.policy_version,
        score=computed.score,
        factors=dict(computed.factors),
        contributions=dict(computed.contributions),
        devices=devices,
        blast_class=computed.blast_class,
        needs_approval=risk.needs_approval(computed.score, privileged),
    )
    unit.session.add(assessment)
    unit.session.flush()
    about = {"score": computed.score, "blast_class": computed.blast_class, "needs_approval": assessment.needs_approval}
    transitions.record(unit, deployment, "deployment.assessed", devices=devices, **about)
    if assessment.needs_approval:
        _apply_floor(unit, deployment, sizes)
    if before is not None:
        deployment.version += 1
        invalidate(unit, deployment, "the blast class rose")
    if people := people_asked(deployment, assessment):
        transitions.record(unit, deployment, "approval.requested", people=people, **about)
    return assessment


def _apply_floor(unit: Unit, deployment: Deployment, sizes: Sequence[int]) -> None:
    """Have the deployment's snapshot of the plan ask for the approvals that the floor requires."""
    plan = Plan.from_json(deployment.plan)
    raised = risk.with_floor(plan, sizes, floor.people(unit.session))
    if raised != plan:
        deployment.plan = raised.as_json()
        changes = [each.as_json() for each in weakening.differences(plan, raised)]
        transitions.record(unit, deployment, "approval.floor_applied", changes=changes)


def can_be_given(session: Session, deployment: Deployment, assessment: RiskAssessment) -> bool:
    """Whether enough people exist for the approvals that the risk requires."""
    return enough_people(session, people_asked(deployment, assessment), deployment.requested_by)


def enough_people(session: Session, people: int, requester: str) -> bool:
    """Whether so many people other than the requester may approve."""
    return people == 0 or approvers(session, excluding=requester) >= people


def people_asked(deployment: Deployment, assessment: RiskAssessment) -> int:
    """How many people must approve before every ring of the deployment can start."""
    return risk.most_people(Plan.from_json(deployment.plan), assessment.needs_approval)


@dataclass(frozen=True)
class SignOff:
    """The answers to what would be rolled out now, and what the risk asks for."""

    approved_by: frozenset[str]
    """People whose approval is valid."""
    needs_approval: bool
    """Whether the risk requires approval. A rollout without an assessment requires it; a rollback does not."""
    open_since: datetime | None
    """When the approvals were asked for: at the assessment, or when one became invalid. Unset before the assessment."""


@dataclass(frozen=True)
class Waiting:
    """A live rollout whose approvals are requested and not complete."""

    deployment: Deployment
    people: int
    """How many people must approve before every ring can start."""
    sign_off: SignOff
    since: datetime


def standing_approvals(session: Session, deployment: Deployment) -> tuple[int, bool]:
    """How many people approved exactly what would be rolled out, and whether the risk requires approval. One query."""
    sign_off = sign_offs(session, [deployment])[deployment.id]
    return len(sign_off.approved_by), sign_off.needs_approval


def sign_offs(session: Session, deployments: Collection[Deployment]) -> dict[int, SignOff]:
    """The state of each deployment's approvals, in one query, however many deployments there are."""
    if not deployments:
        return {}
    # As one array: the driver inspects each of many parameters.
    ids = cast([deployment.id for deployment in deployments], ARRAY(BigInteger))
    newest = select(func.max(RiskAssessment.id)).where(RiskAssessment.deployment_id == Deployment.id)
    approves = and_(Approval.deployment_id == Deployment.id, Approval.answer == ApprovalAnswer.APPROVE)
    statement = (
        select(
            Deployment.id,
            Release.artifact_hash,
            RiskAssessment.at,
            RiskAssessment.blast_class,
            RiskAssessment.needs_approval,
            Approval.subject,
            Approval.content_hash,
            Approval.invalidated_at,
        )
        .join(Release, Release.id == Deployment.release_id)
        .outerjoin(RiskAssessment, RiskAssessment.id == newest.correlate(Deployment).scalar_subquery())
        .outerjoin(Approval, approves)
        .where(Deployment.id == any_(ids))
    )
    answers: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in session.execute(statement):
        answers.setdefault(row.id, []).append(row)
    return {deployment.id: _sign_off(deployment, answers[deployment.id]) for deployment in deployments}


def _sign_off(deployment: Deployment, answers: Sequence[Row[*tuple[Any, ...]]]) -> SignOff:
    """The answers to one deployment; without any there is one row without a subject."""
    first, given = answers[0], [row for row in answers if row.subject is not None]
    content = content_hash(deployment, first.artifact_hash, first.blast_class) if given else ""
    needs_approval, struck_at = first.needs_approval, [row.invalidated_at for row in given if row.invalidated_at]
    return SignOff(
        frozenset(
            {
                folded(row.subject): row.subject
                for row in given
                if row.invalidated_at is None and row.content_hash == content
            }.values()
        ),
        deployment.kind is DeploymentKind.ROLLOUT if needs_approval is None else needs_approval,
        None if first.at is None else max([first.at, *struck_at]),
    )


def waiting(session: Session) -> list[Waiting]:
    """The live rollouts that wait for approval, the longest waiting first.

    Two queries, however many rollouts there are; neither touches devices.
    """
    live = select(Deployment).where(Deployment.state.in_(LIVE), Deployment.kind == DeploymentKind.ROLLOUT)
    rollouts = session.execute(live.execution_options(populate_existing=True)).scalars().all()
    answers = sign_offs(session, rollouts)
    asked = [
        Waiting(deployment, people, sign_off, sign_off.open_since)
        for deployment in rollouts
        if (sign_off := answers[deployment.id]).open_since is not None
        and (people := risk.most_people(Plan.from_json(deployment.plan), sign_off.needs_approval))
        > len(sign_off.approved_by)
    ]
    return sorted(asked, key=lambda each: (each.since, each.deployment.id))


def content_hash(deployment: Deployment, artifact_hash: str, blast_class: str | None) -> str:
    """The hash of what an approval applies to; the approval is valid while it does not change."""
    start = {} if deployment.starts_at is None else {"starts_at": timestamp(deployment.starts_at)}
    return evidence.digest(
        {
            **start,
            "release": deployment.release_id,
            "artifact_hash": artifact_hash,
            "plan": deployment.plan,
            "scope": deployment.scope,
            "evidence": deployment.evidence_hash,
            "blast_class": blast_class,
        }
    )


def current_content(session: Session, deployment: Deployment) -> str:
    """The deployment's current content hash."""
    artifact_hash = session.execute(
        select(Release.artifact_hash).where(Release.id == deployment.release_id)
    ).scalar_one()
    assessment = latest(session, deployment.id)
    return content_hash(deployment, artifact_hash, assessment.blast_class if assessment else None)


def invalidate(unit: Unit, deployment: Deployment, why: str) -> None:
    """Invalidate the approvals that no longer match what would be rolled out."""
    struck = unit.session.execute(
        update(Approval)
        .where(_standing(deployment.id), Approval.content_hash != current_content(unit.session, deployment))
        .values(invalidated_at=clock.now())
        .returning(Approval.subject)
    ).scalars()
    if subjects := sorted(struck):
        transitions.record(
            unit, deployment, "approval.invalidated", approvals=len(subjects), subjects=subjects, why=why
        )


def latest(session: Session, deployment_id: int) -> RiskAssessment | None:
    """The deployment's latest assessment."""
    return session.execute(
        select(RiskAssessment).where(RiskAssessment.id == _latest_id(deployment_id))
    ).scalar_one_or_none()


def has_approved(session: Session, deployment_id: int, subject: str, content: str) -> bool:
    """Whether the person has a valid approval of that content."""
    valid = select(Approval.subject).where(_standing(deployment_id), Approval.content_hash == content)
    return is_among(subject, session.execute(valid).scalars())


def require_exception(declared: RiskIn) -> None:
    """Raise CriticalVulnerability for critical vulnerabilities without an exception."""
    if declared.critical_cves and not declared.cve_exception:
        raise CriticalVulnerability(
            f"The release has {declared.critical_cves} critical vulnerabilities; fix them, or state the exception.",
            fields=[FieldError("risk.cve_exception", "must say which exception was granted, by whom and why")],
        )


def _standing(deployment_id: int) -> ColumnElement[bool]:
    return and_(
        Approval.deployment_id == deployment_id,
        Approval.answer == ApprovalAnswer.APPROVE,
        Approval.invalidated_at.is_(None),
    )


def _latest_id(deployment_id: int) -> ColumnElement[int]:
    latest_id = select(func.max(RiskAssessment.id)).where(RiskAssessment.deployment_id == deployment_id)
    return latest_id.scalar_subquery()


def history(session: Session, application_id: int, superseded: int | None = None) -> list[bool]:
    """For each past rollout of the application, latest first, whether it failed or was rolled back.

    A rollout that would be `superseded` counts as ended.
    """
    rollback = aliased(Deployment)
    rolled_back = exists().where(rollback.rolls_back == Deployment.id, rollback.state != DeploymentState.REJECTED.value)
    went_wrong = or_(Deployment.state != DeploymentState.COMPLETED, rolled_back)
    statement = (
        select(went_wrong)
        .where(
            Deployment.application_id == application_id,
            Deployment.kind == DeploymentKind.ROLLOUT,
            or_(Deployment.state.in_(ENDED), Deployment.id == superseded),
        )
        .order_by(Deployment.finished_at.desc(), Deployment.id.desc())
        .limit(risk.HISTORY)
    )
    return list(session.execute(statement).scalars())
