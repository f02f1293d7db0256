"""Holds: what blocks dispatch, computed from the current situation and never stored as a state."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.commands.models import Command
from app.commands.states import UNSENT
from app.connectors import circuits
from app.controls import stops, windows
from app.controls.models import FreezeKind
from app.controls.stops import Stop
from app.controls.windows import Window
from app.deployments.approval import break_glass, service as approval
from app.deployments.models import Deployment, Ring
from app.deployments.rules import machine, rings as ring_rules
from app.deployments.rules.analysis import AnalysisResults
from app.deployments.rules.rings import ApprovalWhen, Lot, Plan, RingPlan
from app.deployments.rules.risk import entry_met
from app.deployments.rules.schedule import Start
from app.deployments.rules.states import ACTIVE, DeploymentKind, PauseCode, RehearsalState, RingState
from app.http.serialization import timestamp
from app.releases.models import Application

A_MINUTE = timedelta(minutes=1)
CANNOT_GO_ON: Mapping[PauseCode, str] = {
    PauseCode.STALLED: "waited longer than its gate allows",
    PauseCode.REHEARSAL_FAILED: "could not roll back and install again any of the devices it tried",
}
"""What the hold `stalled` says, by the pause it stands for."""


PlannedRing: TypeAlias = tuple[Deployment, Ring, RingPlan]


@dataclass(frozen=True)
class Hold:
    """A reason why nothing is dispatched: its name, and a sentence for people."""

    name: str
    reason: str
    until: datetime | None = None
    """When it ends, if that is known."""
    then: str = ""
    """What follows then."""


def scheduled(start: Start, now: datetime) -> list[Hold]:
    """The hold of a deployment whose earliest start is still to come."""
    if start.at <= now:
        return []
    then = "the first ring starts unless something else holds it"
    return [Hold("scheduled", f"it starts at {start}", start.at, then)]


def _before_start(deployment: Deployment, now: datetime) -> list[Hold]:
    start = deployment.start
    return scheduled(start, now) if start is not None and deployment.waits_for_start(now) else []


def stopping(session: Session, deployment: Deployment, plan: Plan, now: datetime) -> list[Hold]:
    """The holds of the whole deployment. Break-glass passes a freeze; nothing passes an emergency stop."""
    application = session.get_one(Application, deployment.application_id)
    active_stops = stops.standing(session, application.name, now)
    has_freeze = any(stop.kind is FreezeKind.FREEZE for stop in active_stops)
    passes = has_freeze and break_glass.is_used(session, deployment.id, now)
    return [*_as_holds(active_stops, passes), *_outside_windows(plan, now), *_before_start(deployment, now)]


def _stopping(session: Session, plans: Mapping[Deployment, Plan], now: datetime) -> dict[int, list[Hold]]:
    """The same for several deployments."""
    of_ids = select(Application.id, Application.name).where(Application.id.in_([each.application_id for each in plans]))
    names = {row.id: row.name for row in session.execute(of_ids)} if plans else {}
    declared = stops.declared(session, now) if plans else []
    passing = break_glass.used_by(session, [each.id for each in plans], now) if declared else set()
    return {
        each.id: [
            *_as_holds(stops.blocking(declared, names[each.application_id], now), each.id in passing),
            *_outside_windows(plan, now),
            *_before_start(each, now),
        ]
        for each, plan in plans.items()
    }


def of_new(
    session: Session,
    application: str | None,
    plan: Plan,
    connectors: Collection[str],
    now: datetime,
    start: Start | None = None,
) -> list[Hold]:
    """The holds that would block a new deployment now or, if it has a start, then; apart from its approvals."""
    blocked = circuits.blocked(session, connectors, now) if connectors else {}
    begins = now if start is None else start.at
    standing = stops.standing(session, application, begins)
    waits = [] if start is None else scheduled(start, now)
    return [*waits, *_as_holds(standing), *_outside_windows(plan, begins), *_breakers(blocked)]


def _as_holds(active_stops: Sequence[Stop], passes_freezes: bool = False) -> list[Hold]:
    shown = [stop for stop in active_stops if not (passes_freezes and stop.kind is FreezeKind.FREEZE)]
    return [Hold(stop.kind.value, stop.reason) for stop in shown]


def _breakers(connectors: Collection[str]) -> list[Hold]:
    return [Hold("breaker", f"the circuit breaker of connector {name} is open") for name in sorted(connectors)]


def _outside_windows(plan: Plan, now: datetime) -> list[Hold]:
    allowed = [Window.from_json(window) for window in plan.windows]
    if not allowed or windows.is_any_open(allowed, now):
        return []
    opens = min(windows.opens_next(window, now) for window in allowed)
    return [Hold("window", f"the next dispatch window opens at {timestamp(opens)}")]


@dataclass
class Prospect:
    """What a ring's waiting devices need before they can be dispatched to."""

    approved: bool = True
    approvals: int = 0
    people: int = 0
    blocked: Mapping[str, bool] = field(default_factory=dict)
    """Connectors whose breaker is open, and whether each may be called now as a probe."""
    dispatched_lately: int = 0
    """Devices in commands that are not confirmed yet or were confirmed within the last minute."""
    analysis_results: Sequence[AnalysisResults] = ()
    """The results of the ring's metric analyses so far."""

    @property
    def closed(self) -> Collection[str]:
        """Connectors that may not be called now."""
        return {name for name, may_be_tried in self.blocked.items() if not may_be_tried}

    def ready(self, ring: Ring, plan: RingPlan) -> int:
        """How many of the waiting devices may be dispatched now."""
        reachable = sum(count for key, count in ring.waiting.items() if Lot.of(key).connector not in self.closed)
        return min(reachable, self.budget(ring, plan))

    def budget(self, ring: Ring, plan: RingPlan) -> int:
        """How many the ring's rate and concurrency allow now."""
        waiting: int = sum(ring.waiting.values())
        return ring_rules.budget(plan, waiting, ring.pending, self.dispatched_lately)

    def has_room(self, plan: RingPlan) -> bool:
        """Whether the rate allows one more dispatch now."""
        return plan.devices_per_minute is None or self.dispatched_lately < plan.devices_per_minute

    def holds(self, ring: Ring, plan: RingPlan) -> list[Hold]:
        """The holds of the ring."""
        holds = []
        if ring.state is RingState.PENDING and not self.approved:
            holds.append(Hold("approval", needs_approvals(ring.name, self.people, self.approvals)))
        holds += _breakers(self.blocked)
        if ring.state is not RingState.PENDING and any(ring.waiting.values()) and not self.budget(ring, plan):
            holds.append(Hold("rate", _pace(ring, plan)))
        return holds


def needs_approvals(ring: str, people: int, approvals: int) -> str:
    """The sentence about a ring that waits for approvals."""
    return f"ring {ring} starts after {people} approval{'' if people == 1 else 's'} and has {approvals}"


def _pace(ring: Ring, plan: RingPlan) -> str:
    limits = []
    if plan.devices_per_minute is not None:
        limits.append(f"{plan.devices_per_minute} devices per minute")
    if plan.concurrency is not None:
        limits.append(f"{plan.concurrency} devices at a time")
    return f"ring {ring.name} dispatches to at most {' and '.join(limits)}"


def prospect(session: Session, deployment: Deployment, ring: Ring, plan: RingPlan, now: datetime) -> Prospect:
    """The prospect of one ring, in a fixed number of statements, none of which touches devices."""
    return prospects(session, [(deployment, ring, plan)], now)[ring.id]


def prospects(session: Session, rings: Sequence[PlannedRing], now: datetime) -> dict[int, Prospect]:
    """The prospects of several rings by their ids, in as many statements as for one."""
    found = {ring.id: Prospect() for _, ring, _ in rings}
    asked = [each for each in rings if _asks_for_approval(each)]
    answers = approval.sign_offs(session, [deployment for deployment, *_ in asked])
    for deployment, ring, plan in asked:
        result, sign_off = found[ring.id], answers[deployment.id]
        result.approvals, result.people = len(sign_off.approved_by), plan.approval.people
        result.approved = entry_met(plan.approval, sign_off.needs_approval, result.approvals)
    unsent = _unsent_to(session, [ring for _, ring, _ in rings if ring.sending])
    connectors = {ring.id: {Lot.of(key).connector for key in ring.waiting} | unsent[ring.id] for _, ring, _ in rings}
    every = set().union(*connectors.values())
    blocked = circuits.blocked(session, every, now) if every else {}
    lately = _dispatched_lately(
        session, [ring.id for _, ring, plan in rings if plan.devices_per_minute is not None], now
    )
    for _, ring, plan in rings:
        found[ring.id].blocked = {name: blocked[name] for name in connectors[ring.id] & blocked.keys()}
        if plan.devices_per_minute is not None:
            # The device of a rehearsal is installed again without waiting, so its second command counts already.
            found[ring.id].dispatched_lately = lately[ring.id] + (ring.rehearsal is RehearsalState.WITHDRAWING)
    return found


def _asks_for_approval(planned: PlannedRing) -> bool:
    _, ring, plan = planned
    return ring.state is RingState.PENDING and plan.approval.when is not ApprovalWhen.NEVER


def _dispatched_lately(session: Session, ring_ids: Collection[int], now: datetime) -> Counter[int]:
    """For each ring, the devices in commands that are not confirmed yet or were confirmed within the last minute."""
    if not ring_ids:
        return Counter()
    confirmed_lately = Command.confirmed_at.between(now - A_MINUTE, now + clock.SKEW)
    lately = or_(Command.state.in_(UNSENT), confirmed_lately)
    counted = select(Command.ring_id, func.sum(Command.size)).where(Command.ring_id.in_(ring_ids), lately)
    return Counter({ring_id: int(devices) for ring_id, devices in session.execute(counted.group_by(Command.ring_id))})


def _unsent_to(session: Session, rings: Sequence[Ring]) -> defaultdict[int, set[str]]:
    """For each ring, the connectors of its commands that are not confirmed yet."""
    connectors: defaultdict[int, set[str]] = defaultdict(set)
    if rings:
        unsent = select(Command.ring_id, Command.connector).where(
            Command.ring_id.in_([ring.id for ring in rings]), Command.state.in_(UNSENT)
        )
        for ring_id, connector in session.execute(unsent.distinct()):
            connectors[ring_id].add(connector)
    return connectors


def active(session: Session, deployments: Mapping[Deployment, Sequence[Ring]], now: datetime) -> dict[int, list[Hold]]:
    """Everything that currently blocks dispatch of each deployment, given with its rings in order, by deployment.

    Nothing unless it is running or paused. The number of statements does not depend on how many deployments there are.
    """
    held = {deployment: rings for deployment, rings in deployments.items() if deployment.state in ACTIVE}
    plans = {deployment: Plan.from_json(deployment.plan) for deployment in held}
    worked_on = {deployment: _worked_on(deployment, plans[deployment], rings) for deployment, rings in held.items()}
    found = prospects(session, [ring for rings in worked_on.values() for ring in rings], now)
    blocking = _stopping(session, plans, now)
    holds = {
        deployment.id: [*stalled(deployment, rings), *blocking[deployment.id]] for deployment, rings in held.items()
    }
    for deployment, rings in worked_on.items():
        for _, ring, plan in rings:
            holds[deployment.id] += found[ring.id].holds(ring, plan)
    return {
        deployment.id: sorted(set(holds.get(deployment.id, ())), key=lambda hold: (hold.name, hold.reason))
        for deployment in deployments
    }


def _worked_on(deployment: Deployment, plan: Plan, rings: Sequence[Ring]) -> list[PlannedRing]:
    states, is_rollback = [(ring.state, ring.unconfirmed) for ring in rings], deployment.kind is DeploymentKind.ROLLBACK
    return [(deployment, rings[at], plan.rings[at]) for at in machine.worked_on(states, is_rollback)]


def stalled(deployment: Deployment, rings: Sequence[Ring]) -> list[Hold]:
    """The hold of a deployment that was paused because a ring cannot go on by itself."""
    why = CANNOT_GO_ON.get(deployment.pause_code) if deployment.pause_code is not None else None
    if why is None:
        return []
    name = next((ring.name for ring in rings if ring.key == deployment.pause_ring), deployment.pause_ring)
    reason = f"ring {name} {why}; resume the deployment, have the ring waived, or abort"
    return [Hold(PauseCode.STALLED.value, reason)]
