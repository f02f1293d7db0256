"""People's decisions about deployments: create, pause, resume, promote, abort. Each is one unit of work."""

from __future__ import annotations

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app import clock
from app.commands.models import Command
from app.deployments import planning, plans, transitions, waivers
from app.deployments.approval import evidence
from app.deployments.approval.service import require_exception
from app.deployments.errors import (
    EmptyScope,
    FailedGate,
    LiveDeployment,
    LiveRollback,
    OwnPromotion,
    UnknownRingPlan,
)
from app.deployments.models import Deployment
from app.deployments.rules.ring_keys import ring_keys
from app.deployments.rules.states import Decision, DeploymentKind, DeploymentState, PauseCode, RehearsalState, RingState
from app.deployments.schemas import DeploymentIn
from app.deployments.tick import Tick
from app.devices.models import Device
from app.errors import FieldError
from app.events.unit import Unit, unit_of_work
from app.metrics.catalogue import application_label
from app.queue import Job
from app.releases import service as releases
from app.releases.models import Application
from app.settings import load_settings


def create(actor: str, requested: DeploymentIn) -> Deployment:
    """Create a deployment and have it planned.

    Raises UnknownRingPlan, CriticalVulnerability, UnsatisfiableApproval, ArtifactMismatch, LiveDeployment,
    LiveRollback, EmptyScope.
    """
    plan = plans.find(requested.plan)
    if plan is None:
        raise UnknownRingPlan(f"Ring plan {requested.plan!r} does not exist; use one of {plans.names()}.")
    with unit_of_work(actor) as unit:
        require_exception(requested.risk)
        plans.require_approvers(unit.session, plan, requested.risk.privileged_tooling, actor)
        application = releases.locked_application(unit.session, requested.application)
        release = releases.release_of(
            unit.session,
            application,
            version=requested.version,
            platform=requested.platform.value,
            artifact_hash=requested.artifact_hash,
        )
        superseded = _supersede(unit, application, requested)
        documents = requested.evidence.model_dump(exclude_none=True)
        configured = (name.strip() for name in load_settings().metric_applications.split(","))
        deployment = Deployment(
            application_id=application.id,
            release_id=release.id,
            platform=requested.platform.value,
            application_label=application_label(requested.application, configured),
            plan=plan.as_json(),
            scope=requested.scope.model_dump(mode="json"),
            declared_risk=requested.risk.model_dump(exclude_none=True),
            evidence=documents,
            evidence_hash=evidence.seal(release.artifact_hash, documents),
            supersedes=superseded,
            reason="requested",
            requested_by=actor,
        )
        names = [ring.name for ring in plan.rings]
        rings = list(zip(names, ring_keys(names), strict=True))
        transitions.open_deployment(
            unit, deployment, rings, application=requested.application, version=requested.version
        )
        return deployment


def _supersede(unit: Unit, application: Application, requested: DeploymentIn) -> int | None:
    """End the live deployment that the requested one replaces; returns its id. A rollback must be named.

    Raises LiveDeployment, LiveRollback, EmptyScope.
    """
    live = transitions.live(unit.session, application.id, requested.platform.value)
    if live is None:
        return None
    is_rollback = live.kind is DeploymentKind.ROLLBACK
    if is_rollback and requested.supersede and requested.supersedes_rollback != live.id:
        raise LiveRollback(
            f"Deployment {live.id} is rolling {requested.application} on {requested.platform} back. Wait for its end. "
            f"To leave the devices that it has not reached on their release, send `supersedes_rollback: {live.id}`.",
            fields=[FieldError("supersedes_rollback", f"must be {live.id}, the id of the live rollback")],
        )
    if not requested.supersede and not (is_rollback and requested.supersedes_rollback == live.id):
        instead = f"supersedes_rollback: {live.id}" if is_rollback else "supersede: true"
        raise LiveDeployment(
            f"Deployment {live.id} of {requested.application} on {requested.platform} is live; wait for its end, "
            f"abort it, or replace it with `{instead}`."
        )
    if not _has_device(unit.session, requested):
        raise EmptyScope(
            f"No device on {requested.platform} is in this scope, so deployment {live.id} was not superseded. "
            "Check the scope's business_units, tags and site_classes.",
            fields=[FieldError("scope", "must contain a registered device that is not retired")],
        )
    transitions.supersede(unit, live)
    return live.id


def _has_device(session: Session, requested: DeploymentIn) -> bool:
    """Whether any device is in the requested scope now."""
    condition, parameters = planning.in_scope(requested.platform.value, requested.scope.model_dump(mode="json"))
    statement = f"SELECT EXISTS (SELECT 1 FROM {Device.__tablename__} AS device WHERE {condition})"
    return bool(session.execute(text(statement), parameters).scalar_one())


def pause(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """Stop dispatching. Dispatched devices continue, and gates are still evaluated."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.PAUSE)
        transitions.pause(unit, deployment, PauseCode.REQUESTED, reason or "requested")
        return deployment


def resume(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """Resume a paused deployment. Raises FailedGate while a ring is failed, WaiverExpired, IllegalTransition."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.RESUME)
        now = clock.now()
        unit.session.execute(
            update(Command)
            .where(Command.deployment_id == deployment_id, Command.due_at.is_not(None))
            .values(due_at=now)
        )
        rings = transitions.locked_rings(unit.session, deployment_id)
        failed = [ring for ring in rings if ring.state is RingState.FAILED]
        if failed:
            raise FailedGate(
                f"Ring {failed[0].name} failed its gate ({failed[0].verdict_reason}); "
                "have another person waive the gate, or abort the deployment."
            )
        waivers.require_unexpired(unit.session, deployment_id)
        paused_at = deployment.paused_at
        transitions.move(deployment, DeploymentState.RUNNING, reason or "requested")
        for ring in rings:
            ring.count_pause(paused_at, now)
            if ring.waiting_since is not None:
                ring.wait_anew(now)
            if ring.rehearsal is RehearsalState.FAILED:
                ring.rehearsal = None  # and so do its tries
        deployment.paused_at, deployment.due_at = None, now
        transitions.record(unit, deployment, "deployment.resumed")
        unit.enqueue(Job.ADVANCE, deployment_id)
        return deployment


def promote(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """End the current ring's soak. Every other condition of its gate still applies.

    Raises OwnPromotion for the requester, IllegalTransition unless the deployment is running, PromotionRefused,
    NothingToPromote.
    """
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.PROMOTE)
        if actor == deployment.requested_by:
            raise OwnPromotion(f"{actor} requested this deployment; another person must promote it.")
        Tick(unit, deployment).promote(reason)
        deployment.version += 1
        return deployment


def abort(actor: str, deployment_id: int, reason: str, if_match: int | None = None) -> Deployment:
    """End the deployment; devices that were not dispatched to are cancelled."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.ABORT)
        transitions.end(unit, deployment, DeploymentState.ABORTED, reason or "requested")
        return deployment
