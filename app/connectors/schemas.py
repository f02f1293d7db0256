"""What callers send about connectors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.connectors.breaker import State

# PostgreSQL stores every character but this one.
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class BreakerIn(BaseModel):
    """A breaker opened or closed by a person, and why."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "closed"]
    reason: Sentence

    @property
    def wanted(self) -> State:
        """The state."""
        return State(self.state)
