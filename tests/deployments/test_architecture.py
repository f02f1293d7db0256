"""docs/architecture.md names the states, the moves and the functions of the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.commands import states as command_states
from app.connectors import breaker
from app.deployments.rules import states
from app.deployments.rules.states import AssignmentState
from app.drift.models import FindingState

TEXT = Path("docs/architecture.md").read_text()
TABLES: Mapping[str, Mapping[Any, frozenset[Any]]] = {
    "deployment": states.DEPLOYMENT,
    "ring": states.RING,
    "command": command_states.MOVES,
}
STATES: Mapping[str, type[StrEnum]] = {
    "assignment": AssignmentState,
    "breaker": type(breaker.HEALTHY.state),
    "finding": FindingState,
}
NEW = "new"

Moves = set[tuple[str, str]]


class Row(NamedTuple):
    """One row of the table "Who moves what"."""

    subject: str
    moves: Moves
    function: str


def table() -> list[Row]:
    """The rows; an empty first cell repeats the one above."""
    section = TEXT.split("### Who moves what")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    found: list[Row] = []
    for line in lines:
        subject, sources, targets, function, _ = (cell.strip() for cell in line.strip("|").split("|"))
        moves = {(a, b) for a in names(sources) for b in names(targets)}
        found.append(Row(subject or found[-1].subject, moves, function.strip("`")))
    return found


def names(cell: str) -> list[str]:
    """The states that a cell names."""
    return [NEW] if cell == NEW else re.findall(r"`(\w+)`", cell)


def moves_of(subject: str, function: str = "") -> Moves:
    """The moves of one subject between two states, perhaps by one function only."""
    return {
        move
        for row in table()
        for move in row.moves
        if row.subject == subject and function in ("", row.function) and move[0] != NEW
    }


def diagram(state: str) -> Moves:
    """The moves in the diagram that begins with this state."""
    block = next(part for part in TEXT.split("```") if f"[*] --> {state}\n" in part)
    return set(re.findall(r"^ +(\w+) --> (\w+)", block, re.MULTILINE))


@pytest.mark.parametrize("subject", TABLES)
def test_the_table_has_the_moves_of_the_code(subject: str) -> None:
    allowed = {(source.value, target.value) for source, targets in TABLES[subject].items() for target in targets}
    assert moves_of(subject) == allowed


@pytest.mark.parametrize("subject", [*TABLES, *STATES])
def test_the_table_has_every_state_and_no_other(subject: str) -> None:
    every = STATES.get(subject) or list(TABLES[subject])
    rows = [row for row in table() if row.subject == subject]
    assert {state for row in rows for move in row.moves for state in move} - {NEW} == {state.value for state in every}
    first = {target for row in rows for source, target in row.moves if source == NEW}
    assert first or subject == "breaker"  # every connector has a breaker from the start


def test_the_table_has_the_moves_of_assignments() -> None:
    tables = (*states.REPORT.items(), *states.CORRECT.items())
    reported = {(source.value, target.value) for source, targets in tables for target in targets}
    assert moves_of("assignment", "deployments.reports.ingest") == reported
    given_up = {(source.value, target.value) for source, target in states.GIVE_UP.items()}
    assert moves_of("assignment", "deployments.silence.give_up") == given_up
    retired = {(state.value, "retired") for state in states.LEAVABLE}
    assert moves_of("assignment", "deployments.membership.retire") == retired


def test_the_diagrams_have_the_moves_of_the_code() -> None:
    assert diagram("planning") == moves_of("deployment")
    assert diagram("pending") == moves_of("ring")


def test_the_functions_exist() -> None:
    for function in {row.function for row in table()}:
        module, name = re.fullmatch(r"([a-z_.]+)\.((?:[A-Z]\w*\.)?\w+)", function).groups()  # type: ignore[union-attr]
        assert callable(attrgetter(name)(import_module(f"app.{module}"))), function


def test_the_files_exist() -> None:
    section = TEXT.split("### Where each step is implemented")[1].split("### Who moves what")[0]
    of_steps = [f"app/{name}" for name in re.findall(r"`([\w/]+(?:\.py|/))`", section) if name != "app/"]
    named = re.findall(r"`((?:app|workers|tests)/[\w/]+(?:\.py|/))`", TEXT)
    assert len(of_steps) > 20
    assert [name for name in (*of_steps, *named) if not Path(name).exists()] == []
