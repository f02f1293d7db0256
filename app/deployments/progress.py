"""What jobs do to deployments: plan, advance, settle, and the sweep that wakes what is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.states import LONGEST_WAIT, CommandState
from app.connectors import registry
from app.db import database_time, locked
from app.deployments import installations, left_behind, planning, rehearsal
from app.deployments.approval import service as approval
from app.deployments.models import Assignment, Deployment
from app.deployments.purposes import PURPOSES, ending_with_deployment
from app.deployments.rules.states import ACTIVE, ENDED, AssignmentState, DeploymentKind, DeploymentState
from app.deployments.tick import Tick
from app.deployments.transitions import IDLE_TICK, TICK, claim, locked_rings, move, record
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.queue import Job

WOKEN_AT_ONCE = 500
LEASE_SECONDS = 10
"""How long the sweep leaves a woken row alone. After that its job is enqueued again, unless it still waits."""
FURTHEST = max(TICK, IDLE_TICK, timedelta(seconds=LEASE_SECONDS))
"""How far ahead the next wake-up of a deployment can be."""


def plan(deployment_id: int) -> None:
    """Assign every device in scope to its ring and assess the risk; reject what cannot be rolled out."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.PLANNING)
        if deployment is None:
            return
        now = clock.now()
        if planning.is_unsettled(unit.session, deployment.supersedes):
            deployment.due_at = now + TICK
            return
        rings = locked_rings(unit.session, deployment_id)
        devices = planning.assign(unit.session, deployment, rings)
        if not devices:
            _reject(unit, deployment, "empty_scope")
            return
        if deployment.kind is DeploymentKind.ROLLOUT:
            critical = planning.has_critical(unit.session, deployment.platform, deployment.scope)
            assessment = approval.assess(unit, deployment, [ring.targeted for ring in rings], critical)
            if not approval.can_be_given(unit.session, deployment, assessment):
                unit.session.execute(delete(Assignment).where(Assignment.deployment_id == deployment_id))
                for ring in rings:
                    ring.empty()
                _reject(unit, deployment, "unsatisfiable_approval")
                return
        move(deployment, DeploymentState.RUNNING, "planned")
        deployment.due_at = now
        deployment.started_at = None if deployment.waits_for_start(now) else now
        deployment.joined_until = database_time(unit.session)
        sizes = {ring.name: ring.targeted for ring in rings}
        record(unit, deployment, "deployment.planned", devices=devices, rings=sizes)
        unit.enqueue(Job.ADVANCE, deployment_id)


def _reject(unit: Unit, deployment: Deployment, reason: str) -> None:
    move(deployment, DeploymentState.REJECTED, reason)
    record(unit, deployment, "deployment.rejected")


def advance(deployment_id: int) -> None:
    """One tick: take every step that is possible now. A duplicate job finds the row locked and ends."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, *ACTIVE)
        if deployment is None:
            return
        tick = Tick(unit, deployment)
        for ring in tick.rings:
            ring.leave_the_future(tick.now)
        tick.run()


def settle(deployment_id: int) -> None:
    """After the end: devices that were never dispatched leave the counts, and installed releases are recorded.

    Dispatched devices keep their time to report; `silence.give_up` then gives them up.
    """
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, *ENDED)
        if deployment is None or deployment.due_at is None:
            return
        successors = select(Deployment.id, Deployment.state).where(Deployment.supersedes == deployment_id)
        superseding = unit.session.execute(successors).all()
        left = AssignmentState.SUPERSEDED if superseding else AssignmentState.CANCELLED
        stopped = commands.stop_unsent(unit.session, deployment_id, ending_with_deployment())
        rolled_back = () if deployment.rolls_back is None else (deployment.rolls_back,)  # locked for `left_behind`
        of_both = locked_rings(unit.session, deployment_id, *rolled_back)
        rings = {ring.id: ring for ring in of_both if ring.deployment_id == deployment_id}
        for command in stopped:
            rings[command.ring_id].stop_sending(command.size)
        tallies = []
        for row in unit.session.execute(_CANCEL, {"deployment": deployment_id, "left": left.value}):
            ring = rings[row.ring_id]
            ring.shift(AssignmentState.PENDING, left, row.devices)
            tallies.append({**ring.names, "connector": row.connector, "outcome": left.value, "count": row.devices})
        for ring in rings.values():
            ring.stop_waiting()
            rehearsal.end(unit, deployment, ring)
        deployment.due_at = None
        if tallies:
            record(unit, deployment, f"assignments.{left.value}", tallies=tallies)
        left_behind.record_missed(unit, deployment, deployment.joined_until)
        deployment.joined_until = None
        left_behind.recount(unit, deployment)
        installations.store(unit.session, deployment)
        for successor in superseding:
            if successor.state is DeploymentState.PLANNING:
                unit.enqueue(Job.PLAN, successor.id)


_CANCEL = text(
    # The devices that no connector has: without a command, or with one that failed.
    f"""
    WITH unsent AS (
        SELECT assignment.id
          FROM assignments AS assignment
          LEFT JOIN {Command.__tablename__} AS command ON command.id = assignment.command_id
         WHERE assignment.deployment_id = :deployment AND assignment.state = 'pending'
           AND (command.id IS NULL OR command.state = 'failed')
         ORDER BY assignment.id
           FOR UPDATE OF assignment"""
    # The same, now cancelled or superseded.
    """
    ), cancelled AS (
        UPDATE assignments SET state = :left FROM unsent WHERE assignments.id = unsent.id
        RETURNING ring_id, connector
    )
    SELECT ring_id, connector, count(*) AS devices FROM cancelled GROUP BY 1, 2 ORDER BY 1, 2
    """
)


_JOB_OF_DEPLOYMENT = {
    DeploymentState.PLANNING: Job.PLAN,
    DeploymentState.RUNNING: Job.ADVANCE,
    DeploymentState.PAUSED: Job.ADVANCE,
    DeploymentState.ABORTED: Job.SETTLE,
    DeploymentState.FAILED: Job.SETTLE,
    DeploymentState.COMPLETED: Job.SETTLE,
}


def sweep() -> None:
    """Enqueue the job of each row that is due, unless that job still waits. A row is considered once per lease."""
    with unit_of_work(SYSTEM) as unit:
        now = clock.now()
        for deployment_id, state in unit.session.execute(_woken(Deployment, now, Deployment.state)):
            unit.enqueue(_JOB_OF_DEPLOYMENT[state], deployment_id)
        for command_id, state, purpose in unit.session.execute(_woken(Command, now, Command.state, Command.purpose)):
            unit.enqueue(Job.COLLECT if state is CommandState.CONFIRMED else PURPOSES[purpose].delivery, command_id)


def _is_due(table: type[Deployment] | type[Command], now: datetime) -> ColumnElement[bool]:
    """Whether a row's time has come, or lies further ahead than it can have been set: the clock was set back since.

    A retry may be as far ahead as its vendor asked for; it is due if the try before it lies ahead.
    """
    if table is Deployment:
        return or_(Deployment.due_at <= now, Deployment.due_at > now + FURTHEST + clock.SKEW)
    paces = [registry.pace(name) for name in registry.names()]
    seconds = max([LONGEST_WAIT, *(max(pace.call_lasts, pace.results_every) for pace in paces)])
    is_retry = Command.state.in_((CommandState.RETRY_WAIT, CommandState.UNKNOWN))
    was_set_back = or_(~is_retry, Command.attempted_at > now + clock.SKEW)
    furthest = now + timedelta(seconds=seconds) + clock.SKEW
    return or_(Command.due_at <= now, and_(Command.due_at > furthest, was_set_back))


def _woken(table: type[Deployment] | type[Command], now: datetime, *columns: Any) -> ReturningUpdate[int, Any]:
    """A statement that leases the rows that are due and not locked, and returns the id and these columns of each."""
    due = select(table.id).where(_is_due(table, now)).order_by(table.due_at).limit(WOKEN_AT_ONCE)
    leased = update(table).where(table.id.in_(locked(due, skip=True)))
    return leased.values(due_at=now + timedelta(seconds=LEASE_SECONDS)).returning(table.id, *columns)
