"""The circuit breaker's rules, pure. Standard library only.

- closed → open: after 5 faults in a row, or when half of at least 20 calls within a minute were faults
- open → half-open: after a wait that doubles from 60 s to 10 min and is never shorter than the vendor's Retry-After
- half-open → closed: after 3 successful probes, made one at a time
- half-open → open: after a failed probe

A breaker that a person opened stays open until a person closes it. A fault is a call that failed with the error class
`transient` or `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.clock import is_ahead, is_over

FAULTS_TO_OPEN = 5
CALLS_TO_JUDGE = 20
FAULTY_SHARE = 0.5
WINDOW = timedelta(seconds=60)
"""How far back calls are counted for the share of faults."""
PROBES_TO_CLOSE = 3
PROBE_LASTS = timedelta(seconds=30)
"""A probe that has not returned after this is taken for lost, and another one may be made."""
FIRST_WAIT = 60
"""Seconds that a breaker stays open the first time."""
LONGEST_WAIT = 600
"""Seconds that a breaker stays open at most, unless the vendor asks for more."""


class State(StrEnum):
    """A breaker's states, in the order of the gauge's values."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


GAUGE_VALUE = {state: number for number, state in enumerate(State)}


@dataclass(frozen=True)
class BreakerState:
    """A breaker at one moment; `failures` and `successes` are consecutive ones."""

    state: State = State.CLOSED
    failures: int = 0
    successes: int = 0
    retry_at: datetime | None = None
    """When an open breaker may be probed; None while it is open: a person opened it."""
    wait_seconds: int = FIRST_WAIT
    probe_until: datetime | None = None
    """Until when the current probe of a half-open breaker may take."""
    opened_at: datetime | None = None
    """When it last opened by itself. If that lies ahead, the clock was set back since, and the wait counts as over."""


HEALTHY = BreakerState()


@dataclass(frozen=True)
class Calls:
    """The calls of the last minute: how many returned or failed, and how many of them were faults."""

    made: int = 0
    faulty: int = 0

    @property
    def too_many_faulty(self) -> bool:
        """Whether there were enough calls to judge, and too many of them were faults."""
        return self.made >= CALLS_TO_JUDGE and self.faulty >= FAULTY_SHARE * self.made


NO_CALLS = Calls()


def before_call(breaker: BreakerState, now: datetime) -> BreakerState | None:
    """The breaker as a call begins; None if the call must not be made. Unless it is closed, the call is a probe."""
    if breaker.state is State.CLOSED:
        return breaker
    if breaker.state is State.OPEN:
        if breaker.retry_at is None or (now < breaker.retry_at and not is_ahead(breaker.opened_at, now)):
            return None
    elif breaker.probe_until is not None and not is_over(breaker.probe_until, now, PROBE_LASTS):
        return None
    successes = breaker.successes if breaker.state is State.HALF_OPEN else 0
    return replace(breaker, state=State.HALF_OPEN, successes=successes, probe_until=now + PROBE_LASTS)


def counts(begun: BreakerState, present: BreakerState) -> bool:
    """Whether a call that began under `begun` counts for the breaker as it is now.

    A call that began before the breaker opened does not count, nor does a probe that was taken for lost.
    """
    return begun.state is present.state and begun.probe_until == present.probe_until


def after_success(breaker: BreakerState) -> BreakerState:
    """The breaker after a successful call."""
    if breaker.state is State.HALF_OPEN and breaker.successes + 1 < PROBES_TO_CLOSE:
        return replace(breaker, successes=breaker.successes + 1, probe_until=None)
    return HEALTHY


def after_refusal(breaker: BreakerState) -> BreakerState:
    """The breaker after a call that the vendor rejected: as a probe it neither succeeds nor fails."""
    return replace(breaker, probe_until=None)


def after_fault(
    breaker: BreakerState, now: datetime, retry_after: float | None = None, lately: Calls = NO_CALLS
) -> BreakerState:
    """The breaker after a fault; `lately` includes this fault, `retry_after` is in seconds."""
    failures = breaker.failures + 1
    if breaker.state is State.CLOSED and failures < FAULTS_TO_OPEN and not lately.too_many_faulty:
        return replace(breaker, failures=failures)
    again = breaker.state is State.HALF_OPEN
    wait = min(breaker.wait_seconds * 2, LONGEST_WAIT) if again else breaker.wait_seconds
    pause = max(float(wait), retry_after or 0.0)
    return BreakerState(State.OPEN, failures, 0, now + timedelta(seconds=pause), wait, opened_at=now)


def by_hand(state: State) -> BreakerState:
    """The breaker that a person has opened or closed."""
    return HEALTHY if state is State.CLOSED else BreakerState(State.OPEN)


def why(before: BreakerState, after: BreakerState) -> str:
    """The reason code of a change of state that no person made."""
    if after.state is State.HALF_OPEN:
        return "wait_over"
    if after.state is State.CLOSED:
        return "probes_passed"
    if before.state is State.HALF_OPEN:
        return "probe_failed"
    return "faults_in_a_row" if after.failures >= FAULTS_TO_OPEN else "share_of_faults"
