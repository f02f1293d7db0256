"""A deployment's part of the log: its own events, incidents about it among them, and those of freezes that touch it.

A freeze or an emergency stop is one decision about many deployments, so the log has it once, without a deployment. It
touches a deployment if it is for its application or for all, and was in the log before the deployment's end and not
over at its creation. What happens to it after that end is no longer about the deployment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, cast, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.controls.models import Freeze
from app.db import db
from app.deployments.errors import NoSuchDeployment
from app.deployments.models import Deployment
from app.events.models import OF_FREEZES, Event
from app.http.pagination import Order, PageQuery, page, paged
from app.releases.models import Application

DECISIONS = r"^(deployment|ring|gate|approval|glass|waiver|hold|rollback|incident|freeze|emergency_stop)\."
"""The types of events about decisions, whoever made them."""
LOOKED_AT = 1_000
"""How many of a deployment's newest events are searched for its latest decisions."""

Columns = Sequence[InstrumentedAttribute[Any]]
_SHOWN = (Event.id, Event.at, Event.type, Event.actor, Event.deployment_id, Event.payload)
_HASHED = (Event.id, Event.at, Event.type, Event.actor, Event.payload, Event.previous_hash, Event.hash)


def events(deployment_id: int, query: PageQuery) -> dict[str, Any]:
    """A page of the deployment's part of the log. Raises NoSuchDeployment."""
    if db.session.execute(select(Deployment.id).where(Deployment.id == deployment_id)).first() is None:
        raise NoSuchDeployment(deployment_id)
    parts = [paged(part, Event.id, query) for part in (_own(_SHOWN, deployment_id), _freezes(_SHOWN, deployment_id))]
    merged = union_all(*parts).subquery()
    order = merged.c.id.desc() if query.order is Order.NEWEST else merged.c.id
    statement = select(merged).order_by(order).limit(query.limit + 1)
    return page([dict(row) for row in db.session.execute(statement).mappings()], query)


def with_hashes(session: Session, deployment_id: int, without: str) -> list[dict[str, Any]]:
    """The whole part, the oldest first, each event with its hashes; events of the type `without` are left out."""
    own = _own(_HASHED, deployment_id).where(Event.type != without)
    merged = union_all(own, _freezes(_HASHED, deployment_id)).subquery()
    return [dict(row) for row in session.execute(select(merged).order_by(merged.c.id)).mappings()]


def latest_decisions(session: Session, deployment_id: int, most: int) -> list[dict[str, Any]]:
    """The latest decisions, newest first; what only counts devices is left out.

    One statement, which reads no more than the deployment's newest events.
    """
    newest = [
        part.order_by(Event.id.desc()).limit(limit)
        for part, limit in ((_own(_SHOWN, deployment_id), LOOKED_AT), (_freezes(_SHOWN, deployment_id), most))
    ]
    event = aliased(Event, union_all(*newest).subquery())
    statement = (
        select(event.id, event.at, event.type, event.actor, event.payload)
        .where(event.type.regexp_match(DECISIONS))
        .order_by(event.id.desc())
        .limit(most)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _own(columns: Columns, deployment_id: int) -> Select[*tuple[Any, ...]]:
    return select(*columns).where(Event.deployment_id == deployment_id)


def _freezes(columns: Columns, deployment_id: int) -> Select[*tuple[Any, ...]]:
    """The events of the freezes and emergency stops that touch the deployment, up to its end."""
    # Written out, so that a prepared statement can use the index of these events.
    types = bindparam("types", OF_FREEZES, Event.type.type, expanding=True, literal_execute=True)
    return (
        select(*columns)
        .join(Freeze, Freeze.id == cast(Event.payload["id"].astext, BigInteger))
        .join(Deployment, Deployment.id == deployment_id)
        .join(Application, Application.id == Deployment.application_id)
        .where(Event.type.in_(types), or_(Freeze.application.is_(None), Freeze.application == Application.name))
        .where(_was_not_over(), or_(Deployment.finished_at.is_(None), Event.at <= Deployment.finished_at))
    )


def _was_not_over() -> ColumnElement[bool]:
    """Whether a freeze was neither lifted nor over when the deployment was created."""
    return and_(
        or_(Freeze.lifted_at.is_(None), Freeze.lifted_at >= Deployment.created_at),
        or_(Freeze.ends_at.is_(None), Freeze.ends_at >= Deployment.created_at),
    )
