"""The rollout machine: whatever a deployment looks like, its next step is one the field allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deployments.machine import (
    Complete,
    Dispatch,
    Fail,
    Pass,
    Rest,
    RingView,
    Skip,
    Soak,
    Start,
    Step,
    Wait,
    next_step,
)
from app.deployments.rules.gates import GatePolicy, Outcome, Tally, breached, judge, missing_report
from app.deployments.rules.states import DEPLOYMENT, DeploymentState, RingState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OVER = (RingState.PASSED, RingState.SKIPPED, RingState.WAIVED)
policies = st.builds(
    GatePolicy,
    target=st.sampled_from((0.0, 0.5, 0.95, 1.0)),
    min_reported=st.integers(0, 20),
    min_coverage=st.sampled_from((0.0, 0.5, 0.9, 1.0)),
    soak_seconds=st.sampled_from((0, 60)),
    error_ceiling=st.sampled_from((0.0, 0.1, 0.5)),
)
numbers = st.integers(0, 20)


@st.composite
def views(draw: st.DrawFn) -> RingView:
    counted = [draw(numbers) for _ in range(4)] if draw(st.booleans()) else [0, 0, 0, 0]
    succeeded, failed, silent, pending = counted
    return RingView(
        state=draw(st.sampled_from(RingState)),
        policy=draw(policies),
        tally=Tally(sum(counted), succeeded, failed, silent, pending),
        waiting=draw(st.integers(0, pending)),
        covered_at=draw(st.sampled_from((None, NOW, NOW - timedelta(seconds=60)))),
    )


rings_of_any_kind = st.lists(views(), max_size=6)


@given(rings_of_any_kind)
def test_a_paused_deployment_is_judged_but_never_moved_on(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.PAUSED, rings, NOW)
    assert not isinstance(step, Start | Skip | Dispatch | Pass | Complete)
    running = next_step(DeploymentState.RUNNING, rings, NOW)
    assert isinstance(step, Fail) == isinstance(running, Fail)


@given(st.sampled_from([state for state in DeploymentState if not DEPLOYMENT[state]]), rings_of_any_kind)
def test_a_deployment_that_has_ended_rests(state: DeploymentState, rings: list[RingView]) -> None:
    assert next_step(state, rings, NOW) == Rest()


@given(rings_of_any_kind)
def test_a_deployment_that_is_not_planned_rests(rings: list[RingView]) -> None:
    assert next_step(DeploymentState.PLANNING, rings, NOW) == Rest()


@given(st.sampled_from((DeploymentState.RUNNING, DeploymentState.PAUSED)), rings_of_any_kind)
def test_only_the_first_ring_that_is_not_over_is_touched(state: DeploymentState, rings: list[RingView]) -> None:
    step = next_step(state, rings, NOW)
    if isinstance(step, Complete | Rest):
        return
    assert all(ring.state in OVER for ring in rings[: step.ring])
    assert rings[step.ring].state not in OVER


@given(rings_of_any_kind)
def test_a_deployment_completes_when_every_ring_is_over_and_only_then(rings: list[RingView]) -> None:
    completed = isinstance(next_step(DeploymentState.RUNNING, rings, NOW), Complete)
    assert completed == all(ring.state in OVER for ring in rings)


@given(st.sampled_from((DeploymentState.RUNNING, DeploymentState.PAUSED)), rings_of_any_kind)
def test_a_failed_ring_waits_for_a_person(state: DeploymentState, rings: list[RingView]) -> None:
    current = next((ring for ring in rings if ring.state not in OVER), None)
    if current is not None and current.state is RingState.FAILED:
        assert next_step(state, rings, NOW) == Rest()


@given(rings_of_any_kind)
def test_each_step_has_its_grounds(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW)
    if isinstance(step, Complete | Rest):
        return
    ring = rings[step.ring]
    verdict = judge(ring.policy, ring.tally, ring.covered_at, NOW)
    match step:
        case Start():
            assert ring.state is RingState.PENDING
            assert ring.tally.eligible
        case Skip():
            assert ring.state is RingState.PENDING
            assert not ring.tally.eligible
        case Fail():
            assert breached(ring.policy, ring.tally)
            assert step.verdict == verdict
        case Soak():
            assert ring.state is RingState.DEPLOYING
            assert missing_report(ring.policy, ring.tally) is None
        case Dispatch():
            assert ring.waiting
        case Pass():
            assert verdict.outcome is Outcome.PASS
            assert step.verdict == verdict
            assert ring.state is RingState.SOAKING
            assert not ring.waiting
        case Wait():
            assert step.verdict == verdict


@given(rings_of_any_kind)
def test_an_empty_ring_is_skipped_and_never_passed(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW)
    if isinstance(step, Pass):
        assert rings[step.ring].tally.reported > 0


@given(rings_of_any_kind, st.integers(0, 5))
def test_a_machine_that_is_fed_its_own_steps_comes_to_rest(rings: list[RingView], reports: int) -> None:
    """No step leads in a circle: a tick ends, whatever a deployment looks like."""
    state, steps = DeploymentState.RUNNING, 0
    while not isinstance(step := next_step(state, rings, NOW), Wait | Rest):
        steps += 1
        assert steps <= 5 * len(rings) + reports + 2
        if isinstance(step, Complete):
            state = DeploymentState.COMPLETED
        else:
            rings = [carried_out(step, ring) if n == step.ring else ring for n, ring in enumerate(rings)]


def carried_out(step: Step, ring: RingView) -> RingView:
    match step:
        case Start():
            return replace(ring, state=RingState.DEPLOYING)
        case Skip():
            return replace(ring, state=RingState.SKIPPED)
        case Dispatch():
            return replace(ring, waiting=0)
        case Soak():
            return replace(ring, state=RingState.SOAKING, covered_at=NOW)
        case Pass():
            return replace(ring, state=RingState.PASSED)
        case Fail():
            return replace(ring, state=RingState.FAILED)
    raise AssertionError(step)


HEALTHY = RingView(
    RingState.SOAKING, GatePolicy(0.9, 5, 0.8, 60, 0.1), Tally(10, 10, 0, 0, 0), 0, NOW - timedelta(seconds=60)
)


@pytest.mark.parametrize(
    ("view", "step"),
    [
        (replace(HEALTHY, state=RingState.PENDING), Start),
        (replace(HEALTHY, state=RingState.PENDING, tally=Tally(0, 0, 0, 0, 0)), Skip),
        (replace(HEALTHY, state=RingState.DEPLOYING, tally=Tally(10, 2, 0, 0, 8), waiting=8), Dispatch),
        (replace(HEALTHY, state=RingState.DEPLOYING), Soak),
        (HEALTHY, Pass),
        (replace(HEALTHY, tally=Tally(10, 8, 2, 0, 0)), Fail),
        (replace(HEALTHY, covered_at=NOW), Wait),
        (replace(HEALTHY, state=RingState.PASSED), Complete),
        (replace(HEALTHY, state=RingState.FAILED), Rest),
    ],
)
def test_the_steps_of_one_ring(view: RingView, step: type[Step]) -> None:
    assert isinstance(next_step(DeploymentState.RUNNING, [view], NOW), step)
