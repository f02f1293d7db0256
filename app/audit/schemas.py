"""How the list of events is filtered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.http.fields import Body, Digits, Line, Moment
from app.http.pagination import PageQuery

LONGEST = 600
"""Seconds that a stream lasts."""

Type = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*\.[a-z_]+$", max_length=100)]


class EventFilter(Body):
    """Filters of events: `since` is included, `until` is not."""

    type: Type | None = None
    """Only events of this type, as `deployment.created`."""
    actor: Line | None = None
    """Only events of this subject."""
    deployment_id: Annotated[Digits, Field(ge=1, lt=2**63)] | None = None
    """Only events about this deployment."""
    since: Moment | None = None
    """Only events from this time on."""
    until: Moment | None = None
    """Only events before this time."""


class EventQuery(EventFilter, PageQuery):
    """A page of the events that match every filter."""


class StreamQuery(EventFilter):
    """The events that match every filter, from an id on, as they are committed."""

    after: Annotated[Digits, Field(ge=0, lt=2**63)] | None = None
    """Only events with a higher id; by default those that are committed from now on. 0: from the oldest event on."""
    seconds: Annotated[Digits, Field(ge=0, le=LONGEST)] = LONGEST
    """When the stream ends, so that the client connects again. 0: as soon as it has sent what there is now."""
