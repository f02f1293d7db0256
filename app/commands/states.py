"""A command's states and moves, its verbs and purposes, why it failed and when it is retried. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class CommandState(StrEnum):
    """The states of a command."""

    QUEUED = "queued"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verb(StrEnum):
    """What a connector does with the release."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


class Purpose(StrEnum):
    """What a command is for. The values are stored: a rehearsal used to be called a validation."""

    ROLLOUT = "rollout"
    REHEARSAL = "validation"
    REMEDIATION = "remediation"
    FOLLOW_UP = "follow_up"


class CommandFailure(StrEnum):
    """Why the last attempt failed: the vendor's error class, or why the vendor was not called."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    POLICY_VIOLATION = "policy_violation"
    UNKNOWN = "unknown"
    BREAKER_OPEN = "breaker_open"
    NOT_RUNNING = "not_running"
    NO_DEVICES = "no_devices"
    DEPLOYMENT_ENDED = "deployment_ended"


_C = CommandState
MOVES: Mapping[CommandState, frozenset[CommandState]] = {
    _C.QUEUED: frozenset({_C.SENDING, _C.FAILED}),
    _C.SENDING: frozenset({_C.CONFIRMED, _C.RETRY_WAIT, _C.FAILED, _C.UNKNOWN}),
    _C.RETRY_WAIT: frozenset({_C.SENDING, _C.FAILED}),
    # Confirmed: the call whose outcome was unknown comes back after all.
    _C.UNKNOWN: frozenset({_C.SENDING, _C.CONFIRMED}),
    _C.CONFIRMED: frozenset(),
    _C.FAILED: frozenset(),
}

UNSENT = (CommandState.QUEUED, CommandState.SENDING, CommandState.RETRY_WAIT, CommandState.UNKNOWN)
"""States of a command that no connector has confirmed yet."""
STOPPABLE = (CommandState.QUEUED, CommandState.RETRY_WAIT)
"""States of a command that no vendor has."""
VENDOR_FAULTS = (CommandFailure.TRANSIENT, CommandFailure.UNKNOWN)
"""Failures that count against the vendor in its circuit breaker."""
REFUSALS = (CommandFailure.PERMANENT, CommandFailure.POLICY_VIOLATION)
"""Failures that no retry can help."""
NEVER_CALLED = (
    CommandFailure.BREAKER_OPEN,
    CommandFailure.NOT_RUNNING,
    CommandFailure.NO_DEVICES,
    CommandFailure.DEPLOYMENT_ENDED,
)
"""Failures without a call to the vendor, which its circuit breaker ignores."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0


def retry_wait(tries: int, retry_after: float | None = None) -> timedelta:
    """How long to wait after that many tries: 1 s, doubling up to 60 s, and at least the vendor's Retry-After."""
    return timedelta(seconds=max(min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT), retry_after or 0.0))
