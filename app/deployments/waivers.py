"""Waivers: the way on after a failed gate or a stalled ring, granted by another person, with a reason and an expiry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock
from app.deployments import transitions
from app.deployments.errors import NothingToWaive, OwnWaiver, WaiverExpired
from app.deployments.models import Deployment, Ring
from app.deployments.rules import outlook
from app.deployments.rules.states import AssignmentState, Decision, RingState
from app.deployments.schemas import WaiverIn
from app.deployments.waiver_models import Waiver
from app.errors import FieldError, Invalid
from app.events.unit import Unit, unit_of_work
from app.http.serialization import timestamp
from app.http.versions import IfMatch
from app.identity.subjects import is_same

LONGEST = timedelta(days=90)

_SKIP = text("""
    WITH unclaimed AS (
        SELECT id FROM assignments
         WHERE ring_id = :ring AND state = 'pending' AND command_id IS NULL ORDER BY id FOR UPDATE
    ), skipped AS (
        UPDATE assignments SET state = 'cancelled' FROM unclaimed WHERE assignments.id = unclaimed.id
        RETURNING connector
    )
    SELECT connector, count(*) AS devices FROM skipped GROUP BY connector ORDER BY connector
""")


def grant(actor: str, deployment_id: int, terms: WaiverIn, if_match: IfMatch = None) -> Deployment:
    """Waive the gate of the failed or stalled ring, or renew a waiver; a paused deployment waits to be resumed.

    Devices of the ring that were not dispatched to follow at the ring's pace, or are excluded with `skip_rest`.
    Raises OwnWaiver for the requester, NothingToWaive, IllegalTransition if the deployment has ended.
    """
    now = clock.now()
    if not now < terms.expires_at <= now + LONGEST:
        raise Invalid(
            f"A waiver lasts at most {LONGEST.days} days; choose an earlier expires_at.",
            fields=[FieldError("expires_at", f"must be within the next {LONGEST.days} days")],
        )
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.WAIVE)
        rings = transitions.locked_rings(unit.session, deployment_id)
        ring = _waivable(unit.session, deployment, rings, now)
        if is_same(actor, deployment.requested_by):
            raise OwnWaiver(f"{actor} requested this deployment; another person must grant the waiver.")
        was, deployment.version = ring.state, deployment.version + 1
        why = {"reason": terms.reason, "compensating_controls": terms.compensating_controls}
        unit.session.add(
            Waiver(
                deployment_id=deployment.id,
                ring_id=ring.id,
                granted_by=actor,
                granted_at=now,
                expires_at=terms.expires_at,
                **why,
            )
        )
        about = {**ring.names, "expires_at": terms.expires_at.isoformat(), **why}
        if was is RingState.WAIVED:
            transitions.record(unit, deployment, "waiver.renewed", **about)
            return deployment
        ring.move(RingState.WAIVED)
        ring.finished_at = ring.finished_at or now
        skipped = _skip_rest(unit, deployment, ring) if terms.skip_rest else 0
        transitions.record(
            unit,
            deployment,
            "ring.waived",
            duration_ms=None,
            was=was.value,
            skipped=skipped,
            **transitions.next_ring(rings, ring.position),
            **about,
        )
        return deployment


def _waivable(session: Session, deployment: Deployment, rings: Sequence[Ring], now: datetime) -> Ring:
    """The ring that a waiver is for: the current one if it failed or cannot go on, or one whose waiver has expired."""
    position = outlook.waivable([ring.state for ring in rings], deployment.pause_code)
    if position is not None:
        return rings[position]
    renewable = expired(session, deployment.id, now)
    if renewable is not None:
        return next(each for each in rings if each.id == renewable.id)
    raise NothingToWaive(
        "No ring of this deployment has failed its gate or is stalled, and no waiver has expired; "
        "if the deployment is paused, resume it instead."
    )


def _skip_rest(unit: Unit, deployment: Deployment, ring: Ring) -> int:
    """Exclude the ring's devices that no command has claimed; returns how many."""
    tallies = []
    for row in unit.session.execute(_SKIP, {"ring": ring.id}):
        ring.shift(AssignmentState.PENDING, AssignmentState.CANCELLED, row.devices)
        outcome = AssignmentState.CANCELLED.value
        tallies.append({**ring.names, "connector": row.connector, "outcome": outcome, "count": row.devices})
    ring.stop_waiting()
    if tallies:
        transitions.record(unit, deployment, "assignments.cancelled", tallies=tallies)
    return sum(tally["count"] for tally in tallies)


def expired(session: Session, deployment_id: int, now: datetime) -> Ring | None:
    """The first ring of the deployment whose latest waiver has expired."""
    return expired_of(session, [deployment_id], now).get(deployment_id)


def expired_of(session: Session, deployment_ids: Collection[int], now: datetime) -> dict[int, Ring]:
    """The same ring of each of several deployments that has one."""
    latest = func.max(Waiver.expires_at)
    waived = select(Waiver.ring_id).where(Waiver.deployment_id.in_(deployment_ids)).group_by(Waiver.ring_id)
    last_first = select(Ring).where(Ring.id.in_(waived.having(latest <= now))).order_by(Ring.position.desc())
    return {ring.deployment_id: ring for ring in session.execute(last_first).scalars()}


def require_unexpired(session: Session, deployment_id: int) -> None:
    """Raise WaiverExpired if a waiver of the deployment has expired and was not renewed."""
    ring = expired(session, deployment_id, clock.now())
    if ring is not None:
        expired_at = session.execute(select(func.max(Waiver.expires_at)).where(Waiver.ring_id == ring.id)).scalar_one()
        raise WaiverExpired(
            f"The waiver of ring {ring.name} expired at {timestamp(expired_at)}. Another person can renew it with "
            f"POST /deployments/{deployment_id}/waive; or abort the deployment or roll it back."
        )
