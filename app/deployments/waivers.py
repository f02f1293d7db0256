"""Waivers: the only way to continue after a failed gate, granted by another person, with a reason and an expiry."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.deployments import transitions
from app.deployments.errors import NothingToWaive, OwnWaiver, WaiverExpired
from app.deployments.models import Deployment, Ring, Waiver
from app.deployments.rules.states import RingState
from app.deployments.schemas import WaiverIn
from app.errors import FieldError, Invalid
from app.events.unit import unit_of_work

LONGEST = timedelta(days=90)


def grant(actor: str, deployment_id: int, terms: WaiverIn, if_match: int | None = None) -> Deployment:
    """Waive the gate of the failed ring; the deployment stays paused until a person resumes it.

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
        transitions.require_live(deployment)
        rings = transitions.locked_rings(unit.session, deployment_id)
        failed = next((ring for ring in rings if ring.state is RingState.FAILED), None)
        if failed is None:
            raise NothingToWaive(
                "No ring of this deployment has failed its gate; if the deployment is paused, resume it instead."
            )
        if actor == deployment.requested_by:
            raise OwnWaiver(f"{actor} requested this deployment; another person must grant the waiver.")
        failed.move(RingState.WAIVED)
        deployment.version += 1
        why = {"reason": terms.reason, "compensating_controls": terms.compensating_controls}
        unit.session.add(
            Waiver(
                deployment_id=deployment.id,
                ring_id=failed.id,
                granted_by=actor,
                granted_at=now,
                expires_at=terms.expires_at,
                **why,
            )
        )
        following = next((ring.key for ring in rings if ring.position == failed.position + 1), None)
        about = {"ring": failed.key, "next_ring": following, "duration_ms": None, **why}
        transitions.record(unit, deployment, "ring.waived", expires_at=terms.expires_at.isoformat(), **about)
        return deployment


def require_unexpired(session: Session, deployment_id: int) -> None:
    """Raise WaiverExpired if a waiver of the deployment has expired."""
    expired = session.execute(
        select(Ring.name, Waiver.expires_at)
        .join(Ring, Ring.id == Waiver.ring_id)
        .where(Waiver.deployment_id == deployment_id, Waiver.expires_at <= clock.now())
    ).first()
    if expired is not None:
        raise WaiverExpired(
            f"The waiver of ring {expired.name} expired at {expired.expires_at:%Y-%m-%d %H:%M} UTC; "
            "abort the deployment or roll it back."
        )
