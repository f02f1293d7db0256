"""What callers send about connectors."""

from __future__ import annotations

from typing import Literal

from app.connectors.breaker import State
from app.http.fields import Body, Sentence


class BreakerIn(Body):
    """A breaker opened or closed by a person, and why."""

    state: Literal["open", "closed"]
    reason: Sentence

    @property
    def wanted(self) -> State:
        """The state."""
        return State(self.state)
