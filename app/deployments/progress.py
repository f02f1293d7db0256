"""What deployments do by themselves: planning, ticks, settling, and the sweep that wakes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text, update

from app import clock
from app.deployments import machine, planning
from app.deployments.models import Command, Deployment, GateEvaluation, Ring
from app.deployments.rules import states
from app.deployments.rules.gates import POLICY_VERSION, OnFail, Verdict, soak_over
from app.deployments.rules.rings import Plan, batches
from app.deployments.rules.states import CommandState, DeploymentState, RingState
from app.deployments.transitions import (
    IDLE_TICK,
    SYSTEM,
    TICK,
    claim,
    count_hold,
    end,
    locked_rings,
    milliseconds,
    move,
    pause,
    record,
)
from app.events.unit import Unit, unit_of_work
from app.queue import Job

COMMAND_SIZE = 5_000
"""Devices in one instruction to a connector: a work unit of well under a second, whatever the ring's size."""
LEASE_SECONDS = 10
"""How long the sweep leaves a woken row alone before it takes the job for lost."""


def plan(deployment_id: int) -> None:
    """Give every device in scope its ring; a scope without devices rejects the deployment."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.PLANNING)
        if deployment is None:
            return
        rings = locked_rings(unit.session, deployment_id)
        devices = planning.assign(unit.session, deployment, rings)
        now = clock.now()
        if not devices:
            move(deployment, DeploymentState.REJECTED, "empty_scope")
            record(unit, deployment, "deployment.rejected")
            return
        move(deployment, DeploymentState.RUNNING, "planned")
        deployment.started_at = deployment.due_at = now
        sizes = {ring.key: ring.targeted for ring in rings}
        record(unit, deployment, "deployment.planned", devices=devices, rings=sizes)
        unit.enqueue(Job.ADVANCE, deployment_id)


def advance(deployment_id: int) -> None:
    """One tick: take every step that can be taken now. A duplicate finds the row locked and ends."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.RUNNING, DeploymentState.PAUSED)
        if deployment is None:
            return
        _Tick(unit, deployment).run()


def settle(deployment_id: int) -> None:
    """After an early end: devices that no connector was told about leave the denominators as `cancelled`."""
    with unit_of_work(SYSTEM) as unit:
        deployment = claim(unit.session, deployment_id, DeploymentState.ABORTED, DeploymentState.FAILED)
        if deployment is None or deployment.due_at is None:
            return
        unsent = (CommandState.QUEUED, CommandState.RETRY_WAIT)
        stopped = unit.session.execute(
            update(Command)
            .where(Command.deployment_id == deployment_id, Command.state.in_(unsent))
            .values(state=CommandState.FAILED, due_at=None, error="the deployment ended before it was sent")
            .returning(Command.ring_id, Command.size)
        ).all()
        rings = {ring.id: ring for ring in locked_rings(unit.session, deployment_id)}
        for command in stopped:
            rings[command.ring_id].sending -= command.size
        tallies = []
        for row in unit.session.execute(_CANCEL, {"deployment": deployment_id}):
            ring = rings[row.ring_id]
            ring.pending -= row.devices
            ring.eligible -= row.devices
            ring.excluded += row.devices
            tallies.append({"ring": ring.key, "connector": row.connector, "outcome": "cancelled", "count": row.devices})
        for ring in rings.values():
            ring.waiting = {}
        deployment.due_at = None
        if tallies:
            record(unit, deployment, "assignments.cancelled", tallies=tallies)


_CANCEL = text("""
    WITH unsent AS (
        SELECT assignment.id
          FROM assignments AS assignment LEFT JOIN commands AS command ON command.id = assignment.command_id
         WHERE assignment.deployment_id = :deployment AND assignment.state = 'pending'
           AND (command.id IS NULL OR command.state = 'failed')
         ORDER BY assignment.id
           FOR UPDATE OF assignment
    ), cancelled AS (
        UPDATE assignments SET state = 'cancelled' FROM unsent WHERE assignments.id = unsent.id
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
}


def sweep() -> None:
    """Ask for the job of everything that is due. The row's lease, not the queue, decides when to ask again."""
    with unit_of_work(SYSTEM) as unit:
        when = {"now": clock.now(), "lease": LEASE_SECONDS}
        for row in unit.session.execute(text(_WAKE.format(table="deployments")), when):
            unit.enqueue(_JOB_OF_DEPLOYMENT[DeploymentState(row.state)], row.id)
        for row in unit.session.execute(text(_WAKE.format(table="commands")), when):
            unit.enqueue(Job.COLLECT if row.state == CommandState.CONFIRMED else Job.DELIVER, row.id)


class _Tick:
    """Carries out the machine's steps on one locked deployment."""

    def __init__(self, unit: Unit, deployment: Deployment) -> None:
        self.unit, self.deployment = unit, deployment
        self.rings = locked_rings(unit.session, deployment.id)
        self.plan = Plan.from_json(deployment.plan)
        self.now = clock.now()
        self.next_due = self.now + (IDLE_TICK if deployment.state is DeploymentState.PAUSED else TICK)

    def run(self) -> None:
        """Take steps until there is none to take, then set the next wake-up."""
        while not self._step(machine.next_step(self.deployment.state, self._views(), self.now)):
            pass
        if self.deployment.state in states.LIVE_DEPLOYMENT:
            self.deployment.due_at = self.next_due

    def _views(self) -> list[machine.RingView]:
        return [
            machine.RingView(
                ring.state,
                plan.gate,
                ring.tally,
                sum(ring.waiting.values()),
                ring.covered_at,
                ring.sending,
                ring.waiting_since,
            )
            for ring, plan in zip(self.rings, self.plan.rings, strict=True)
        ]

    def _step(self, step: machine.Step) -> bool:
        """Carry out one step; True if it was the last."""
        match step:
            case machine.Start(position):
                self._move_ring(position, RingState.DEPLOYING)
                self.rings[position].waiting_since = self.now
                self._record("ring.started", position)
            case machine.Skip(position):
                self._end_ring(position, RingState.SKIPPED)
            case machine.Dispatch(position):
                self._dispatch(self.rings[position])
            case machine.Soak(position):
                self._move_ring(position, RingState.SOAKING)
                count_hold(self.rings[position], self.deployment.paused_at, self.now)
                self.rings[position].covered_at = self.now
                self._record("ring.soaking", position)
            case machine.Pass(position, verdict):
                self._store(position, verdict)
                self._end_ring(position, RingState.PASSED)
            case machine.Fail(position, verdict):
                self._store(position, verdict)
                self._end_ring(position, RingState.FAILED)
                self._act_on_failure(position)
            case machine.Wait(position, verdict):
                self._store(position, verdict)
                over_at = soak_over(self.plan.rings[position].gate, self.rings[position].covered_at)
                if over_at is not None and over_at > self.now:
                    self.next_due = min(self.next_due, over_at)
                return True
            case machine.Stall(position, verdict):
                self._store(position, verdict)
                pause(self.unit, self.deployment, f"stalled:{self.rings[position].key}")
                return True
            case machine.Complete():
                move(self.deployment, DeploymentState.COMPLETED, "all_rings_over")
                record(self.unit, self.deployment, "deployment.completed")
            case machine.Rest():
                return True
        return False

    def _move_ring(self, position: int, target: RingState) -> None:
        ring = self.rings[position]
        states.check(states.RING, ring.state, target)
        ring.state = target

    def _end_ring(self, position: int, target: RingState) -> None:
        self._move_ring(position, target)
        ring = self.rings[position]
        ring.finished_at = self.now
        duration = None
        if ring.covered_at and ring.dispatched_at:
            duration = max(milliseconds(ring.covered_at - ring.dispatched_at) - ring.held_ms, 0)
        following = self.rings[position + 1].key if position + 1 < len(self.rings) else None
        self._record(f"ring.{target.value}", position, duration_ms=duration, next_ring=following)

    def _dispatch(self, ring: Ring) -> None:
        for connector, size in batches(ring.waiting, COMMAND_SIZE):
            ring.commands += 1
            ring.sending += size
            command = Command(
                deployment_id=self.deployment.id,
                ring_id=ring.id,
                connector=connector,
                key=f"{self.deployment.id}:{ring.key}:publish:{ring.commands}",
                size=size,
                due_at=self.now,
            )
            self.unit.session.add(command)
            self.unit.session.flush()
            self.unit.enqueue(Job.DELIVER, command.id)
        ring.waiting = {}

    def _act_on_failure(self, position: int) -> None:
        reason = f"gate_failed:{self.rings[position].key}"
        if self.plan.rings[position].gate.on_fail is OnFail.ABORT:
            end(self.unit, self.deployment, DeploymentState.FAILED, reason)
        elif self.deployment.state is DeploymentState.RUNNING:
            pause(self.unit, self.deployment, reason)

    def _store(self, position: int, verdict: Verdict) -> None:
        """Keep the evaluation if it says something new about the ring; the sentence is always the latest."""
        ring = self.rings[position]
        ring.verdict_reason = verdict.reason
        if (ring.verdict, ring.verdict_code) == (verdict.outcome.value, verdict.code):
            return
        ring.verdict, ring.verdict_code = verdict.outcome.value, verdict.code
        snapshot = self.deployment.plan["rings"][position]["gate"]
        inputs = {
            "policy": snapshot,
            "tally": vars(ring.tally),
            "soaking_since": ring.covered_at.isoformat() if ring.covered_at else None,
            "now": self.now.isoformat(),
        }
        self.unit.session.add(
            GateEvaluation(
                deployment_id=self.deployment.id,
                ring_id=ring.id,
                at=self.now,
                policy_version=POLICY_VERSION,
                verdict=verdict.outcome.value,
                code=verdict.code,
                reason=verdict.reason,
                inputs=inputs,
            )
        )
        self._record(
            "gate.evaluated",
            position,
            verdict=verdict.outcome.value,
            code=verdict.code,
            sentence=verdict.reason,
        )

    def _record(self, type: str, position: int, **payload: Any) -> None:
        record(self.unit, self.deployment, type, ring=self.rings[position].key, **payload)
