"""No live deployment is without a next: every situation of small rings is walked, and each names its exit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.deployments.rules import machine, returning
from app.deployments.rules.gates import GateInputs, GateOutcome, GatePolicy, judge, soak_over
from app.deployments.rules.machine import RingView
from app.deployments.rules.outlook import Awaited, RingOutlook, Situation, awaited, ways
from app.deployments.rules.states import (
    DECISIONS,
    LIVE,
    STARTED,
    Decision,
    DeploymentState,
    PauseCode,
    RehearsalState,
    RingState,
)
from app.deployments.rules.tally import Tally

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = timedelta(days=1)
POLICY = GatePolicy(
    target=0.95,
    min_reported=3,
    min_coverage=0.8,
    soak_seconds=3_600,
    error_ceiling=0.1,
    compliant_within={"online": 60},
    validates_rollback=True,
)
TALLIES = [
    Tally(sum(counts), counts[0], counts[1], counts[2], counts[3], sum(counts), compliant)
    for counts in product(range(3), repeat=4)
    if sum(counts) <= 4
    for compliant in {0, counts[0]}
]


def views() -> Iterator[RingView]:
    """Rings of up to four devices, in every state, tally, soak and stage of the rehearsal."""
    for state, tally, soaking, rehearsal in product(
        (RingState.PENDING, RingState.DEPLOYING, RingState.SOAKING, RingState.FAILED, RingState.WAIVED),
        TALLIES,
        (None, NOW, NOW - timedelta(days=1)),
        (None, *RehearsalState),
    ):
        if (soaking is None) == (state is RingState.SOAKING):
            continue
        validated = rehearsal is RehearsalState.VALIDATED
        inputs = GateInputs(tally, soaking, rollback_validated=validated)
        yield RingView(state, POLICY, inputs, rehearsal=rehearsal, waited=timedelta(0), patience=PATIENCE)


def known(view: RingView, step: machine.Step) -> RingOutlook:
    """What the API knows of the ring after this step."""
    verdict = getattr(step, "verdict", None)
    return RingOutlook(
        view.state,
        verdict and verdict.code,
        verdict and verdict.reason,
        soak_over(view.policy, view.inputs.soaking_since),
        NOW + PATIENCE,
    )


def step_of(state: DeploymentState, view: RingView, held: bool, backwards: bool) -> machine.Step:
    if not backwards:
        return machine.next_step(state, [view], NOW, held)
    whole = returning.whole([(view.state, view.inputs.tally)])
    return returning.next_step(state, [replace(view, inputs=replace(view.inputs, whole=whole))], held)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_a_running_deployment_moves_or_says_what_it_awaits_until_when(held: bool, backwards: bool) -> None:
    holds = [Awaited("freeze", "a freeze stands")] if held else []
    for view in views():
        if view.state is RingState.FAILED:
            continue  # a failed ring has paused or ended its deployment
        step = step_of(DeploymentState.RUNNING, view, held, backwards)
        situation = Situation(DeploymentState.RUNNING, [known(view, step)], is_rollback=backwards)
        told = awaited(situation, holds)
        assert told, view
        if isinstance(step, machine.Wait) and not held:
            assert told[-1].until is not None, (view, step)
            assert told[-1].reason
        if isinstance(step, machine.Rest):
            assert held, view  # at rest only while something named holds it
        assert Decision.ABORT in {way.decision for way in ways(situation)}


def test_what_waits_until_its_patience_ends_is_handed_to_a_person_who_can_move_it() -> None:
    for view in views():
        late = replace(view, waited=PATIENCE)
        step = step_of(DeploymentState.RUNNING, late, held=False, backwards=False)
        if isinstance(step, machine.Wait):
            assert step.verdict.code == "soak"
            assert soak_over(view.policy, view.inputs.soaking_since) > NOW  # type: ignore[operator]  # it soaks
        if isinstance(step, machine.Halt):
            situation = Situation(DeploymentState.PAUSED, [known(view, step)], pause_code=step.code)
            assert {Decision.WAIVE, Decision.RESUME} <= {way.decision for way in ways(situation)}


@pytest.mark.parametrize("code", PauseCode)
@pytest.mark.parametrize("expired", [False, True])
def test_a_paused_deployment_can_be_moved_on_as_well_as_ended(code: PauseCode, expired: bool) -> None:
    for state in RingState:
        if (state is RingState.FAILED) != (code is PauseCode.GATE_FAILED):
            continue
        situation = Situation(DeploymentState.PAUSED, [RingOutlook(state)], pause_code=code, waiver_expired=expired)
        open_to = {way.decision for way in ways(situation)}
        assert open_to & {Decision.RESUME, Decision.WAIVE}, (state, code)
        assert {Decision.ABORT, Decision.ROLL_BACK} <= open_to
        assert awaited(situation, [])[0].what == "person"


def test_what_no_open_device_can_bring_any_more_is_never_waited_for() -> None:
    for view in views():
        tally = view.inputs.tally
        if view.state not in STARTED or tally.pending or tally.silent or not tally.eligible:
            continue
        verdict = judge(view.policy, view.inputs, NOW)
        if verdict.outcome is GateOutcome.WAIT:
            assert verdict.code in ("soak", "rollback_validation"), (tally, verdict)


@pytest.mark.parametrize("state", DeploymentState)
def test_ways_are_those_that_the_states_allow(state: DeploymentState) -> None:
    situation = Situation(state, [RingOutlook(RingState.SOAKING)])
    assert all(state in DECISIONS[way.decision] for way in ways(situation))
    assert bool(awaited(situation, [])) == (state in LIVE)


def test_before_it_is_planned_there_is_nothing_to_roll_back() -> None:
    planning = Situation(DeploymentState.PLANNING, [RingOutlook(RingState.PENDING)], has_started=False)
    assert [way.decision for way in ways(planning)] == [Decision.ABORT]
    assert awaited(planning, [])[0].what == "planning"
