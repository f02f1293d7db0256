"""Rollbacks: a deployment of its own that returns each device to the release it had."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db import locked
from app.deployments import transitions
from app.deployments.errors import IllegalTransition, LiveDeployment, RollbackOfRollback
from app.deployments.models import Deployment
from app.deployments.rules import states
from app.deployments.rules.rings import Plan, backwards
from app.deployments.rules.states import DeploymentKind, DeploymentState
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.versions import IfMatch
from app.releases.models import Application


def request(
    actor: str, deployment_id: int, reason: str, if_match: IfMatch = None, follow_up: bool | None = None
) -> Deployment:
    """Roll a deployment back; if it is live, it ends first. `follow_up` replaces what its plan says, unless None.

    Raises NoSuchDeployment, Stale, RollbackOfRollback, IllegalTransition if it never dispatched, and LiveDeployment
    while another deployment of the application is live on the platform.
    """
    with unit_of_work(actor) as unit:
        session = unit.session
        application_id = session.execute(
            select(Deployment.application_id).where(Deployment.id == deployment_id)
        ).scalar_one_or_none()
        if application_id is not None:
            session.execute(locked(select(Application.id).where(Application.id == application_id)))
        deployment = transitions.for_decision(session, deployment_id, if_match)
        if deployment.kind is DeploymentKind.ROLLBACK:
            raise RollbackOfRollback(f"Deployment {deployment_id} is a rollback; roll the release out again instead.")
        if deployment.started_at is None:
            raise IllegalTransition(
                f"Deployment {deployment_id} is {deployment.state}; it never dispatched to a device, "
                "so there is nothing to roll back."
            )
        if deployment.state in states.LIVE:
            transitions.end(unit, deployment, DeploymentState.ABORTED, reason or "rolled_back")
            session.flush()
        live = transitions.live(session, deployment.application_id, deployment.platform)
        if live is not None:
            raise LiveDeployment(
                f"Deployment {live.id} of the same application is live on this platform; abort it or wait for its end, "
                "then request the rollback again."
            )
        return begin(unit, deployment, reason or "requested", actor, follow_up)


def begin(
    unit: Unit, deployment: Deployment, reason: str, requested_by: str = SYSTEM, follow_up: bool | None = None
) -> Deployment:
    """Create the rollback of an ended deployment, with its rings in reverse; planning finds its devices."""
    plan = backwards(Plan.from_json(deployment.plan))
    if follow_up is not None:
        plan = replace(plan, follow_up=follow_up)
    rings = transitions.locked_rings(unit.session, deployment.id)
    back = Deployment(
        application_id=deployment.application_id,
        release_id=deployment.release_id,
        platform=deployment.platform,
        application_label=deployment.application_label,
        plan=plan.as_json(),
        scope=deployment.scope,
        kind=DeploymentKind.ROLLBACK,
        rolls_back=deployment.id,
        declared_risk={},
        evidence={},
        reason=reason,
        requested_by=requested_by,
    )
    names = [(ring.name, ring.key) for ring in reversed(rings)]
    transitions.open_deployment(unit, back, names, rolls_back=deployment.id)
    return back


def is_over_early(session: Session, deployment: Deployment) -> bool:
    """Whether devices that have not begun shall not install the deployment's release any more."""
    if deployment.state in states.CUT_SHORT:
        return True
    is_back = select(exists().where(Deployment.rolls_back == deployment.id))
    return deployment.state in states.ENDED and bool(session.execute(is_back).scalar_one())
