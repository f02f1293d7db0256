"""Events as the API shows them: one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.schemas import EventQuery
from app.db import db
from app.events.models import Event
from app.http.pagination import page, paged


def events(query: EventQuery) -> dict[str, Any]:
    """A page of events."""
    columns = (Event.id, Event.at, Event.type, Event.actor, Event.deployment_id, Event.payload)
    statement = paged(select(*columns), Event.id, query)
    for column in ("type", "actor", "deployment_id"):
        value = getattr(query, column)
        if value is not None:
            statement = statement.where(getattr(Event, column) == value)
    if query.since is not None:
        statement = statement.where(Event.at >= query.since)
    if query.until is not None:
        statement = statement.where(Event.at < query.until)
    return page([dict(row) for row in db.session.execute(statement).mappings()], query)
