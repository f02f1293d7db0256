"""State machines as tables: a move is legal if the table has it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

AnyState = TypeVar("AnyState", bound=StrEnum)


class IllegalMove(Exception):
    """A move that the table does not have."""

    def __init__(self, source: StrEnum, target: StrEnum) -> None:
        super().__init__(f"{source.value} → {target.value}")
        self.source, self.target = source, target


def check(table: Mapping[AnyState, frozenset[AnyState]], source: AnyState, target: AnyState) -> None:
    """Raise IllegalMove, naming both states, unless the table allows the move."""
    if target not in table.get(source, frozenset()):
        raise IllegalMove(source, target)
