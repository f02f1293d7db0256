"""Events as the API shows them: one statement."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select

from app.audit.schemas import EventFilter, EventQuery
from app.db import db
from app.events.models import Event
from app.http.pagination import page, paged

COLUMNS = (Event.id, Event.at, Event.type, Event.actor, Event.deployment_id, Event.payload)
"""The fields of an event that readers see."""

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
