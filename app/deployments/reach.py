"""Which deployments a limited token reaches: those of its applications, whose scope is within its business units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.db import db
from app.deployments.models import Deployment
from app.deployments.schemas import DeploymentIn
from app.errors import FieldError, OutOfScope
from app.identity.scopes import Limit, Scopes
from app.releases.models import Application

CHECKED = frozenset({Limit.APPLICATIONS, Limit.BUSINESS_UNITS})


def require(deployment_id: int, scopes: Scopes) -> None:
    """Raise OutOfScope for a deployment that the token does not reach; one that does not exist is not found later."""
    exists = select(Deployment.id).where(Deployment.id == deployment_id)
    if not scopes.limits:
        return
    within = exists.join(Application, Application.id == Deployment.application_id).where(condition(scopes))
    if db.session.execute(within).first() is None and db.session.execute(exists).first() is not None:
        raise OutOfScope(f"Deployment {deployment_id} is out of reach: this token is limited to {scopes}.")


def reached(session: Session, scopes: Scopes, deployment_ids: Collection[int]) -> frozenset[int]:
    """Those of these deployments that a token with these limits reaches."""
    statement = select(Deployment.id).join(Application, Application.id == Deployment.application_id)
    return frozenset(session.scalars(statement.where(Deployment.id.in_(deployment_ids), condition(scopes))))


def condition(scopes: Scopes) -> ColumnElement[bool]:
    """The condition of deployments, joined with their applications, that a token reaches."""
    units: ColumnElement[Any] = func.coalesce(Deployment.scope["business_units"], cast([], JSONB))
    conditions: list[ColumnElement[bool]] = [true()]
    if scopes.applications:
        conditions.append(Application.name.in_(scopes.applications))
    if scopes.business_units:
        # A scope without business units is every business unit.
        conditions += [units.contained_by(cast(list(scopes.business_units), JSONB)), units != cast([], JSONB)]
    return and_(*conditions)


def require_creation(requested: DeploymentIn, scopes: Scopes) -> None:
    """Raise OutOfScope, naming the fields, for a deployment that the token could not see afterwards."""
    of_units = _unit_problems(requested.scope.business_units, scopes)
    problems = [scopes.refusal(application=requested.application), *of_units]
    if fields := [problem for problem in problems if problem is not None]:
        raise OutOfScope(f"This token is limited to {scopes}. Nothing was changed.", fields=fields)


def _unit_problems(business_units: Sequence[str], scopes: Scopes) -> list[FieldError]:
    if not scopes.business_units:
        return []
    beyond = [unit for unit in business_units if unit not in scopes.business_units]
    if business_units and not beyond:
        return []
    message = f"must be within those of the token: {', '.join(scopes.business_units)}"
    return [FieldError("scope.business_units", message)]
