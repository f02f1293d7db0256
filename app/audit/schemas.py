"""How the list of events is filtered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.http.fields import Digits, Line, Moment
from app.http.pagination import PageQuery

Type = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*\.[a-z_]+$", max_length=100)]


class EventQuery(PageQuery):
    """Filters of the event list: `since` is included, `until` is not."""

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
