"""The tables of states: complete, closed, and in step with the counters."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from app import moves
from app.commands import states as command_states
from app.commands.states import CommandState
from app.deployments.rules import states
from app.deployments.rules.states import AssignmentState, DeploymentState, Group, RingState
from app.metrics import catalogue

Table = Mapping[Any, frozenset[Any]]
TABLES: dict[str, tuple[Table, type[StrEnum]]] = {
    "deployment": (states.DEPLOYMENT, DeploymentState),
    "ring": (states.RING, RingState),
    "command": (command_states.MOVES, CommandState),
}
TERMINAL: dict[str, set[Any]] = {
    "deployment": {
        DeploymentState.COMPLETED,
        DeploymentState.ABORTED,
        DeploymentState.FAILED,
        DeploymentState.REJECTED,
    },
    "ring": {RingState.WAIVED, RingState.SKIPPED},
    "command": {CommandState.CONFIRMED, CommandState.FAILED},
}
FIRST: dict[str, StrEnum] = {
    "deployment": DeploymentState.PLANNING,
    "ring": RingState.PENDING,
    "command": CommandState.QUEUED,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_has_a_row(name: str) -> None:
    table, every = TABLES[name]
    assert set(table) == set(every)


@pytest.mark.parametrize("name", TABLES)
def test_terminal_states_never_change(name: str) -> None:
    table, every = TABLES[name]
    assert {state for state, targets in table.items() if not targets} == TERMINAL[name]
    for source in TERMINAL[name]:
        for target in every:
            with pytest.raises(moves.IllegalMove):
                moves.check(table, source, target)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_and_none_moves_to_itself(name: str) -> None:
    table, every = TABLES[name]
    reached = {FIRST[name]}
    while more := {target for state in reached for target in table[state]} - reached:
        reached |= more
    assert reached == set(every)
    assert not [state for state, targets in table.items() if state in targets]


@pytest.mark.parametrize("name", TABLES)
def test_check_allows_the_table_and_nothing_else(name: str) -> None:
    table, every = TABLES[name]
    for source, target in product(every, every):
        if target in table[source]:
            moves.check(table, source, target)
            continue
        with pytest.raises(moves.IllegalMove) as refused:
            moves.check(table, source, target)
        assert source.value in str(refused.value)
        assert target.value in str(refused.value)
        assert (refused.value.source, refused.value.target) == (source, target)


def test_a_live_deployment_is_one_that_can_still_change() -> None:
    assert {state for state, targets in states.DEPLOYMENT.items() if targets} == states.LIVE


def test_every_assignment_state_counts_in_one_group() -> None:
    assert set(states.COUNTS_IN) == set(AssignmentState)
    assert set(states.COUNTS_IN.values()) == set(Group)


def test_a_device_with_an_outcome_moves_only_from_success_to_failure_and_back() -> None:
    settled = {state for state, group in states.COUNTS_IN.items() if group in (Group.SUCCEEDED, Group.FAILED)}
    assert not settled & set(states.REPORT)
    assert settled == set(states.CORRECT)
    for source, targets in states.CORRECT.items():
        assert targets == {it for it in settled if states.COUNTS_IN[it] is not states.COUNTS_IN[source]}


def test_no_report_moves_an_excluded_device() -> None:
    excluded = {state for state, group in states.COUNTS_IN.items() if group is Group.EXCLUDED}
    assert not excluded & {*states.REPORT, *states.CORRECT}


def test_a_late_report_moves_a_silent_device_to_an_outcome_only() -> None:
    outcomes = {AssignmentState.SUCCEEDED, AssignmentState.FAILED}
    for state, group in states.COUNTS_IN.items():
        if group is Group.SILENT:
            assert states.REPORT[state] == outcomes


def test_a_report_moves_to_what_a_report_may_say() -> None:
    for source, targets in states.REPORT.items():
        assert targets <= set(states.OUTCOMES)
        assert source not in targets


def test_the_moves_of_reports_keep_the_counters_in_balance() -> None:
    """From E = S + F + U + P and E + X = T, each move leads to the same equations with the same T."""
    for source, targets in (*states.REPORT.items(), *states.CORRECT.items()):
        for target in targets:
            counters = dict.fromkeys(Group, 10)
            eligible, targeted = 40, 50
            before, after = states.COUNTS_IN[source], states.COUNTS_IN[target]
            counters[before] -= 1
            counters[after] += 1
            eligible += (after is not Group.EXCLUDED) - (before is not Group.EXCLUDED)
            assert eligible == sum(counters.values()) - counters[Group.EXCLUDED]
            assert eligible + counters[Group.EXCLUDED] == targeted


def test_the_groups_are_columns_of_a_ring() -> None:
    from app.deployments.models import Ring

    assert {group.value for group in Group} <= set(Ring.__table__.columns.keys())


def test_whatever_a_report_may_say_can_be_counted() -> None:
    assert {state.value for state in states.OUTCOMES} <= set(catalogue.OUTCOMES)
