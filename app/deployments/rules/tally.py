"""A ring's counters, and the rates that follow from them; pure. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Tally:
    """A ring's counters: eligible = succeeded + failed + silent + pending (E = S + F + U + P)."""

    eligible: int
    succeeded: int
    failed: int
    silent: int
    pending: int
    dispatched: int = 0
    """Devices dispatched to a connector, without those that left the counts."""
    compliant: int = 0
    """Devices that succeeded within the limit of their site class."""

    @classmethod
    def from_json(cls, value: Mapping[str, int]) -> Tally:
        """The counters of a stored evaluation; unknown ones are ignored."""
        counters = {each.name for each in fields(cls)}
        return cls(**{name: count for name, count in value.items() if name in counters})

    @property
    def reported(self) -> int:
        """S + F."""
        return self.succeeded + self.failed

    @property
    def success_rate(self) -> float | None:
        """S / (S + F); None while no device has reported."""
        return self.succeeded / self.reported if self.reported else None

    @property
    def coverage(self) -> float:
        """(S + F) / E; 0 for an empty ring, which therefore never passes."""
        return self.reported / self.eligible if self.eligible else 0.0
