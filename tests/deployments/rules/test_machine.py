"""The rollout machine: whatever a deployment looks like, its next step is one the field allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.gates import (
    GateInputs,
    GateOutcome,
    GatePolicy,
    breached,
    judge,
    missing_report,
    nobody_to_hear,
)
from app.deployments.rules.machine import (
    Abandon,
    Complete,
    Dispatch,
    Fail,
    Halt,
    Pass,
    Refusal,
    Rehearse,
    Rest,
    RingView,
    Skip,
    Soak,
    Start,
    Step,
    Wait,
    current,
    listening,
    next_step,
    promotion,
)
from app.deployments.rules.states import DEPLOYMENT, DeploymentState, PauseCode, RehearsalState, RingState
from app.deployments.rules.tally import Tally
from app.vocabulary import Severity

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OVER = (RingState.PASSED, RingState.SKIPPED, RingState.WAIVED)
policies = st.builds(
    GatePolicy,
    target=st.sampled_from((0.0, 0.5, 0.95, 1.0)),
    min_reported=st.integers(0, 20),
    min_coverage=st.sampled_from((0.0, 0.5, 0.9, 1.0)),
    soak_seconds=st.sampled_from((0, 60)),
    error_ceiling=st.sampled_from((0.0, 0.1, 0.5)),
    compliant_within=st.sampled_from(({}, {"online": 60})),
    validates_rollback=st.booleans(),
)
numbers = st.integers(0, 20)


@st.composite
def views(draw: st.DrawFn) -> RingView:
    counted = [draw(numbers) for _ in range(4)] if draw(st.booleans()) else [0, 0, 0, 0]
    succeeded, failed, silent, pending = counted
    state = draw(st.sampled_from(RingState))
    return RingView(
        state=state,
        policy=draw(policies),
        inputs=GateInputs(
            Tally(sum(counted), succeeded, failed, silent, pending, compliant=draw(st.integers(0, succeeded))),
            draw(st.sampled_from((None, NOW, NOW - timedelta(seconds=60)))),
            incidents=draw(st.lists(st.sampled_from([severity.value for severity in Severity]), max_size=2)),
            rollback_validated=draw(st.booleans()),
            on_the_way=draw(st.integers(0, pending)),
            has_passed=state is RingState.PASSED,
        ),
        ready=draw(st.integers(0, pending)),
        approved=draw(st.booleans()),
        rehearsal=draw(st.sampled_from((None, *RehearsalState))),
        waited=draw(st.sampled_from((None, timedelta(0), timedelta(days=2)))),
        patience=timedelta(days=1),
    )


rings_of_any_kind = st.lists(views(), max_size=6)


@given(rings_of_any_kind)
def test_a_paused_deployment_is_judged_but_never_moved_on(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.PAUSED, rings, NOW)
    assert not isinstance(step, Start | Skip | Dispatch | Rehearse | Pass | Halt | Complete | Abandon)
    running = next_step(DeploymentState.RUNNING, rings, NOW)
    assert isinstance(step, Fail) == isinstance(running, Fail)


@given(rings_of_any_kind)
def test_a_held_deployment_is_judged_but_tells_nobody_anything(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW, held=True)
    assert not isinstance(step, Start | Dispatch | Rehearse)
    free = next_step(DeploymentState.RUNNING, rings, NOW)
    assert isinstance(step, Fail) == isinstance(free, Fail)


@given(rings_of_any_kind)
def test_a_ring_starts_only_after_sign_off(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW)
    if isinstance(step, Start):
        assert rings[step.ring].approved


@given(st.sampled_from([state for state in DeploymentState if not DEPLOYMENT[state]]), rings_of_any_kind)
def test_a_deployment_that_has_ended_rests(state: DeploymentState, rings: list[RingView]) -> None:
    assert next_step(state, rings, NOW) == Rest()


@given(rings_of_any_kind)
def test_a_deployment_that_is_not_planned_rests(rings: list[RingView]) -> None:
    assert next_step(DeploymentState.PLANNING, rings, NOW) == Rest()


@given(st.sampled_from((DeploymentState.RUNNING, DeploymentState.PAUSED)), rings_of_any_kind)
def test_only_the_first_ring_that_is_not_over_is_touched(state: DeploymentState, rings: list[RingView]) -> None:
    step = next_step(state, rings, NOW)
    if isinstance(step, Complete | Abandon | Rest):
        return
    if isinstance(step, Fail) and rings[step.ring].state is RingState.PASSED:
        assert any(ring.state not in OVER for ring in rings[step.ring :])
        return  # it broke afterwards
    if isinstance(step, Dispatch) and rings[step.ring].state is RingState.WAIVED:
        return  # the rest of a waived ring
    assert all(ring.state in OVER for ring in rings[: step.ring])
    assert rings[step.ring].state not in OVER


@given(rings_of_any_kind)
def test_a_deployment_completes_when_every_ring_is_over_and_only_then(rings: list[RingView]) -> None:
    ended = isinstance(next_step(DeploymentState.RUNNING, rings, NOW), Complete | Abandon)
    left = any(ring.state is RingState.WAIVED and (ring.ready or ring.inputs.on_the_way) for ring in rings)
    assert ended == (all(ring.state in OVER for ring in rings) and not left)


@given(rings_of_any_kind)
def test_no_deployment_completes_that_reached_nobody(rings: list[RingView]) -> None:
    if isinstance(next_step(DeploymentState.RUNNING, rings, NOW), Complete):
        assert any(ring.state in (RingState.PASSED, RingState.WAIVED) for ring in rings)


@given(st.sampled_from((DeploymentState.RUNNING, DeploymentState.PAUSED)), rings_of_any_kind)
def test_a_failed_ring_waits_for_a_person(state: DeploymentState, rings: list[RingView]) -> None:
    current = next((ring for ring in rings if ring.state not in OVER), None)
    if current is not None and current.state is RingState.FAILED:
        step = next_step(state, rings, NOW)
        broke = isinstance(step, Fail) and rings[step.ring].state is RingState.PASSED
        assert broke or isinstance(step, Rest | Dispatch)


def passed(failed: int, **inputs: Any) -> RingView:
    policy = GatePolicy(target=0.95, min_reported=1, min_coverage=0.9, soak_seconds=0, error_ceiling=0.1)
    return RingView(
        RingState.PASSED, policy, GateInputs(Tally(40, 40 - failed, failed, 0, 0), **inputs, has_passed=True)
    )


@pytest.mark.parametrize("state", [RingState.PENDING, RingState.DEPLOYING, RingState.SOAKING])
def test_a_ring_that_breaks_after_it_passed_fails_as_long_as_a_later_one_is_open(state: RingState) -> None:
    later = replace(passed(0), state=state)
    for running in (DeploymentState.RUNNING, DeploymentState.PAUSED):
        assert not isinstance(next_step(running, [passed(4), later], NOW), Fail)
        step = next_step(running, [passed(5), later], NOW)
        assert isinstance(step, Fail)
        assert step.ring == 0
    assert next_step(DeploymentState.RUNNING, [passed(5), passed(0)], NOW) == Complete()


def test_only_its_devices_fail_a_ring_that_has_passed() -> None:
    later = replace(passed(0), state=RingState.PENDING)
    alarmed = passed(0, incidents=("P0",))
    assert next_step(DeploymentState.RUNNING, [alarmed, later], NOW) == Start(1)


@given(st.lists(st.sampled_from(RingState), max_size=6))
def test_a_ring_listens_until_it_and_all_after_it_are_over(rings: list[RingState]) -> None:
    listens = [any(state not in OVER for state in rings[n:]) for n in range(len(rings))]
    assert [n < listening(rings) for n in range(len(rings))] == listens


@given(rings_of_any_kind)
def test_each_step_has_its_grounds(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW)
    if isinstance(step, Complete | Abandon | Rest):
        return
    ring = rings[step.ring]
    if ring.state is RingState.WAIVED:
        assert isinstance(step, Dispatch)
        assert ring.ready
        return
    verdict = judge(ring.policy, ring.inputs, NOW)
    match step:
        case Start():
            assert ring.state is RingState.PENDING
            assert ring.inputs.tally.eligible
        case Skip():
            assert nobody_to_hear(ring.policy, ring.inputs.tally)
        case Fail():
            codes = ("sequential_test", "incident", "out_of_reach")
            assert breached(ring.policy, ring.inputs.tally) or verdict.code in codes
            assert step.verdict == verdict
        case Soak():
            assert ring.state is RingState.DEPLOYING
            assert missing_report(ring.policy, ring.inputs.tally) is None
        case Dispatch():
            assert ring.ready
        case Pass():
            assert verdict.outcome is GateOutcome.PASS
            assert step.verdict == verdict
            assert ring.state is RingState.SOAKING
            assert not ring.ready
            assert not ring.inputs.on_the_way
        case Rehearse():
            assert ring.policy.validates_rollback
            assert ring.inputs.tally.succeeded
            assert ring.rehearsal is None
        case Halt(code=PauseCode.REHEARSAL_FAILED):
            assert ring.rehearsal is RehearsalState.FAILED
        case Halt():
            assert ring.waited is not None
            assert ring.waited >= ring.patience
            assert verdict.code != "soak"
        case Wait():
            assert step.verdict == verdict


@given(rings_of_any_kind)
def test_an_empty_ring_is_skipped_and_never_passed(rings: list[RingView]) -> None:
    step = next_step(DeploymentState.RUNNING, rings, NOW)
    if isinstance(step, Pass):
        assert rings[step.ring].inputs.tally.reported > 0


@given(rings_of_any_kind, st.integers(0, 5))
def test_a_machine_that_is_fed_its_own_steps_comes_to_rest(rings: list[RingView], reports: int) -> None:
    """No step leads in a circle: a tick ends, whatever a deployment looks like."""
    state, steps = DeploymentState.RUNNING, 0
    while not isinstance(step := next_step(state, rings, NOW), Wait | Halt | Rest):
        steps += 1
        assert steps <= 6 * len(rings) + reports + 2
        if isinstance(step, Complete | Abandon):
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
            return replace(ring, ready=0)
        case Rehearse():
            return replace(ring, rehearsal=RehearsalState.WITHDRAWING)
        case Soak():
            return replace(ring, state=RingState.SOAKING, inputs=replace(ring.inputs, soaking_since=NOW))
        case Pass():
            return replace(ring, state=RingState.PASSED)
        case Fail():
            return replace(ring, state=RingState.FAILED)
    raise AssertionError(step)


HEALTHY = RingView(
    RingState.SOAKING,
    GatePolicy(target=0.9, min_reported=5, min_coverage=0.8, soak_seconds=60, error_ceiling=0.1),
    GateInputs(Tally(10, 10, 0, 0, 0, compliant=10), NOW - timedelta(seconds=60)),
)


def having(**inputs: Any) -> RingView:
    return replace(HEALTHY, inputs=replace(HEALTHY.inputs, **inputs))


@pytest.mark.parametrize(
    ("view", "step"),
    [
        (replace(HEALTHY, state=RingState.PENDING), Start),
        (replace(HEALTHY, state=RingState.PENDING, approved=False), Rest),
        (replace(having(tally=Tally(0, 0, 0, 0, 0)), state=RingState.PENDING), Skip),
        (replace(having(tally=Tally(0, 0, 0, 0, 0)), state=RingState.DEPLOYING), Skip),
        (having(tally=Tally(0, 0, 0, 0, 0)), Skip),
        (having(tally=Tally(1, 0, 0, 1, 0)), Skip),
        (having(tally=Tally(3, 0, 0, 3, 0)), Wait),
        (replace(having(tally=Tally(10, 2, 0, 0, 8, 0, 2)), state=RingState.DEPLOYING, ready=8), Dispatch),
        (replace(HEALTHY, state=RingState.DEPLOYING), Soak),
        (HEALTHY, Pass),
        (having(tally=Tally(10, 7, 3, 0, 0, compliant=7)), Pass),
        (having(tally=Tally(10, 6, 4, 0, 0)), Fail),
        (having(incidents=["P1"]), Fail),
        (having(incidents=["P2", "P3"]), Pass),
        (having(soaking_since=NOW), Wait),
        (having(on_the_way=1), Wait),
        (replace(HEALTHY, policy=replace(HEALTHY.policy, validates_rollback=True)), Rehearse),
        (replace(having(on_the_way=1), waited=timedelta(days=2), patience=timedelta(days=1)), Halt),
        (replace(having(soaking_since=NOW), waited=timedelta(days=2), patience=timedelta(days=1)), Wait),
        (
            replace(
                HEALTHY,
                policy=replace(HEALTHY.policy, validates_rollback=True),
                rehearsal=RehearsalState.FAILED,
            ),
            Halt,
        ),
        (replace(HEALTHY, state=RingState.PASSED), Complete),
        (replace(HEALTHY, state=RingState.SKIPPED), Abandon),
        (replace(HEALTHY, state=RingState.WAIVED, ready=3), Dispatch),
        (replace(having(on_the_way=3), state=RingState.WAIVED), Rest),
        (replace(HEALTHY, state=RingState.WAIVED), Complete),
        (replace(HEALTHY, state=RingState.FAILED), Rest),
    ],
)
def test_the_steps_of_one_ring(view: RingView, step: type[Step]) -> None:
    assert isinstance(next_step(DeploymentState.RUNNING, [view], NOW), step)


@given(rings_of_any_kind)
def test_a_promotion_passes_over_nothing_but_the_time(rings: list[RingView]) -> None:
    found = promotion(rings, NOW)
    if isinstance(found, Refusal):
        assert found.verdict is None or found.verdict.outcome is not GateOutcome.PASS
        return
    ring = rings[found.ring]
    assert found.ring == current([each.state for each in rings])
    assert ring.state in (RingState.DEPLOYING, RingState.SOAKING)
    now = judge(ring.policy, ring.inputs, NOW)
    assert (now.outcome, now.code) == (GateOutcome.WAIT, "soak")
    since = ring.inputs.soaking_since or NOW
    later = judge(ring.policy, replace(ring.inputs, soaking_since=since), NOW + timedelta(days=1))
    assert later == found.verdict


@given(rings_of_any_kind)
def test_a_promotion_is_refused_where_waiting_would_not_help(rings: list[RingView]) -> None:
    position = current([ring.state for ring in rings])
    ring = None if position is None else rings[position]
    if ring is None or ring.state not in (RingState.DEPLOYING, RingState.SOAKING):
        assert isinstance(promotion(rings, NOW), Refusal)
        return
    soaked = replace(ring.inputs, soaking_since=ring.inputs.soaking_since or NOW)
    if judge(ring.policy, soaked, NOW + timedelta(days=1)).outcome is not GateOutcome.PASS:
        assert isinstance(promotion(rings, NOW), Refusal)
