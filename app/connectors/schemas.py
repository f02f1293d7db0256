"""Request bodies about connectors."""

from __future__ import annotations

from typing import Literal

from app.connectors.breaker import State
from app.http.fields import Body, Sentence, example


class BreakerIn(Body):
    """The state that a breaker is set to by hand, and why."""

    model_config = example({"state": "open", "reason": "The vendor is being upgraded."})

    state: Literal["open", "closed"]
    reason: Sentence

    @property
    def breaker_state(self) -> State:
        """The state as the breaker's rules know it."""
        return State(self.state)
