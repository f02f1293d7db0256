"""What becomes of a person's approvals when the person loses the say in them.

The rule: they are struck and asked for again in every live rollout that has a ring which needs approvals and has not
started. Rings that have started go on, because stopping them is a decision of its own. Expired and rotated tokens
strike nothing: who approved was entitled to, and still is.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update

from app import clock
from app.db import locked
from app.deployments import transitions
from app.deployments.approval import service
from app.deployments.approval.models import Approval, ApprovalAnswer
from app.deployments.models import Deployment, Ring
from app.deployments.rules import risk
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import LIVE, DeploymentKind, DeploymentState, RingState
from app.events.unit import Unit
from app.identity.subjects import is_same
from app.queue import Job


def ask_again(unit: Unit, subject: str, why: str) -> None:
    """Strike the subject's standing approvals by the rule, and ask for them again."""
    approvals = _standing(unit, subject)
    live = select(Deployment).where(Deployment.id.in_(set(approvals.values())), Deployment.state.in_(LIVE))
    for deployment in unit.session.execute(locked(live.order_by(Deployment.id))).scalars().all():
        given = [id for id, deployment_id in approvals.items() if deployment_id == deployment.id]
        _strike(unit, deployment, given, subject, why)


def _standing(unit: Unit, subject: str) -> dict[int, int]:
    """The subject's approvals of live rollouts that are not struck, by id, and the rollout of each."""
    statement = (
        select(Approval.id, Approval.deployment_id, Approval.subject)
        .join(Deployment, Deployment.id == Approval.deployment_id)
        .where(
            Deployment.state.in_(LIVE),
            Deployment.kind == DeploymentKind.ROLLOUT,
            Approval.answer == ApprovalAnswer.APPROVE,
            Approval.invalidated_at.is_(None),
        )
    )
    return {row.id: row.deployment_id for row in unit.session.execute(statement) if is_same(row.subject, subject)}


def _strike(unit: Unit, deployment: Deployment, given: Collection[int], subject: str, why: str) -> None:
    assessment = service.latest(unit.session, deployment.id)
    needs_approval = assessment is None or assessment.needs_approval
    policies = [ring.approval for ring in Plan.from_json(deployment.plan).rings]
    # Rings start only under the lock of their deployment, which this unit has.
    rings = select(Ring.key, Ring.state).where(Ring.deployment_id == deployment.id).order_by(Ring.position)
    admits = [
        ring.key
        for ring, policy in zip(unit.session.execute(rings), policies, strict=True)
        if ring.state is RingState.PENDING and risk.people_needed(policy, needs_approval)
    ]
    if not admits:
        return
    struck = (
        update(Approval)
        .where(Approval.id.in_(given), Approval.invalidated_at.is_(None))
        .values(invalidated_at=clock.now())
        .returning(Approval.id)
    )
    approvals = len(unit.session.execute(struck).scalars().all())
    if not approvals:
        return
    deployment.version += 1
    about = {"approvals": approvals, "subjects": [subject], "rings": admits}
    transitions.record(unit, deployment, "approval.invalidated", **about, why=why)
    if assessment is not None:
        people = service.people_asked(deployment, assessment)
        blast_class = assessment.blast_class
        about = {"score": assessment.score, "blast_class": blast_class, "needs_approval": assessment.needs_approval}
        transitions.record(unit, deployment, "approval.requested", people=people, **about)
    if deployment.state is not DeploymentState.PLANNING:
        unit.enqueue(Job.ADVANCE, deployment.id)
