"""What came before what, whatever the machine's clock does."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime

from tests.support.database import rows

Moment = tuple[int, datetime]
"""How often the clock had been set back, and what it showed: two moments compare as they came."""


def last(table: str) -> int:
    """The highest id of the table."""
    (row,) = rows(f"SELECT coalesce(max(id), 0) AS id FROM {table}")  # a table's name from a test
    return int(row.id)


class Timeline:
    """Orders events and the simulated vendor's publications: across a step of the clock by id, else by time."""

    def __init__(self) -> None:
        self._events: list[int] = []
        self._publications: list[int] = []

    def step(self) -> None:
        """The clock is set back now."""
        self._events.append(last("events"))
        self._publications.append(last("simulated_publications"))

    def of_event(self, id: int, at: datetime) -> Moment:
        return bisect_left(self._events, id), at

    def of_publication(self, id: int, at: datetime) -> Moment:
        return bisect_left(self._publications, id), at

    def first_publication(self, moment: Moment) -> int:
        """The id after which publications belong to the same time between two steps."""
        return self._publications[moment[0] - 1] if moment[0] else 0
