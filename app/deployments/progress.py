"""What deployments do by themselves: planning, ticks, settling, and the sweep that wakes them."""

from __future__ import annotations

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.deployments import installations, planning
from app.deployments.approval import service as approval
from app.deployments.models import Assignment, Command, Deployment
from app.deployments.rules.states import AssignmentState, CommandState, DeploymentKind, DeploymentState, Purpose
from app.deployments.tick import Tick
from app.deployments.transitions import SUPERSEDED, SYSTEM, TICK, claim, locked_rings, move, record
from app.events.unit import Unit, unit_of_work
from app.queue import Job

_ENDED = (DeploymentState.ABORTED, DeploymentState.FAILED, DeploymentState.COMPLETED)
LEASE_SECONDS = 10
"""How long the sweep leaves a woken row alone before it takes the job for lost."""


def plan(deployment_id: int) -> None:
    """Give every device in scope its ring; a scope without devices rejects the deployment."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.PLANNING)
        if deployment is None:
            return
        now = clock.now()
        if _is_unsettled(unit.session, deployment.supersedes):
            deployment.due_at = now + TICK
            return
        rings = locked_rings(unit.session, deployment_id)
        devices = planning.assign(unit.session, deployment, rings)
        if not devices:
            _reject(unit, deployment, "empty_scope")
            return
        if deployment.kind is DeploymentKind.ROLLOUT:
            critical = planning.has_critical(unit.session, deployment)
            assessment = approval.assess(unit, deployment, devices, critical)
            if not approval.can_be_given(unit.session, deployment, assessment):
                unit.session.execute(delete(Assignment).where(Assignment.deployment_id == deployment_id))
                for ring in rings:
                    ring.waiting, ring.targeted, ring.eligible, ring.pending = {}, 0, 0, 0
                _reject(unit, deployment, "unsatisfiable_approval")
                return
        move(deployment, DeploymentState.RUNNING, "planned")
        deployment.started_at = deployment.due_at = deployment.joined_until = now
        sizes = {ring.key: ring.targeted for ring in rings}
        record(unit, deployment, "deployment.planned", devices=devices, rings=sizes)
        unit.enqueue(Job.ADVANCE, deployment_id)


def _is_unsettled(session: Session, deployment_id: int | None) -> bool:
    """Whether the deployment that another one takes the place of still has to give its waiting devices back."""
    unsettled = select(Deployment.id).where(Deployment.id == deployment_id, Deployment.due_at.is_not(None))
    return deployment_id is not None and session.execute(unsettled).first() is not None


def _reject(unit: Unit, deployment: Deployment, reason: str) -> None:
    move(deployment, DeploymentState.REJECTED, reason)
    record(unit, deployment, "deployment.rejected")


def advance(deployment_id: int) -> None:
    """One tick: take every step that can be taken now. A duplicate finds the row locked and ends."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.RUNNING, DeploymentState.PAUSED)
        if deployment is None:
            return
        Tick(unit, deployment).run()


def settle(deployment_id: int) -> None:
    """After the end: devices that no connector was told about leave the denominators; what is installed is booked."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, *_ENDED)
        if deployment is None or deployment.due_at is None:
            return
        left = AssignmentState.SUPERSEDED if deployment.reason == SUPERSEDED else AssignmentState.CANCELLED
        unsent = (CommandState.QUEUED, CommandState.RETRY_WAIT)
        stopped = unit.session.execute(
            update(Command)
            .where(
                Command.deployment_id == deployment_id,
                Command.state.in_(unsent),
                Command.purpose != Purpose.REMEDIATION,
            )
            .values(state=CommandState.FAILED, due_at=None, error="the deployment ended before it was sent")
            .returning(Command.ring_id, Command.size)
        ).all()
        rings = {ring.id: ring for ring in locked_rings(unit.session, deployment_id)}
        for command in stopped:
            rings[command.ring_id].sending -= command.size
        tallies = []
        for row in unit.session.execute(_CANCEL, {"deployment": deployment_id, "left": left.value}):
            ring = rings[row.ring_id]
            ring.pending -= row.devices
            ring.eligible -= row.devices
            ring.excluded += row.devices
            tallies.append({"ring": ring.key, "connector": row.connector, "outcome": left.value, "count": row.devices})
        for ring in rings.values():
            ring.waiting = {}
        deployment.due_at = None
        if tallies:
            record(unit, deployment, f"assignments.{left.value}", tallies=tallies)
        installations.book(unit.session, deployment)
        successors = select(Deployment.id).where(
            Deployment.supersedes == deployment_id, Deployment.state == DeploymentState.PLANNING
        )
        for successor in unit.session.execute(successors).scalars():
            unit.enqueue(Job.PLAN, successor)


_CANCEL = text("""
    WITH unsent AS (
        SELECT assignment.id
          FROM assignments AS assignment LEFT JOIN commands AS command ON command.id = assignment.command_id
         WHERE assignment.deployment_id = :deployment AND assignment.state = 'pending'
           AND (command.id IS NULL OR command.state = 'failed')
         ORDER BY assignment.id
           FOR UPDATE OF assignment
    ), cancelled AS (
        UPDATE assignments SET state = :left FROM unsent WHERE assignments.id = unsent.id
        RETURNING ring_id, connector
    )
    SELECT ring_id, connector, count(*) AS devices FROM cancelled GROUP BY 1, 2 ORDER BY 1, 2
""")


_WAKE = """
    UPDATE {table} SET due_at = :now + make_interval(secs => :lease)
     WHERE id IN (SELECT id FROM {table} WHERE due_at <= :now ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING id, state
"""
_JOB_OF_DEPLOYMENT = {
    DeploymentState.PLANNING: Job.PLAN,
    DeploymentState.RUNNING: Job.ADVANCE,
    DeploymentState.PAUSED: Job.ADVANCE,
    DeploymentState.ABORTED: Job.SETTLE,
    DeploymentState.FAILED: Job.SETTLE,
    DeploymentState.COMPLETED: Job.SETTLE,
}


def sweep() -> None:
    """Ask for the job of everything that is due. The row's lease, not the queue, decides when to ask again."""
    with unit_of_work(SYSTEM) as unit:
        when = {"now": clock.now(), "lease": LEASE_SECONDS}
        for row in unit.session.execute(text(_WAKE.format(table="deployments")), when):
            unit.enqueue(_JOB_OF_DEPLOYMENT[DeploymentState(row.state)], row.id)
        for row in unit.session.execute(text(_WAKE.format(table="commands")), when):
            unit.enqueue(Job.COLLECT if row.state == CommandState.CONFIRMED else Job.DELIVER, row.id)
