"""What people decide about deployments: start, pause, resume, promote, abort. Each function is one unit of work."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.deployments import plans, transitions, waivers
from app.deployments.approval import evidence
from app.deployments.approval.service import require_acceptable
from app.deployments.errors import (
    ArtifactMismatch,
    FailedGate,
    IllegalTransition,
    LiveDeployment,
    OwnPromotion,
    UnknownRingPlan,
)
from app.deployments.models import Application, Command, Deployment, Release, Ring
from app.deployments.rules.rings import CANONICAL_KEYS
from app.deployments.rules.states import DeploymentState, RingState, ValidationState
from app.deployments.schemas import DeploymentIn
from app.deployments.tick import Tick
from app.events.unit import unit_of_work
from app.metrics.catalogue import application_label
from app.queue import Job
from app.settings import load_settings


def create(actor: str, wanted: DeploymentIn) -> Deployment:
    """Start a rollout.

    Raises UnknownRingPlan, CriticalVulnerability, UnsatisfiableApproval, ArtifactMismatch, LiveDeployment.
    """
    plan = plans.find(wanted.plan)
    if plan is None:
        raise UnknownRingPlan(f"No ring plan {wanted.plan!r}; there is {plans.names()}.")
    with unit_of_work(actor) as unit:
        require_acceptable(unit.session, plan, wanted.risk, actor)
        application = _application(unit.session, wanted.application)
        release = _release(unit.session, application, wanted)
        live = transitions.live(unit.session, application.id, wanted.platform.value)
        if live is not None and not wanted.supersede:
            raise LiveDeployment(
                f"Deployment {live.id} of {wanted.application} on {wanted.platform} is live; let it end, abort it, "
                "or take its place with `supersede: true`."
            )
        if live is not None:
            transitions.supersede(unit, live)
        now = clock.now()
        proofs = wanted.evidence.model_dump(exclude_none=True)
        configured = (name.strip() for name in load_settings().metric_applications.split(","))
        deployment = Deployment(
            application_id=application.id,
            release_id=release.id,
            platform=wanted.platform.value,
            application_label=application_label(wanted.application, configured),
            plan=plan.as_json(),
            scope=wanted.scope.model_dump(mode="json"),
            declared_risk=wanted.risk.model_dump(exclude_none=True),
            evidence=proofs,
            evidence_hash=evidence.seal(release.artifact_hash, proofs),
            supersedes=live.id if live else None,
            state=DeploymentState.PLANNING,
            reason="requested",
            requested_by=actor,
            created_at=now,
            due_at=now,
        )
        unit.session.add(deployment)
        unit.session.flush()
        unit.session.add_all(
            Ring(deployment_id=deployment.id, position=n, name=ring.name, key=CANONICAL_KEYS[n])
            for n, ring in enumerate(plan.rings)
        )
        transitions.record(
            unit, deployment, "deployment.created", application=wanted.application, version=wanted.version
        )
        unit.enqueue(Job.PLAN, deployment.id)
        return deployment


def pause(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """Dispatch nothing more; what was dispatched goes on and is judged."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.pause(unit, deployment, reason or "requested")
        return deployment


def resume(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """Go on. Raises FailedGate while a failed ring stands in the way."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        now = clock.now()
        unit.session.execute(
            update(Command)
            .where(Command.deployment_id == deployment_id, Command.due_at.is_not(None))
            .values(due_at=now)
        )
        rings = transitions.locked_rings(unit.session, deployment_id)
        failed = [ring for ring in rings if ring.state is RingState.FAILED]
        if deployment.state is DeploymentState.PAUSED and failed:
            raise FailedGate(
                f"Ring {failed[0].name} failed its gate ({failed[0].verdict_reason}); "
                "another person may waive it, or abort the deployment."
            )
        waivers.require_unexpired(unit.session, deployment_id)
        paused_at = deployment.paused_at
        transitions.move(deployment, DeploymentState.RUNNING, reason or "requested")
        for ring in rings:
            transitions.count_hold(ring, paused_at, now)
            ring.waiting_since = ring.waiting_since and now  # a person has looked: the wait begins anew
            if ring.validation is ValidationState.FAILED:
                ring.validation = None  # and so do the tries
        deployment.paused_at, deployment.due_at = None, now
        transitions.record(unit, deployment, "deployment.resumed")
        unit.enqueue(Job.ADVANCE, deployment_id)
        return deployment


def promote(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """End the current ring's soak: the next ring need not wait for the time, only for everything else.

    Raises OwnPromotion for whoever asked for the deployment, IllegalTransition unless it runs, PromotionRefused,
    NothingToPromote.
    """
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require_live(deployment)
        if deployment.state is not DeploymentState.RUNNING:
            raise IllegalTransition(
                f"Deployment {deployment_id} is {deployment.state}; its rings are promoted only while it is running."
            )
        if actor == deployment.requested_by:
            raise OwnPromotion(f"{actor} asked for this deployment; another person must end its soak.")
        Tick(unit, deployment).promote(reason)
        deployment.version += 1
        return deployment


def abort(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """End it here: what was not dispatched never will be."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.end(unit, deployment, DeploymentState.ABORTED, reason or "requested")
        return deployment


def _application(session: Session, name: str) -> Application:
    session.execute(insert(Application).values(name=name).on_conflict_do_nothing())
    return session.execute(select(Application).where(Application.name == name).with_for_update()).scalar_one()


def _release(session: Session, application: Application, wanted: DeploymentIn) -> Release:
    known = {"application_id": application.id, "version": wanted.version, "platform": wanted.platform.value}
    release = session.execute(select(Release).filter_by(**known)).scalar_one_or_none()
    if release is None:
        release = Release(**known, artifact_hash=wanted.artifact_hash)
        session.add(release)
        session.flush()
    if release.artifact_hash != wanted.artifact_hash:
        raise ArtifactMismatch(
            f"{wanted.application} {wanted.version} on {wanted.platform} has {release.artifact_hash}; "
            "another artifact needs another version."
        )
    return release
