"""The state machine of a rollback, and what it judges. Pure; `tick.py` carries the steps out.

A way back is an emergency: a ring follows as soon as the one before is dispatched. Neither failures nor silence keep a
healthy device on a bad release; only holds stop it, and a rollback that itself breaks devices.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.deployments.rules.gates import GateInputs, GateOutcome, GatePolicy, Verdict, breached
from app.deployments.rules.machine import (
    Dispatch,
    Fail,
    Halt,
    Pass,
    Rest,
    RingView,
    Skip,
    Soak,
    Start,
    Step,
    Wait,
    ending,
    patient,
)
from app.deployments.rules.states import ACTIVE, OVER, STARTED, DeploymentState, RingState
from app.deployments.rules.tally import Tally


def judge(policy: GatePolicy, inputs: GateInputs) -> Verdict:
    """The verdict on a ring of a rollback: fail if the whole rollback breaks devices, pass once every device is heard.

    `inputs.whole` must be set.
    """
    whole, tally = inputs.whole, inputs.tally
    if whole is not None and breached(policy, whole):
        return Verdict(
            GateOutcome.FAIL,
            "error_ceiling",
            f"{whole.failed} of the rollback's {whole.eligible} devices failed to return, above the ceiling of "
            f"{policy.error_ceiling:.1%}",
        )
    back = f"{tally.succeeded} of {tally.eligible} devices are back"
    if inputs.on_the_way:
        waiting = f"{back}; {inputs.on_the_way} wait for dispatch or for their connector's confirmation"
        return Verdict(GateOutcome.WAIT, "sending", waiting)
    if tally.pending:
        return Verdict(GateOutcome.WAIT, "returning", f"{back}; {tally.pending} have not answered yet")
    left = f"; {tally.failed} failed and {tally.silent} are silent" if tally.failed or tally.silent else ""
    return Verdict(GateOutcome.PASS, "returned", back + left)


def next_step(state: DeploymentState, rings: Sequence[RingView], held: bool = False) -> Step:
    """The next step of a rollback; `held` says whether a hold blocks dispatch. A paused rollback is still evaluated."""
    if state not in ACTIVE:
        return Rest()
    running = state is DeploymentState.RUNNING
    waiting: Step | None = None
    for position, ring in enumerate(rings):
        step = _of_ring(position, ring, running, held)
        if not isinstance(step, Wait | Rest):
            return step
        if ring.state in OVER:
            continue
        waiting = waiting or step
        if ring.state not in STARTED or ring.inputs.on_the_way:
            return waiting  # the next ring follows once this one is dispatched
    return waiting or (ending(rings) if running else Rest())


def _of_ring(position: int, ring: RingView, running: bool, held: bool) -> Step:
    """What the ring can do now."""
    may_dispatch = running and not held and ring.ready > 0
    if ring.state in OVER:
        return Dispatch(position) if ring.state is RingState.WAIVED and may_dispatch else Rest()
    if ring.state is RingState.FAILED:
        return Rest()
    if running and not ring.inputs.tally.eligible:
        return Skip(position)
    if ring.state is RingState.PENDING:
        return Start(position) if running and not held else Rest()
    verdict = judge(ring.policy, ring.inputs)
    if verdict.outcome is GateOutcome.FAIL:
        return Fail(position, verdict)
    if may_dispatch:
        return Dispatch(position)
    if running and verdict.outcome is GateOutcome.PASS:
        return _over(position, ring, verdict)
    return _waiting(position, ring, verdict, running)


def _over(position: int, ring: RingView, verdict: Verdict) -> Step:
    """End the ring: every device of it has an outcome. One that no device returned in is not recorded as passed."""
    if not ring.inputs.tally.succeeded:
        return Skip(position)
    return Soak(position) if ring.state is RingState.DEPLOYING else Pass(position, verdict)


def _waiting(position: int, ring: RingView, verdict: Verdict, running: bool) -> Wait | Halt:
    """Silent devices are given up in time, so only a command that is not confirmed can keep the ring waiting."""
    if ring.inputs.on_the_way:
        return patient(position, ring, verdict, running)
    return Wait(position, verdict)


def whole(rings: Sequence[tuple[RingState, Tally]]) -> Tally:
    """The counters of the whole rollback, without the rings whose failures a person has waived."""
    counted = [tally for state, tally in rings if state is not RingState.WAIVED]
    return Tally(
        sum(tally.eligible for tally in counted),
        sum(tally.succeeded for tally in counted),
        sum(tally.failed for tally in counted),
        sum(tally.silent for tally in counted),
        sum(tally.pending for tally in counted),
    )
