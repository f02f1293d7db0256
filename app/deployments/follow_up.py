"""Devices that installed a release after its rollback: by policy, they are returned without asking a person.

A completed rollback issues further commands for them, at the pace of their rings. One that found no device, because
all of them installed the release later, begins again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.states import Purpose
from app.connectors import circuits, registry
from app.db import locked
from app.deployments import holds, installations, left_behind, planning, purposes, rollback
from app.deployments.left_behind_models import LateInstall
from app.deployments.models import Deployment, Ring
from app.deployments.orders import COMMAND_SIZE, take
from app.deployments.rules import rings as ring_rules
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import LIVE, DeploymentState
from app.deployments.transitions import locked_rings, record
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.queue import Job
from app.releases.models import Application

FOLLOWED_UP = "rollback.followed_up"
BEGUN_AGAIN = "late_installers"
"""The reason of a rollback that begins again."""


def follow_up_all() -> None:
    """Count the rollbacks again that devices installed a release after, and follow up; one unit of work each."""
    with unit_of_work(SYSTEM) as unit:
        named = select(LateInstall.rollback_id).distinct().order_by(LateInstall.rollback_id)
        rollback_ids = list(unit.session.execute(named).scalars())
    for rollback_id in rollback_ids:
        with unit_of_work(SYSTEM) as unit:
            _follow_up(unit, rollback_id)


def _follow_up(unit: Unit, rollback_id: int) -> None:
    """Work off the late installs of one rollback; they stay until nothing is left to do."""
    session = unit.session
    of_id = select(Deployment).where(Deployment.id == rollback_id)
    of_application = select(Application.id).join(Deployment, Deployment.application_id == Application.id)
    session.execute(locked(of_application.where(Deployment.id == rollback_id), of=Application))
    back = session.execute(locked(of_id, skip=True)).scalar_one_or_none()
    own = select(LateInstall.id, LateInstall.since).where(LateInstall.rollback_id == rollback_id)
    late = session.execute(own).all()
    if back is None or not late:
        return
    plan = Plan.from_json(back.plan)
    waits, left = plan.follow_up and _is_held(unit, back, plan), left_behind.counted(session, back)
    if not (waits and left):
        left = left_behind.recount(unit, back)
    if waits:
        return
    if not plan.follow_up or not left or _return(unit, back, plan, min(row.since for row in late)):
        # Only these: one with a lower id may have been committed meanwhile.
        session.execute(delete(LateInstall).where(LateInstall.id.in_([row.id for row in late])))


def _is_held(unit: Unit, back: Deployment, plan: Plan) -> bool:
    """Whether nothing may be dispatched now: by a hold, or because another deployment of the application comes first.

    One that has ended comes first until it is settled, since only then is it recorded which release its devices have.
    """
    if holds.stopping(unit.session, back, plan, clock.now()):
        return True
    others = select(Deployment.id).where(
        Deployment.application_id == back.application_id,
        Deployment.platform == back.platform,
        or_(Deployment.state.in_(LIVE), Deployment.due_at.is_not(None)),
    )
    return unit.session.execute(others).first() is not None


def _return(unit: Unit, back: Deployment, plan: Plan, since: datetime) -> bool:
    """Return the devices that reported after `since`; whether that is all. A rollback that a person ended rests."""
    superseding = select(Deployment.id).where(Deployment.supersedes == back.id)
    if back.state is DeploymentState.REJECTED and unit.session.execute(superseding).first() is None:
        rolled_back = unit.session.get_one(Deployment, back.rolls_back)
        rollback.begin(unit, rolled_back, BEGUN_AGAIN, follow_up=True)
        return True
    if back.state is not DeploymentState.COMPLETED:
        return True
    session, now = unit.session, clock.now()
    installations.store(session, session.get_one(Deployment, back.rolls_back), since)
    blocked = sorted(circuits.blocked(session, registry.names(), now))
    rings = locked_rings(session, back.id)
    for ring in rings:
        _return_ring(unit, back, ring, plan.rings[ring.position], since, blocked)
    return not planning.is_any_late(session, back, rings, since)


def _return_ring(
    unit: Unit, back: Deployment, ring: Ring, plan: ring_rules.RingPlan, since: datetime, blocked: list[str]
) -> None:
    """Issue commands for devices of one ring, as many as its pace allows now. They have their devices at once."""
    now = clock.now()
    lately = holds.prospect(unit.session, back, ring, plan, now).dispatched_lately
    room = ring_rules.budget(plan, COMMAND_SIZE, ring.pending + COMMAND_SIZE, lately)
    joined = planning.join_late(unit.session, back, ring, since, blocked, room) if room else {}
    if not joined:
        return
    ring.admit(joined)
    orders = [take(ring, lot, size, Purpose.FOLLOW_UP) for lot, size in ring_rules.batches(joined, COMMAND_SIZE)]
    for command_id in commands.issue(unit.session, orders, now):
        purposes.claim_waiting(unit, unit.session.get_one(Command, command_id))
        unit.enqueue(Job.DELIVER, command_id)
    record(unit, back, FOLLOWED_UP, **ring.names, rolls_back=back.rolls_back, devices=sum(joined.values()))
