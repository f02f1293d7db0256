"""The rollout machine: from what a deployment looks like now to the one next step. Pure; the service carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.deployments.rules.gates import GatePolicy, Outcome, Tally, Verdict, judge, missing_report
from app.deployments.rules.states import DeploymentState, RingState


@dataclass(frozen=True)
class RingView:
    """What the machine sees of a ring."""

    state: RingState
    policy: GatePolicy
    tally: Tally
    waiting: int
    """Devices that no command holds yet."""
    covered_at: datetime | None
    sending: int = 0
    """Devices in commands that no connector has confirmed yet."""
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
    """Nothing to do and nothing to wait for: a ring failed and a person must decide, or the state is terminal."""


Step = Start | Skip | Dispatch | Soak | Pass | Fail | Wait | Stall | Complete | Rest
_OVER = (RingState.PASSED, RingState.SKIPPED, RingState.WAIVED)


def next_step(state: DeploymentState, rings: Sequence[RingView], now: datetime) -> Step:
    """The next step of a deployment. A paused one is judged, so that a breach is seen, but never moved on."""
    if state not in (DeploymentState.RUNNING, DeploymentState.PAUSED):
        return Rest()
    running = state is DeploymentState.RUNNING
    position = next((n for n, ring in enumerate(rings) if ring.state not in _OVER), None)
    if position is None:
        return Complete() if running else Rest()
    ring = rings[position]
    if ring.state is RingState.FAILED:
        return Rest()
    if ring.state is RingState.PENDING:
        if not running:
            return Rest()
        return Start(position) if ring.tally.eligible else Skip(position)
    verdict = judge(ring.policy, ring.tally, ring.covered_at, now)
    if verdict.outcome is Outcome.FAIL:
        return Fail(position, verdict)
    if ring.state is RingState.DEPLOYING and missing_report(ring.policy, ring.tally) is None:
        return Soak(position)
    if running and ring.waiting:
        return Dispatch(position)
    if verdict.outcome is Outcome.PASS and ring.sending:
        # Whoever was chosen is told before the ring is over; a command that waits for its retry is not forgotten.
        return Wait(
            position, Verdict(Outcome.WAIT, "sending", f"{ring.sending} devices are on their way to a connector")
        )
    if running and verdict.outcome is Outcome.PASS:
        return Pass(position, verdict)
    if running and ring.waiting_since is not None and now - ring.waiting_since >= ring.policy.patience:
        return Stall(position, verdict)
    return Wait(position, verdict)
