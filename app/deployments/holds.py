"""Holds: what blocks dispatch, computed from the current situation and never stored as a state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.commands.models import Command
from app.commands.states import UNSENT
from app.connectors import circuits
from app.controls import stops, windows
from app.controls.models import FreezeKind
from app.controls.windows import Window
from app.deployments.approval import break_glass, service as approval
from app.deployments.models import Deployment, Ring
from app.deployments.rules import machine, rings as ring_rules
from app.deployments.rules.analysis import AnalysisResults
from app.deployments.rules.rings import ApprovalWhen, Lot, Plan, RingPlan
from app.deployments.rules.risk import entry_met
from app.deployments.rules.states import ACTIVE, DeploymentKind, PauseCode, RehearsalState, RingState
from app.http.serialization import timestamp
from app.releases.models import Application

A_MINUTE = timedelta(minutes=1)
_CANNOT_GO_ON: Mapping[PauseCode, str] = {
    PauseCode.STALLED: "waited longer than its gate allows",
    PauseCode.REHEARSAL_FAILED: "could not roll back and install again any of the devices it tried",
}
"""What the hold `stalled` says, by the pause it stands for."""


@dataclass(frozen=True)
class Hold:
    """A reason why nothing is dispatched: its name, and a sentence for people."""

    name: str
    reason: str


def stopping(session: Session, deployment: Deployment, plan: Plan, now: datetime) -> list[Hold]:
    """The holds of the whole deployment. Break-glass passes a freeze; nothing passes an emergency stop."""
    application = session.get_one(Application, deployment.application_id)
    active_stops = stops.standing(session, application.name, now)
    has_freeze = any(stop.kind is FreezeKind.FREEZE for stop in active_stops)
    if has_freeze and break_glass.is_used(session, deployment.id, now):
        active_stops = [stop for stop in active_stops if stop.kind is not FreezeKind.FREEZE]
    return [*(Hold(stop.kind.value, stop.reason) for stop in active_stops), *_outside_windows(plan, now)]


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
            reason = f"ring {ring.name} starts after {self.people} approvals and has {self.approvals}"
            holds.append(Hold("approval", reason))
        holds += [Hold("breaker", f"the circuit breaker of connector {name} is open") for name in sorted(self.blocked)]
        if ring.state is not RingState.PENDING and any(ring.waiting.values()) and not self.budget(ring, plan):
            holds.append(Hold("rate", _pace(ring, plan)))
        return holds


def _pace(ring: Ring, plan: RingPlan) -> str:
    limits = []
    if plan.devices_per_minute is not None:
        limits.append(f"{plan.devices_per_minute} devices per minute")
    if plan.concurrency is not None:
        limits.append(f"{plan.concurrency} devices at a time")
    return f"ring {ring.name} dispatches to at most {' and '.join(limits)}"


def prospect(session: Session, deployment: Deployment, ring: Ring, plan: RingPlan, now: datetime) -> Prospect:
    """The prospect of one ring, in a fixed number of statements, none of which touches devices."""
    result = Prospect()
    if ring.state is RingState.PENDING and plan.approval.when is not ApprovalWhen.NEVER:
        result.approvals, needs_approval = approval.standing_approvals(session, deployment)
        result.people = plan.approval.people
        result.approved = entry_met(plan.approval, needs_approval, result.approvals)
    connectors = {Lot.of(key).connector for key in ring.waiting} | _unsent_to(session, ring)
    result.blocked = circuits.blocked(session, connectors, now) if connectors else {}
    if plan.devices_per_minute is not None:
        confirmed_lately = Command.confirmed_at.between(now - A_MINUTE, now + clock.SKEW)
        lately = or_(Command.state.in_(UNSENT), confirmed_lately)
        counted = select(func.coalesce(func.sum(Command.size), 0)).where(Command.ring_id == ring.id, lately)
        result.dispatched_lately = int(session.execute(counted).scalar_one())
        # The device of a rehearsal is installed again without waiting, so its second command counts already.
        result.dispatched_lately += ring.rehearsal is RehearsalState.WITHDRAWING
    return result


def _unsent_to(session: Session, ring: Ring) -> set[str]:
    if not ring.sending:
        return set()
    unsent = select(Command.connector).where(Command.ring_id == ring.id, Command.state.in_(UNSENT)).distinct()
    return set(session.execute(unsent).scalars())


def active(session: Session, deployment_id: int, now: datetime) -> list[Hold]:
    """Everything that currently blocks dispatch of a deployment; nothing unless it is running or paused."""
    deployment = session.get_one(Deployment, deployment_id, populate_existing=True)
    if deployment.state not in ACTIVE:
        return []
    plan = Plan.from_json(deployment.plan)
    in_order = select(Ring).where(Ring.deployment_id == deployment_id).order_by(Ring.position)
    rings = session.execute(in_order.execution_options(populate_existing=True)).scalars().all()
    holds = [*stalled(deployment, rings), *stopping(session, deployment, plan, now)]
    is_rollback = deployment.kind is DeploymentKind.ROLLBACK
    for position in machine.worked_on([(ring.state, ring.unconfirmed) for ring in rings], is_rollback):
        ring, ring_plan = rings[position], plan.rings[position]
        holds += prospect(session, deployment, ring, ring_plan, now).holds(ring, ring_plan)
    return sorted(set(holds), key=lambda hold: (hold.name, hold.reason)) if len(holds) > 1 else holds


def stalled(deployment: Deployment, rings: Sequence[Ring]) -> list[Hold]:
    """The hold of a deployment that was paused because a ring cannot go on by itself."""
    why = _CANNOT_GO_ON.get(deployment.pause_code) if deployment.pause_code is not None else None
    if why is None:
        return []
    name = next((ring.name for ring in rings if ring.key == deployment.pause_ring), deployment.pause_ring)
    reason = f"ring {name} {why}; resume the deployment, have the ring waived, or abort"
    return [Hold(PauseCode.STALLED.value, reason)]
