"""Events as the API shows them: one statement."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app.audit.schemas import EventFilter, EventQuery
from app.db import db
from app.events.models import Event
from app.http.pagination import page, paged

COLUMNS = (Event.id, Event.at, Event.type, Event.actor, Event.deployment_id, Event.payload)
"""The fields of an event that readers see."""
DECISIONS = r"^(deployment|ring|gate|approval|glass|waiver|hold|rollback)\."
"""The types of events about decisions, whoever made them."""
LOOKED_AT = 1_000
"""How many of a deployment's newest events are searched for its latest decisions."""

Events = TypeVar("Events", bound=Select[*tuple[Any, ...]])


def events(query: EventQuery) -> dict[str, Any]:
    """A page of events."""
    statement = filtered(paged(select(*COLUMNS), Event.id, query), query)
    return page([dict(row) for row in db.session.execute(statement).mappings()], query)


def filtered(statement: Events, query: EventFilter) -> Events:
    """Only the events that match; `streams.matches` says the same of one event."""
    for column in ("type", "actor", "deployment_id"):
        value = getattr(query, column)
        if value is not None:
            statement = statement.where(getattr(Event, column) == value)
    if query.since is not None:
        statement = statement.where(Event.at >= query.since)
    if query.until is not None:
        statement = statement.where(Event.at < query.until)
    return statement


def latest_decisions(session: Session, deployment_id: int, most: int) -> list[dict[str, Any]]:
    """The deployment's latest decisions, newest first; what only counts devices is left out.

    One statement, which reads no more than the deployment's newest events.
    """
    newest = select(Event).where(Event.deployment_id == deployment_id).order_by(Event.id.desc()).limit(LOOKED_AT)
    event = aliased(Event, newest.subquery())
    statement = (
        select(event.id, event.at, event.type, event.actor, event.payload)
        .where(event.type.regexp_match(DECISIONS))
        .order_by(event.id.desc())
        .limit(most)
    )
    return [dict(row) for row in session.execute(statement).mappings()]
