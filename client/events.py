"""`/events`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

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
