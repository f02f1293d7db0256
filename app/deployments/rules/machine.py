"""The rollout machine: from what a deployment looks like now to the one next step. Pure; the service carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.deployments.rules.gates import GateInputs, GateOutcome, GatePolicy, Verdict, judge, missing_report, soak_over
from app.deployments.rules.states import ACTIVE, OVER, DeploymentState, RehearsalState, RingState


@dataclass(frozen=True)
class RingView:
    """What the machine sees of a ring."""

    state: RingState
    policy: GatePolicy
    inputs: GateInputs
    ready: int = 0
    """Waiting devices that may be told now: within rate and concurrency, by a connector that may be called."""
    has_room: bool = True
    """Whether the ring's rate lets one more device be told now."""
    approved: bool = True
    """Whether everyone who must has signed off, so that the ring may start."""
    rehearsal: RehearsalState | None = None
    """How far the rollback rehearsal has come."""
    waiting_since: datetime | None = None
    """Since when the ring waits: its start, or the last time a person let it go on."""


@dataclass(frozen=True)
class Start:
    """The ring's turn has come."""

    ring: int


@dataclass(frozen=True)
class Skip:
    """The ring has nobody in it: recorded as skipped, never as passed."""

    ring: int


@dataclass(frozen=True)
class Dispatch:
    """Devices of the ring wait for a command."""

    ring: int


@dataclass(frozen=True)
class Rehearse:
    """One device of the ring is to be rolled back and installed again."""

    ring: int


@dataclass(frozen=True)
class Soak:
    """Enough devices have reported: the soak begins."""

    ring: int


@dataclass(frozen=True)
class Pass:
    """The gate opens."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Fail:
    """The gate found evidence of failure."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Wait:
    """Nothing to do now, and why."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Stall:
    """The ring has waited too long: a person must decide."""

    ring: int
    verdict: Verdict


@dataclass(frozen=True)
class Complete:
    """No ring is left."""


@dataclass(frozen=True)
class Rest:
    """Nothing to do and nothing to judge: a hold, a failed ring or a person's pause stands in the way, or the end."""


Step = Start | Skip | Dispatch | Rehearse | Soak | Pass | Fail | Wait | Stall | Complete | Rest


def next_step(state: DeploymentState, rings: Sequence[RingView], now: datetime, held: bool = False) -> Step:
    """The next step of a deployment; `held`: a hold forbids to tell anyone anything.

    A paused or held one is judged, so that a breach is seen, but never moved on.
    """
    if state not in ACTIVE:
        return Rest()
    running = state is DeploymentState.RUNNING
    position = current([ring.state for ring in rings])
    if position is None:
        return Complete() if running else Rest()
    ring = rings[position]
    if ring.state is RingState.FAILED:
        return Rest()
    if ring.state is RingState.PENDING:
        if running and not ring.inputs.tally.eligible:
            return Skip(position)
        return Start(position) if running and ring.approved and not held else Rest()
    verdict = judge(ring.policy, ring.inputs, now)
    if verdict.outcome is GateOutcome.FAIL:
        return Fail(position, verdict)
    if ring.state is RingState.DEPLOYING and missing_report(ring.policy, ring.inputs.tally) is None:
        return Soak(position)
    if running and not held:
        if ring.ready:
            return Dispatch(position)
        unproven = ring.policy.validates_rollback and ring.rehearsal is None
        if unproven and ring.inputs.tally.succeeded and ring.has_room:
            return Rehearse(position)
    if running and verdict.outcome is GateOutcome.PASS:
        return Pass(position, verdict)
    if running and ring.waiting_since is not None and now - ring.waiting_since >= ring.policy.max_wait:
        return Stall(position, verdict)
    return Wait(position, verdict)


@dataclass(frozen=True)
class Refusal:
    """A person may not end the soak, and why."""

    reason: str
    verdict: Verdict | None = None
    """What the gate says when the waiting is left out; None where there is nothing to wait for."""


def promotion(rings: Sequence[RingView], now: datetime) -> Pass | Refusal:
    """What becomes of a person's wish to end the current ring's soak: the waiting is waived, and nothing else."""
    position = current([ring.state for ring in rings])
    if position is None or rings[position].state not in (RingState.DEPLOYING, RingState.SOAKING):
        return Refusal("no ring is deploying or soaking: the current ring has not started or has failed its gate")
    ring = rings[position]
    verdict = judge(ring.policy, replace(ring.inputs, soak_waived=True), now)
    if verdict.outcome is not GateOutcome.PASS:
        return Refusal(verdict.reason, verdict)
    # A ring that was covered a moment ago, and that no tick has seen yet, begins to soak now.
    over_at = soak_over(ring.policy, ring.inputs.soaking_since or now)
    if over_at is None or over_at <= now:
        return Refusal("its soak is over and the ring passes without a promotion")
    return Pass(position, verdict)


def is_open(ring: RingState) -> bool:
    """Whether a device may still come into the ring."""
    return ring not in OVER and ring is not RingState.FAILED


def current(rings: Sequence[RingState]) -> int | None:
    """The position of the first ring that is not over; None when all are."""
    return next((n for n, state in enumerate(rings) if state not in OVER), None)
