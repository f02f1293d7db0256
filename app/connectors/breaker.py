"""The circuit breaker's rules, pure. Standard library only.

closed → open after 5 transient faults in a row; open → half-open after a wait that doubles from 60 s to 10 min and
honours the vendor's Retry-After; half-open → closed after 3 good probes, back to open after a bad one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FAULTS_TO_OPEN = 5
PROBES_TO_CLOSE = 3
FIRST_WAIT = 60
LONGEST_WAIT = 600


class State(StrEnum):
    """A breaker's states, in the order of the gauge's values."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


GAUGE_VALUE = {state: number for number, state in enumerate(State)}


@dataclass(frozen=True)
class BreakerState:
    """A breaker at one moment; `failures` and `successes` are those in a row."""

    state: State = State.CLOSED
    failures: int = 0
    successes: int = 0
    retry_at: datetime | None = None
    wait_seconds: int = FIRST_WAIT


HEALTHY = BreakerState()


def before_call(breaker: BreakerState, now: datetime) -> BreakerState | None:
    """The breaker as a call begins, or None if the call must not be made."""
    if breaker.state is not State.OPEN:
        return breaker
    if breaker.retry_at is not None and now < breaker.retry_at:
        return None
    return replace(breaker, state=State.HALF_OPEN, successes=0)


def after_success(breaker: BreakerState) -> BreakerState:
    """The breaker after a call that the connector answered."""
    if breaker.state is State.HALF_OPEN and breaker.successes + 1 < PROBES_TO_CLOSE:
        return replace(breaker, successes=breaker.successes + 1)
    return HEALTHY


def after_fault(breaker: BreakerState, now: datetime, retry_after: float | None = None) -> BreakerState:
    """The breaker after a transient fault."""
    failures = breaker.failures + 1
    if breaker.state is State.CLOSED and failures < FAULTS_TO_OPEN:
        return replace(breaker, failures=failures)
    again = breaker.state is State.HALF_OPEN
    wait = min(breaker.wait_seconds * 2, LONGEST_WAIT) if again else breaker.wait_seconds
    pause = max(float(wait), retry_after or 0.0)
    return BreakerState(State.OPEN, failures, 0, now + timedelta(seconds=pause), wait)
