"""One tick: the state machine's steps, carried out on one locked deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app import clock
from app.commands import service as commands
from app.controls import stops
from app.deployments import holds, rehearsal, rollback
from app.deployments.analysis import service as measurements
from app.deployments.errors import NothingToPromote, PromotionRefused
from app.deployments.holds import Hold, Prospect
from app.deployments.models import Deployment, GateEvaluation, Ring
from app.deployments.orders import COMMAND_SIZE, take
from app.deployments.rules import machine, returning, states
from app.deployments.rules.analysis import AnalysisResults
from app.deployments.rules.gates import POLICY_VERSION, GateInputs, OnFail, Verdict, soak_over
from app.deployments.rules.rings import Plan, batches
from app.deployments.rules.states import DeploymentKind, DeploymentState, PauseCode, RehearsalState, RingState
from app.deployments.transitions import (
    IDLE_TICK,
    TICK,
    end,
    locked_rings,
    next_ring,
    pause,
    record,
)
from app.events.unit import Unit
from app.queue import Job

COMMANDS_PER_TICK = 10
"""Bounds the cost of a tick for any ring; the following ticks dispatch the rest without a pause."""


def gate_inputs(ring: Ring, incidents: Sequence[str], results: Sequence[AnalysisResults]) -> GateInputs:
    """What the gate of a ring is judged by."""
    return GateInputs(
        tally=ring.tally,
        soaking_since=ring.covered_at,
        incidents=tuple(incidents),
        rollback_validated=ring.rehearsal is RehearsalState.VALIDATED,
        analysis_results=tuple(results),
        on_the_way=ring.unconfirmed,
        has_passed=ring.state is RingState.PASSED,
    )


class Tick:
    """The state that one tick works on, and its steps."""

    def __init__(self, unit: Unit, deployment: Deployment) -> None:
        self.unit, self.deployment = unit, deployment
        self.rings = locked_rings(unit.session, deployment.id)
        self.plan = Plan.from_json(deployment.plan)
        self.now = clock.now()
        self.stops = holds.stopping(unit.session, deployment, self.plan, self.now)
        self.incidents = stops.open_severities(unit.session, deployment.id)
        self.prospects: dict[int, Prospect] = {}
        self.commands_left = COMMANDS_PER_TICK
        self.is_rollback = deployment.kind is DeploymentKind.ROLLBACK
        self.next_due = self._usual_due()
        self.promoted: int | None = None

    def run(self) -> None:
        """Take every step that is possible, then record the holds and set the next wake-up."""
        if self.deployment.started_at is None and not self.deployment.waits_for_start(self.now):
            self.deployment.started_at = self.now
        while not self._step(self._next()):
            pass
        if self.deployment.state in states.LIVE:
            active = self._holds()
            self._record_holds(active)
            self._excuse(active)
            self.deployment.due_at = self.next_due

    def promote(self, reason: str) -> None:
        """End the current ring's soak for a person. Raises PromotionRefused, NothingToPromote."""
        step = machine.promotion(self._views(), self.now)
        if isinstance(step, machine.Refusal):
            error = NothingToPromote if step.verdict is None else PromotionRefused
            raise error(f"Deployment {self.deployment.id} cannot be promoted: {step.reason}.")
        self.promoted = step.ring
        if self.rings[step.ring].state is RingState.DEPLOYING:
            self._step(machine.Soak(step.ring))
        self._store(step.ring, step.verdict)
        self._end_ring(step.ring, RingState.PASSED, promotion="manual", reason=reason)
        self.deployment.due_at = self.now
        self.unit.enqueue(Job.ADVANCE, self.deployment.id)

    def _usual_due(self) -> datetime:
        """The next wake-up unless a step sets an earlier one; not after the start that a deployment waits for."""
        is_waiting = self.deployment.waits_for_start(self.now)
        usual = self.now + (IDLE_TICK if is_waiting or self.deployment.state is DeploymentState.PAUSED else TICK)
        return min(usual, self.deployment.starts_at or usual) if is_waiting else usual

    def _next(self) -> machine.Step:
        state, views, held = self.deployment.state, self._views(), bool(self.stops)
        if self.is_rollback:
            return returning.next_step(state, views, held)
        return machine.next_step(state, views, self.now, held)

    def _views(self) -> list[machine.RingView]:
        """The rings as the machine sees them; only those that it may act on have their prospect computed."""
        worked_on = set(self._worked_on())
        return [self._view(position, closely=position in worked_on) for position in range(len(self.rings))]

    def _worked_on(self) -> list[int]:
        return machine.worked_on([(ring.state, ring.unconfirmed) for ring in self.rings], self.is_rollback)

    def _view(self, position: int, closely: bool) -> machine.RingView:
        ring, plan = self.rings[position], self.plan.rings[position]
        prospect = self._prospect(position) if closely else Prospect()
        return machine.RingView(
            state=ring.state,
            policy=plan.gate,
            inputs=self._inputs(position),
            ready=prospect.ready(ring, plan) if closely and self.commands_left else 0,
            has_room=prospect.has_room(plan),
            approved=prospect.approved,
            rehearsal=ring.rehearsal,
            waited=ring.waited(self.now),
            patience=self.plan.patience(position, has_pending=ring.pending > 0),
        )

    def _prospect(self, position: int) -> Prospect:
        """The ring's prospect, read once per tick and updated by what the tick dispatches."""
        if position not in self.prospects:
            ring, plan = self.rings[position], self.plan.rings[position]
            self.prospects[position] = holds.prospect(self.unit.session, self.deployment, ring, plan, self.now)
            names = [each.name for each in plan.gate.analyses]
            self.prospects[position].analysis_results = tuple(
                measurements.results(self.unit.session, ring.id, names).values()
            )
        return self.prospects[position]

    def _inputs(self, position: int) -> GateInputs:
        prospect = self.prospects.get(position)
        inputs = gate_inputs(self.rings[position], self.incidents, prospect.analysis_results if prospect else ())
        whole = returning.whole([(each.state, each.tally) for each in self.rings]) if self.is_rollback else None
        return replace(inputs, soak_waived=position == self.promoted, whole=whole)

    def _step(self, step: machine.Step) -> bool:
        """Carry out one step; True if it is the tick's last."""
        match step:
            case machine.Start(position):
                self.rings[position].move(RingState.DEPLOYING)
                self.rings[position].wait_anew(self.now)
                self._record("ring.started", position)
            case machine.Skip(position):
                self._end_ring(position, RingState.SKIPPED)
            case machine.Dispatch(position):
                self._dispatch(position)
            case machine.Rehearse(position):
                rehearsal.begin(self.unit, self.deployment, self.rings[position])
            case machine.Soak(position):
                self.rings[position].move(RingState.SOAKING)
                self.rings[position].wait_anew(self.now)
                self.rings[position].count_pause(self.deployment.paused_at, self.now)
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
            case machine.Halt(position, verdict, code):
                self._store(position, verdict)
                self._pause(position, code)
                return True
            case machine.Complete():
                end(self.unit, self.deployment, DeploymentState.COMPLETED, "all_rings_over")
            case machine.Abandon():
                end(self.unit, self.deployment, DeploymentState.ABORTED, "all_rings_skipped")
            case machine.Rest():
                return True
        return False

    def _end_ring(self, position: int, target: RingState, **payload: Any) -> None:
        ring = self.rings[position]
        ring.move(target)
        ring.finished_at = self.now
        following = next_ring(self.rings, position)
        self._record(f"ring.{target.value}", position, duration_ms=ring.duration_ms, **following, **payload)

    def _dispatch(self, position: int) -> None:
        """Issue commands for the devices that may be dispatched now."""
        ring, prospect = self.rings[position], self._prospect(position)
        ready, orders = prospect.ready(ring, self.plan.rings[position]), []
        for lot, size in batches(ring.waiting, COMMAND_SIZE, ready, prospect.closed)[: self.commands_left]:
            prospect.dispatched_lately += size
            orders.append(take(ring, lot, size))
        for command_id in commands.issue(self.unit.session, orders, self.now):
            self.unit.enqueue(Job.DELIVER, command_id)
        ring.wait_anew(self.now)
        self.commands_left -= len(orders)
        if not self.commands_left:
            self.next_due = self.now
            self.unit.enqueue(Job.ADVANCE, self.deployment.id)

    def _act_on_failure(self, position: int) -> None:
        act = self.plan.rings[position].gate.on_fail
        if act is OnFail.PAUSE:
            if self.deployment.state is DeploymentState.RUNNING:
                self._pause(position, PauseCode.GATE_FAILED)
            return
        reason = f"{PauseCode.GATE_FAILED}:{self.rings[position].name}"
        end(self.unit, self.deployment, DeploymentState.FAILED, reason)
        if act is OnFail.ROLLBACK:
            rollback.begin(self.unit, self.deployment, reason)

    def _pause(self, position: int, code: PauseCode) -> None:
        ring = self.rings[position]
        pause(self.unit, self.deployment, code, f"{code}:{ring.name}", ring.key)

    def _excuse(self, active: list[Hold]) -> None:
        """Count a ring's waiting time only while nothing but the ring itself keeps it waiting.

        A device that rehearses the rollback answers or is given up, however long its site class may take.
        """
        for position in self._worked_on():
            ring = self.rings[position]
            is_rehearsing = ring.rehearsal in states.REHEARSING and not ring.unconfirmed
            ring.excuse(bool(active) or ring.verdict_code == "soak" or is_rehearsing, self.now)

    def _record_holds(self, active: list[Hold]) -> None:
        """Record which holds began and which ended since the last tick."""
        before, names = self.deployment.holds, sorted({hold.name for hold in active})
        for name in sorted({*names} ^ {*before}):
            record(self.unit, self.deployment, f"hold.{'began' if name in names else 'ended'}", hold=name)
        if names != before:
            self.deployment.holds = names

    def _holds(self) -> list[Hold]:
        active = [*holds.stalled(self.deployment, self.rings), *self.stops]
        for position in self._worked_on():
            active += self._prospect(position).holds(self.rings[position], self.plan.rings[position])
        return active

    def _store(self, position: int, verdict: Verdict) -> None:
        """Store the evaluation if its verdict or code is new for the ring; the ring always has the latest sentence."""
        ring = self.rings[position]
        ring.verdict_reason = verdict.reason
        if (ring.verdict, ring.verdict_code) == (verdict.outcome.value, verdict.code):
            return
        ring.verdict, ring.verdict_code = verdict.outcome.value, verdict.code
        self.unit.session.add(
            GateEvaluation(
                deployment_id=self.deployment.id,
                ring_id=ring.id,
                at=self.now,
                policy_version=POLICY_VERSION,
                verdict=verdict.outcome.value,
                code=verdict.code,
                reason=verdict.reason,
                inputs={
                    "policy": self.deployment.plan["rings"][position]["gate"],
                    **self._inputs(position).as_json(),
                    "now": self.now.isoformat(),
                },
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
        record(self.unit, self.deployment, type, **self.rings[position].names, **payload)
