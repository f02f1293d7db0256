"""The way back: whatever its neighbours do, a ring follows once the one before is dispatched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.gates import GateInputs, GatePolicy
from app.deployments.rules.machine import Complete, Dispatch, Fail, Halt, Pass, Rest, RingView, Skip, Soak, Start, Wait
from app.deployments.rules.returning import next_step, whole
from app.deployments.rules.states import DeploymentState, RingState
from app.deployments.rules.tally import Tally

POLICY = GatePolicy(target=0.99, min_reported=500, min_coverage=0.8, soak_seconds=0, error_ceiling=0.02)
RUNNING, PAUSED = DeploymentState.RUNNING, DeploymentState.PAUSED


def ring(
    state: RingState = RingState.DEPLOYING,
    succeeded: int = 0,
    failed: int = 0,
    silent: int = 0,
    pending: int = 0,
    on_the_way: int = 0,
    ready: int = 0,
) -> RingView:
    tally = Tally(succeeded + failed + silent + pending, succeeded, failed, silent, pending)
    return RingView(state, POLICY, GateInputs(tally, on_the_way=on_the_way, whole=tally), ready)


def judged_as_a_whole(*rings: RingView) -> list[RingView]:
    total = whole([(each.state, each.inputs.tally) for each in rings])
    return [replace(each, inputs=replace(each.inputs, whole=total)) for each in rings]


NEXT = ring(RingState.PENDING, pending=300)


@pytest.mark.parametrize(
    "before",
    [
        ring(pending=5),
        ring(failed=1),
        ring(succeeded=190, failed=2, silent=7, pending=1),
        ring(silent=3, pending=2),
    ],
)
def test_neither_failures_nor_silence_hold_back_the_next_ring(before: RingView) -> None:
    rings = judged_as_a_whole(before, NEXT)
    step = next_step(RUNNING, rings)
    if not before.inputs.tally.pending:  # the ring is over first
        assert isinstance(step, Skip | Soak)
        rings[0] = replace(rings[0], state=RingState.SKIPPED if isinstance(step, Skip) else RingState.PASSED)
        step = next_step(RUNNING, rings)
    assert step == Start(1)


def test_what_is_not_dispatched_yet_does() -> None:
    assert isinstance(next_step(RUNNING, judged_as_a_whole(ring(pending=5, on_the_way=5), NEXT)), Wait)
    assert next_step(RUNNING, judged_as_a_whole(ring(pending=5, on_the_way=5, ready=5), NEXT)) == Dispatch(0)


def test_a_command_that_is_never_confirmed_asks_a_person() -> None:
    stuck = replace(ring(pending=5, on_the_way=5), waited=timedelta(days=2), patience=timedelta(days=1))
    assert isinstance(next_step(RUNNING, judged_as_a_whole(stuck, NEXT)), Halt)
    silent = replace(ring(pending=5), waited=timedelta(days=2), patience=timedelta(days=1))
    assert isinstance(next_step(RUNNING, judged_as_a_whole(silent)), Wait)


def test_a_hold_stops_dispatch_and_a_pause_too() -> None:
    rings = judged_as_a_whole(ring(pending=5, on_the_way=5, ready=5), NEXT)
    assert isinstance(next_step(RUNNING, rings, held=True), Wait)
    assert isinstance(next_step(PAUSED, rings), Wait)


def test_a_rollback_that_breaks_devices_fails_as_a_whole() -> None:
    few = judged_as_a_whole(ring(RingState.PASSED, succeeded=1), ring(failed=5, pending=1), ring(pending=494))
    assert not isinstance(next_step(RUNNING, few), Fail)
    many = judged_as_a_whole(ring(failed=30, pending=1), ring(pending=470))
    assert isinstance(next_step(RUNNING, many), Fail)
    assert isinstance(next_step(PAUSED, many), Fail)
    waived = judged_as_a_whole(ring(RingState.WAIVED, failed=30, pending=1), ring(pending=470))
    assert not isinstance(next_step(RUNNING, waived), Fail)


def test_rings_end_with_the_outcome_of_their_last_device() -> None:
    done = judged_as_a_whole(ring(succeeded=3, failed=1))
    assert next_step(RUNNING, done) == Soak(0)
    soaked = [replace(done[0], state=RingState.SOAKING)]
    assert isinstance(next_step(RUNNING, soaked), Pass)
    assert isinstance(next_step(RUNNING, judged_as_a_whole(ring(silent=2))), Skip)
    assert next_step(RUNNING, [replace(done[0], state=RingState.PASSED)]) == Complete()
    assert next_step(PAUSED, [replace(done[0], state=RingState.PASSED)]) == Rest()


counts = st.integers(0, 4)
rings_of_a_rollback = st.lists(
    st.builds(
        ring,
        state=st.sampled_from(RingState),
        succeeded=counts,
        failed=counts,
        silent=counts,
        pending=counts,
        on_the_way=st.integers(0, 1),
        ready=st.integers(0, 1),
    ),
    min_size=1,
    max_size=5,
).map(lambda rings: judged_as_a_whole(*rings))


@given(rings_of_a_rollback, st.booleans())
def test_a_ring_without_a_device_back_is_never_recorded_as_passed(rings: list[RingView], held: bool) -> None:
    step = next_step(RUNNING, rings, held)
    if isinstance(step, Pass):
        assert rings[step.ring].inputs.tally.succeeded
        assert not rings[step.ring].inputs.tally.pending


@given(rings_of_a_rollback)
def test_a_held_rollback_dispatches_nothing(rings: list[RingView]) -> None:
    assert not isinstance(next_step(RUNNING, rings, held=True), Start | Dispatch)
    assert not isinstance(next_step(PAUSED, rings), Start | Dispatch | Pass | Skip | Complete | Halt)
