"""People's decisions about deployments: create, pause, resume, promote, abort. Each is one unit of work."""

from __future__ import annotations

from sqlalchemy import update

from app import clock
from app.commands.models import Command
from app.deployments import admission, packaged, reach, starts, transitions, waivers
from app.deployments.approval import documents as documents_by_hash, evidence
from app.deployments.errors import FailedGate, OwnPromotion
from app.deployments.models import Deployment
from app.deployments.rules.ring_keys import ring_keys
from app.deployments.rules.states import Decision, DeploymentState, PauseCode, RehearsalState, RingState
from app.deployments.schemas import DeploymentIn
from app.deployments.tick import Tick
from app.events.unit import Unit, unit_of_work
from app.http.versions import IfMatch
from app.identity.scopes import UNLIMITED, Scopes
from app.identity.subjects import is_same
from app.metrics.catalogue import application_label
from app.queue import Job
from app.releases import service as releases
from app.releases.models import Application
from app.settings import load_settings


def create(actor: str, requested: DeploymentIn, scopes: Scopes = UNLIMITED) -> Deployment:
    """Create a deployment and have it planned, by a token with these limits.

    Raises OutOfScope, Invalid, InvalidScope, UnknownDevices, UnknownRingPlan, CriticalVulnerability,
    UnsatisfiableApproval, UnpackagedDevices, ArtifactMismatch, LiveDeployment, LiveRollback, EmptyScope.
    """
    plan = admission.plan_of(requested)
    reach.require_creation(requested, scopes)
    start = starts.requested(requested, clock.now())
    with unit_of_work(actor) as unit:
        admission.require_scope(unit.session, requested, scopes)
        admission.require_acceptable(unit.session, plan, requested, actor)
        scope = packaged.scope_of(unit.session, requested)
        application = releases.locked_application(unit.session, requested.application)
        release = releases.release_of(
            unit.session,
            application,
            version=requested.version,
            platform=requested.platform.value,
            artifact_hash=requested.artifact_hash,
        )
        superseded = _supersede(unit, application, requested, scopes)
        documents = requested.evidence.model_dump(exclude_none=True)
        deployment = Deployment(
            application_id=application.id,
            release_id=release.id,
            platform=requested.platform.value,
            application_label=application_label(requested.application, load_settings().applications_with_metrics),
            plan=plan.as_json(),
            scope=scope,
            declared_risk=requested.risk.model_dump(exclude_none=True),
            evidence=documents,
            evidence_hash=evidence.seal(release.artifact_hash, documents),
            supersedes=superseded,
            reason="requested",
            requested_by=actor,
            **starts.fields(start),
        )
        names = [ring.name for ring in plan.rings]
        rings = list(zip(names, ring_keys(names), strict=True))
        about = {"application": requested.application, "version": requested.version}
        transitions.open_deployment(unit, deployment, rings, **about, **starts.recorded(start))
        documents_by_hash.record(unit.session, deployment)
        packaged.keep(unit.session, deployment, release)
        return deployment


def _supersede(unit: Unit, application: Application, requested: DeploymentIn, scopes: Scopes) -> int | None:
    """End the live deployment that the requested one replaces; returns its id."""
    live = transitions.live(unit.session, application.id, requested.platform.value)
    if live is None:
        return None
    admission.require_supersedable(unit.session, live, requested)
    reach.require(live.id, scopes)
    transitions.supersede(unit, live)
    return live.id


def pause(actor: str, deployment_id: int, reason: str, if_match: IfMatch = None) -> Deployment:
    """Stop dispatching. Dispatched devices continue, and gates are still evaluated."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.PAUSE)
        transitions.pause(unit, deployment, PauseCode.REQUESTED, reason or "requested")
        return deployment


def resume(actor: str, deployment_id: int, reason: str, if_match: IfMatch = None) -> Deployment:
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


def promote(actor: str, deployment_id: int, reason: str, if_match: IfMatch = None) -> Deployment:
    """End the current ring's soak. Every other condition of its gate still applies.

    Raises OwnPromotion for the requester, IllegalTransition unless the deployment is running, PromotionRefused,
    NothingToPromote.
    """
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.PROMOTE)
        if is_same(actor, deployment.requested_by):
            raise OwnPromotion(f"{actor} requested this deployment; another person must promote it.")
        Tick(unit, deployment).promote(reason)
        deployment.version += 1
        return deployment


def abort(actor: str, deployment_id: int, reason: str, if_match: IfMatch = None) -> Deployment:
    """End the deployment; devices that were not dispatched to are cancelled."""
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.ABORT)
        transitions.end(unit, deployment, DeploymentState.ABORTED, reason or "requested")
        return deployment
