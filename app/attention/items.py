"""The items of the list: their kinds in order of need, and the groups that they are counted in. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

LISTED = 20
"""Items of one kind that are listed; the others are only counted."""


class Kind(StrEnum):
    """What an item is about, in order of need: first what keeps everything from going on."""

    PROCESS = "process"
    EMERGENCY_STOP = "emergency_stop"
    INCIDENT = "incident"
    STALLED = "stalled"
    FAILED_GATE = "failed_gate"
    PAUSED = "paused"
    APPROVAL = "approval"
    BREAK_GLASS = "break_glass"
    BREAKER = "breaker"
    FREEZE = "freeze"
    LEFT_BEHIND = "left_behind"
    DRIFT = "drift"
    PLANNING = "planning"
    RUNNING = "running"


_RANK = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Turn:
    """Who can act: a role, a description of the person, and, where few people can, their names."""

    role: str
    who: str = "anyone"
    people: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """The turn as the API shows it."""
        return {"role": self.role, "who": self.who, "people": list(self.people)}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that needs a person, or that one should know of."""

    kind: Kind
    title: str
    """What it is called."""
    reason: str
    """Why it is listed, in one sentence."""
    since: datetime | None
    until: datetime | None = None
    """When it ends or goes on by itself at the latest; None if nobody knows."""
    turn: Turn | None = None
    """Whose turn it is; None if nobody has to do anything."""
    call: str | None
    """The path of the API that shows it; None if there is none."""
    page: str
    """The path of the page that shows more of it."""
    deployment_id: int | None = None
    deployment: dict[str, Any] | None = None
    """The live deployment that it is about, with its progress and its `next`."""

    def as_json(self) -> dict[str, Any]:
        """The item as the API shows it."""
        return {**vars(self), "turn": self.turn and self.turn.as_json()}


@dataclass(frozen=True)
class Listing:
    """The items of one kind: how many there are, those that are listed, and the call that lists all of them."""

    kind: Kind
    total: int
    items: Sequence[Item]
    call: str | None

    def as_json(self) -> dict[str, Any]:
        """How many there are; the items themselves are in one list with those of other kinds."""
        return {"kind": self.kind, "total": self.total, "more": self.total - len(self.items), "call": self.call}


def by_need(listings: Sequence[Listing]) -> list[Item]:
    """All listed items: first those that wait for a person, then the others; of one kind as they were listed."""
    items = [item for listing in listings for item in listing.items]
    return sorted(items, key=lambda item: (item.turn is None, _RANK[item.kind]))
