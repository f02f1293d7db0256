"""`/events`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Unpack

from client import streams
from client.session import Subject
from client.types import Event, EventFilter, Page


class Events(Subject):
    """The log of every decision, in the order of commits."""

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[EventFilter]) -> Page[Event]:
        """One page of the events that match every filter."""
        return self._session.get(Page[Event], "/events", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[EventFilter]) -> Iterator[Event]:
        """Every event that matches every filter, the oldest first. To follow the log, continue from the last id."""
        return self._session.each(Event, "/events", filters, cursor)

    def stream(
        self,
        *,
        after: int | None = None,
        type: str | None = None,
        actor: str | None = None,
        deployment_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Event]:
        """Every event that matches every filter, as it is committed, without end: each once, in order.

        `after`: only events with a higher id; by default those from now on. When the connection breaks or the API ends
        the stream, it is opened again from where it was. Raises Problem, and Unreachable once every attempt to open it
        has failed.
        """
        filters = {"type": type, "actor": actor, "deployment_id": deployment_id, "since": since, "until": until}
        return streams.events(self._session, "/events/stream", after, filters)
