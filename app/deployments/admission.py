"""What a requested deployment must fulfil, whether it is created or only previewed."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deployments import planning, plans
from app.deployments.approval.service import require_exception
from app.deployments.errors import EmptyScope, InvalidScope, LiveDeployment, LiveRollback, UnknownRingPlan
from app.deployments.models import Deployment
from app.deployments.rules import scope
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import DeploymentKind
from app.deployments.schemas import DeploymentIn
from app.devices.models import Device
from app.devices.service import refuse_unknown, registered
from app.errors import FieldError
from app.identity.scopes import Scopes

_NAMING = ("devices", "exclude_devices")
"""The parts of a scope that name devices."""


def plan_of(requested: DeploymentIn) -> Plan:
    """The newest version of the requested plan. Raises UnknownRingPlan."""
    plan = plans.find(requested.plan)
    if plan is None:
        raise UnknownRingPlan(f"Ring plan {requested.plan!r} does not exist; use one of {plans.names()}.")
    return plan


def require_scope(session: Session, requested: DeploymentIn, scopes: Scopes) -> None:
    """Raise InvalidScope unless the scope says clearly whom it is for, UnknownDevices for devices that it cannot name.

    A limited token cannot name devices that it does not reach.
    """
    stored = requested.scope.stored()
    if problems := scope.problems(stored):
        raise InvalidScope(
            "Select devices in `scope` by business_units, tags, site_classes or devices. To roll out to every device "
            f'on {requested.platform}, send `"scope": {{"everyone": true}}`; `exclude_tags` and `exclude_devices` '
            "leave devices out of either. Nothing was changed.",
            fields=[FieldError(f"scope.{field}", message) for field, message in problems],
        )
    named = [(f"scope.{kind}.{n}", name) for kind in _NAMING for n, name in enumerate(stored[kind])]
    known = registered(session, [name for _, name in named], scopes)
    refuse_unknown([(field, name) for field, name in named if name not in known])


def require_acceptable(session: Session, plan: Plan, requested: DeploymentIn, actor: str) -> None:
    """Raise CriticalVulnerability or UnsatisfiableApproval for what could never be rolled out."""
    require_exception(requested.risk)
    plans.require_approvers(session, plan, requested.risk.privileged_tooling, actor)


def require_supersedable(session: Session, live: Deployment, requested: DeploymentIn) -> None:
    """Raise LiveDeployment, LiveRollback or EmptyScope unless the request replaces the live deployment.

    A rollback must be named.
    """
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
    if not _has_device(session, requested):
        raise EmptyScope(
            f"No device on {requested.platform} is in this scope, so deployment {live.id} was not superseded. "
            "Check what the scope selects and what it excludes.",
            fields=[FieldError("scope", "must contain a registered device that is not retired")],
        )


def _has_device(session: Session, requested: DeploymentIn) -> bool:
    """Whether any device is in the requested scope now."""
    condition, parameters = planning.in_scope(requested.platform.value, requested.scope.stored())
    statement = f"SELECT EXISTS (SELECT 1 FROM {Device.__tablename__} AS device WHERE {condition})"
    return bool(session.execute(text(statement), parameters).scalar_one())
