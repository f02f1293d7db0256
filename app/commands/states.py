"""A command's states with their moves, its verbs and purposes, and why it failed. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CommandState(StrEnum):
    """States of an instruction to a connector."""

    QUEUED = "queued"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verb(StrEnum):
    """What a command asks a connector to do with a release."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


class Purpose(StrEnum):
    """What a command is for. The values are stored; a rehearsal was called a validation when they were chosen."""

    ROLLOUT = "rollout"
    REHEARSAL = "validation"
    REMEDIATION = "remediation"


class CommandFailure(StrEnum):
    """Why the last attempt failed: the vendor's error class, or a reason of our own for which it was not called."""

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
    _C.UNKNOWN: frozenset({_C.SENDING, _C.CONFIRMED, _C.RETRY_WAIT, _C.FAILED}),
    _C.CONFIRMED: frozenset(),
    _C.FAILED: frozenset(),
}

UNSENT = (CommandState.QUEUED, CommandState.SENDING, CommandState.RETRY_WAIT, CommandState.UNKNOWN)
"""States of a command that no connector has confirmed yet."""
STOPPABLE = (CommandState.QUEUED, CommandState.RETRY_WAIT)
"""States in which the vendor certainly does not have the command."""
VENDOR_FAULTS = (CommandFailure.TRANSIENT, CommandFailure.UNKNOWN)
"""Failures that speak of the vendor's health."""
NEVER_CALLED = (
    CommandFailure.BREAKER_OPEN,
    CommandFailure.NOT_RUNNING,
    CommandFailure.NO_DEVICES,
    CommandFailure.DEPLOYMENT_ENDED,
)
"""Failures without a call: they say nothing about the vendor."""
