"""The state machine of a rollout: from the current state to the next step. Pure; `tick.py` carries the step out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.deployments.rules.gates import (
    GateInputs,
    GateOutcome,
    GatePolicy,
    Verdict,
    judge,
    missing_report,
    nobody_to_hear,
    soak_over,
)
from app.deployments.rules.states import ACTIVE, OVER, STARTED, DeploymentState, PauseCode, RehearsalState, RingState


@dataclass(frozen=True)
class RingView:
    """What the machine sees of a ring."""

    state: RingState
    policy: GatePolicy
    inputs: GateInputs
    ready: int = 0
    """Waiting devices that may be dispatched now: within rate and concurrency, to a connector that may be called."""
    has_room: bool = True
    """Whether the ring's rate allows one more dispatch now."""
    approved: bool = True
    """Whether the ring has the approvals it needs to start."""
    rehearsal: RehearsalState | None = None
    """The state of the rollback rehearsal; unset before it and for the next try."""
    waited: timedelta | None = None
    """How long the ring could have moved and did not: without holds and soaks; unset before its start."""
    patience: timedelta = timedelta.max
    """How long it may wait before a person is asked."""


@dataclass(frozen=True)
class Start:
    """Start the ring."""

    ring: int


@dataclass(frozen=True)
class Skip:
    """Skip the ring, which has no device to hear; it is never recorded as passed."""

    ring: int


@dataclass(frozen=True)
class Dispatch:
    """Issue commands for waiting devices of the ring."""

    ring: int


@dataclass(frozen=True)
class Rehearse:
    """Roll one device of the ring back and install the release again."""

    ring: int


@dataclass(frozen=True)
class Soak:
    """Begin the soak: enough devices have reported."""

    ring: int


@dataclass(frozen=True)
class Pass:
    """Pass the ring."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Fail:
    """Fail the ring."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Wait:
    """Do nothing now, for the reason in the verdict."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Halt:
    """Pause the deployment: the ring cannot go on by itself, so a person must decide."""

    ring: int
    verdict: Verdict
    code: PauseCode


@dataclass(frozen=True)
class Complete:
    """Complete the deployment: every ring is over."""


@dataclass(frozen=True)
class Abandon:
    """End the deployment: every ring was skipped, so it reached no device."""


@dataclass(frozen=True)
class Rest:
    """Do nothing and evaluate nothing: a hold, a failed ring, a pause or the end prevents it."""


Step = Start | Skip | Dispatch | Rehearse | Soak | Pass | Fail | Wait | Halt | Complete | Abandon | Rest


def next_step(state: DeploymentState, rings: Sequence[RingView], now: datetime, held: bool = False) -> Step:
    """The next step of a rollout; `held` says whether a hold blocks dispatch.

    A paused or held deployment is still evaluated, so that a breach is noticed, but it never starts, dispatches to or
    passes a ring.
    """
    step = _of_current(state, rings, now, held)
    if state is DeploymentState.RUNNING and not held and isinstance(step, Wait | Rest | Complete | Abandon):
        for left, ring in enumerate(rings):
            if ring.state is RingState.WAIVED and ring.ready:
                return Dispatch(left)
    return step


def _of_current(state: DeploymentState, rings: Sequence[RingView], now: datetime, held: bool) -> Step:
    """The next step of the current ring, or of a deployment whose rings are all over.

    A ring that has passed fails if too many of its devices break afterwards: the later rings would only repeat it.
    """
    if state not in ACTIVE:
        return Rest()
    running = state is DeploymentState.RUNNING
    position = current([ring.state for ring in rings])
    if position is None:
        return ending(rings) if running else Rest()
    for passed, ring in enumerate(rings[:position]):
        if ring.state is RingState.PASSED:
            verdict = judge(ring.policy, ring.inputs, now)
            if verdict.outcome is GateOutcome.FAIL:
                return Fail(passed, verdict)
    ring = rings[position]
    if ring.state is RingState.FAILED:
        return Rest()
    if ring.state is RingState.PENDING:
        if running and not ring.inputs.tally.eligible:
            return Skip(position)
        return Start(position) if running and ring.approved and not held else Rest()
    return _in_progress(position, ring, now, running, held)


def _in_progress(position: int, ring: RingView, now: datetime, running: bool, held: bool) -> Step:
    """The next step of a ring that deploys or soaks."""
    verdict = judge(ring.policy, ring.inputs, now)
    if verdict.outcome is GateOutcome.FAIL:
        return Fail(position, verdict)
    if running and nobody_to_hear(ring.policy, ring.inputs.tally):
        return Skip(position)
    if ring.state is RingState.DEPLOYING and missing_report(ring.policy, ring.inputs.tally) is None:
        return Soak(position)
    if running and ring.policy.validates_rollback and ring.rehearsal is RehearsalState.FAILED:
        return Halt(position, verdict, PauseCode.REHEARSAL_FAILED)
    if running and not held:
        if ring.ready:
            return Dispatch(position)
        unproven = ring.policy.validates_rollback and ring.rehearsal is None
        if unproven and ring.inputs.tally.succeeded and ring.has_room:
            return Rehearse(position)
    if running and verdict.outcome is GateOutcome.PASS:
        return Pass(position, verdict)
    return patient(position, ring, verdict, running)


def patient(position: int, ring: RingView, verdict: Verdict, running: bool) -> Wait | Halt:
    """Wait, until a person must be asked. A soak that runs is no waiting."""
    if running and verdict.code != "soak" and ring.waited is not None and ring.waited >= ring.patience:
        return Halt(position, verdict, PauseCode.STALLED)
    return Wait(position, verdict)


def ending(rings: Sequence[RingView]) -> Complete | Abandon | Rest:
    """The end of a deployment whose rings are all over, once a waived ring's remaining devices are dispatched."""
    if any(ring.state is RingState.WAIVED and ring.inputs.on_the_way for ring in rings):
        return Rest()
    return Abandon() if all(ring.state is RingState.SKIPPED for ring in rings) else Complete()


@dataclass(frozen=True)
class Refusal:
    """Why a person cannot end the soak."""

    reason: str
    verdict: Verdict | None = None
    """The gate's verdict with the soak waived; None if no soak is left to end."""


def promotion(rings: Sequence[RingView], now: datetime) -> Pass | Refusal:
    """What follows if a person ends the current ring's soak, which waives the time and nothing else."""
    position = current([ring.state for ring in rings])
    if position is None or rings[position].state not in STARTED:
        return Refusal("no ring is deploying or soaking: the current ring has not started or has failed its gate")
    ring = rings[position]
    verdict = judge(ring.policy, replace(ring.inputs, soak_waived=True), now)
    if verdict.outcome is not GateOutcome.PASS:
        return Refusal(verdict.reason, verdict)
    # A ring that was covered since the last tick begins its soak now.
    over_at = soak_over(ring.policy, ring.inputs.soaking_since or now)
    if over_at is None or over_at <= now:
        return Refusal("its soak is over and the ring passes without a promotion")
    return Pass(position, verdict)


def is_open(ring: RingState) -> bool:
    """Whether a device can still join the ring."""
    return ring not in OVER and ring is not RingState.FAILED


def worked_on(rings: Sequence[tuple[RingState, int]], backwards: bool) -> list[int]:
    """The positions of the rings that devices may be dispatched to now, from the state of each and its waiting devices.

    These are waived rings whose remaining devices wait, and the current ring; in a rollback (`backwards`) every ring
    from the current one to the first that has not started.
    """
    position = current([state for state, _ in rings])
    left = [n for n, (state, waiting) in enumerate(rings) if state is RingState.WAIVED and waiting]
    if position is None:
        return left
    last = position
    if backwards:
        later = range(position, len(rings))
        last = next((n for n in later if rings[n][0] not in OVER | STARTED), len(rings) - 1)
    working = [n for n in range(position, last + 1) if rings[n][0] not in OVER]
    return sorted({*left, *working})


def current(rings: Sequence[RingState]) -> int | None:
    """The position of the first ring that is not over; None if all are."""
    return next((n for n, state in enumerate(rings) if state not in OVER), None)


def listening(rings: Sequence[RingState]) -> int:
    """How many rings from the first on still listen to devices that change their outcome.

    These are the rings that are not over and all before them: what breaks there tells something about what comes.
    """
    return max((n + 1 for n, state in enumerate(rings) if state not in OVER), default=0)
