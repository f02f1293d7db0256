"""What a live deployment waits for, until when, and who can do what about it: no live deployment is without a next.

Pure: the checker of the tests walks every situation of small rings. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.deployments.rules import machine
from app.deployments.rules.durations import spell
from app.deployments.rules.states import ACTIVE, DECISIONS, STARTED, Decision, DeploymentState, PauseCode, RingState

WAIVABLE_PAUSES = frozenset({PauseCode.STALLED, PauseCode.REHEARSAL_FAILED})
"""Pauses because a ring cannot go on by itself though its gate has not failed."""


@dataclass(frozen=True)
class RingOutlook:
    """What is known of a ring: its state, the code and sentence of its latest verdict, and when its time is up."""

    state: RingState
    code: str | None = None
    reason: str | None = None
    soaks_until: datetime | None = None
    stalls_at: datetime | None = None
    """When the deployment pauses because the ring has waited too long; unset while its patience does not run."""
    promotable: bool = False
    """Whether its gate would pass if a person ended its soak now."""


@dataclass(frozen=True)
class Situation:
    """All that determines what can happen next."""

    state: DeploymentState
    rings: Sequence[RingOutlook]
    pause_code: PauseCode | None = None
    waiver_expired: bool = False
    """Whether a ring's latest waiver has expired, which keeps a paused deployment from being resumed."""
    has_started: bool = True
    """Whether it was planned; before that there is nothing to roll back."""
    is_rollback: bool = False
    is_scheduled: bool = False
    """Whether its earliest start is still to come."""
    settles_first: int | None = None
    """The superseded deployment that still has to be settled before this one is planned."""


@dataclass(frozen=True)
class Way:
    """A call with which a person can move the deployment."""

    decision: Decision
    role: str
    who: str
    effect: str


def waivable(rings: Sequence[RingState], pause_code: PauseCode | None) -> int | None:
    """The position of the ring that a person can waive: the current one, if it failed or cannot go on by itself."""
    position = machine.current(rings)
    if position is None:
        return None
    cannot_go_on = pause_code in WAIVABLE_PAUSES and rings[position] in STARTED
    return position if cannot_go_on or rings[position] is RingState.FAILED else None


def _waivable(situation: Situation) -> bool:
    states = [ring.state for ring in situation.rings]
    return situation.waiver_expired or waivable(states, situation.pause_code) is not None


def _resumable(situation: Situation) -> bool:
    return not situation.waiver_expired and all(ring.state is not RingState.FAILED for ring in situation.rings)


def _promotable(situation: Situation) -> bool:
    position = machine.current([ring.state for ring in situation.rings])
    return not situation.is_rollback and position is not None and situation.rings[position].promotable


_OTHER = "a person other than the requester"
_WAYS: Mapping[Decision, Way] = {
    way.decision: way
    for way in (
        Way(Decision.RESUME, "operator", "anyone", "dispatching continues, and waiting times start anew"),
        Way(Decision.WAIVE, "approver", _OTHER, "the ring no longer holds back the next one; resume afterwards"),
        Way(Decision.PROMOTE, "operator", _OTHER, "the soak ends, and the ring passes"),
        Way(Decision.RESCHEDULE, "operator", "anyone", "it starts at another time, or at once; it is approved again"),
        Way(Decision.PAUSE, "operator", "anyone", "nothing more is dispatched until it is resumed"),
        Way(Decision.ROLL_BACK, "operator", "anyone", "it ends, and devices return to the release they had"),
        Way(Decision.ABORT, "operator", "anyone", "it ends; devices that were not dispatched to are cancelled"),
    )
}


def ways(situation: Situation) -> list[Way]:
    """What people can do now, the most helpful first."""
    also = {
        Decision.RESUME: _resumable(situation),
        Decision.WAIVE: _waivable(situation),
        Decision.PROMOTE: _promotable(situation),
        Decision.RESCHEDULE: situation.is_scheduled,
        Decision.ROLL_BACK: situation.has_started and not situation.is_rollback,
    }
    return [
        way for decision, way in _WAYS.items() if situation.state in DECISIONS[decision] and also.get(decision, True)
    ]


@dataclass(frozen=True)
class Awaited:
    """Something that a deployment waits for; `until` is when it ends at the latest, unset if nobody knows."""

    what: str
    reason: str
    until: datetime | None = None
    then: str = ""


_BY_CODE: Mapping[str, str] = {
    "min_reported": "reports",
    "coverage": "reports",
    "target": "reports",
    "compliance": "reports",
    "returning": "reports",
    "soak": "soak",
    "rollback_validation": "rehearsal",
    "analysis": "analysis",
    "sending": "connector",
}
"""What each reason of a waiting gate waits for."""


def awaited(situation: Situation, holds: Sequence[Awaited]) -> list[Awaited]:
    """What the deployment waits for: its holds, then what its ring needs. Empty only if it has ended."""
    if situation.state is DeploymentState.PLANNING:
        return [_planning(situation.settles_first)]
    if situation.state not in ACTIVE:
        return []
    if situation.state is DeploymentState.PAUSED:
        return [Awaited("person", "it is paused: a person decides how it goes on"), *holds]
    position = machine.current([ring.state for ring in situation.rings])
    ring = None if position is None else situation.rings[position]
    if ring is not None and ring.state in STARTED and ring.code is not None:
        return [*holds, _of_ring(ring, is_held=bool(holds))]
    return list(holds) or [Awaited("tick", "its next step is due", then="it is taken within seconds")]


def _planning(settles_first: int | None) -> Awaited:
    if settles_first is None:
        return Awaited("planning", "its devices are being assigned to rings", then="the first ring starts")
    reason = f"deployment {settles_first}, which it supersedes, still has to release its devices"
    return Awaited("planning", reason, then="its own devices are assigned to rings")


def behind(queue: str, waited: float) -> Awaited:
    """What a deployment waits for if a queue that carries its work is behind."""
    reason = f"the queue `{queue}` is behind: its oldest job has waited {spell(waited)}; `flask doctor` says what to do"
    return Awaited("queue", reason, then="its jobs run in the order in which they were enqueued")


def _of_ring(ring: RingOutlook, is_held: bool) -> Awaited:
    what, reason = _BY_CODE.get(ring.code or "", "reports"), ring.reason or ""
    if what == "soak":
        return Awaited(what, reason, ring.soaks_until, "the ring passes if nothing has failed")
    if is_held or ring.stalls_at is None:
        return Awaited(what, reason)
    return Awaited(what, reason, ring.stalls_at, "the deployment pauses as stalled and asks a person")
