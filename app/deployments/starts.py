"""The earliest start of a deployment: what a request means by it, and changing it while the deployment waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app import clock
from app.deployments import transitions
from app.deployments.approval import service as approval
from app.deployments.errors import NothingToReschedule
from app.deployments.models import Deployment
from app.deployments.rules import schedule
from app.deployments.rules.schedule import Start
from app.deployments.rules.states import Decision, DeploymentKind, DeploymentState
from app.deployments.scope_schemas import RescheduleIn, StartIn
from app.errors import FieldError, Invalid
from app.events.unit import unit_of_work
from app.http.serialization import timestamp
from app.http.versions import IfMatch
from app.queue import Job


def requested(body: StartIn | RescheduleIn, now: datetime) -> Start | None:
    """The start that a body asks for; None for at once. Raises Invalid."""
    if body.starts_at is None:
        if body.time_zone is not None:
            raise _invalid([("time_zone", "needs `starts_at`, the time in it")])
        return None
    if problems := schedule.problems(body.starts_at, body.time_zone, now):
        raise _invalid(problems)
    return schedule.read(body.starts_at, body.time_zone)


def fields(start: Start | None) -> dict[str, Any]:
    """The start as deployments store it."""
    return {"starts_at": start and start.at, "time_zone": start and start.zone}


def recorded(start: Start | None) -> dict[str, Any]:
    """The start as events have it."""
    return {"starts_at": start and timestamp(start.at), "time_zone": start and start.zone}


def shown(deployment: dict[str, Any]) -> dict[str, Any]:
    """The start of a shown deployment, also in the zone in which it was given."""
    if deployment["starts_at"] is None:
        return {**deployment, "starts_at_local": None}
    start = Start(deployment["starts_at"], deployment["time_zone"])
    return {**deployment, "starts_at_local": start.local.isoformat(timespec="seconds")}


def reschedule(actor: str, deployment_id: int, body: RescheduleIn, if_match: IfMatch = None) -> None:
    """Change or remove the start of a rollout that has not started; approvals of another start become invalid.

    Raises NoSuchDeployment, Stale, IllegalTransition, NothingToReschedule, Invalid.
    """
    now = clock.now()
    with unit_of_work(actor) as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, if_match)
        transitions.require(deployment, Decision.RESCHEDULE)
        _require_waiting(deployment)
        before, after = deployment.start, requested(body, now)
        if before == after:
            return
        deployment.starts_at, deployment.time_zone = (after.at, after.zone) if after else (None, None)
        deployment.version += 1
        differs = {"before": recorded(before), "after": recorded(after), "why": body.reason}
        transitions.record(unit, deployment, "deployment.rescheduled", **differs)
        approval.invalidate(unit, deployment, "the start changed")
        if deployment.state is not DeploymentState.PLANNING:
            deployment.due_at = now
            unit.enqueue(Job.ADVANCE, deployment_id)


def _require_waiting(deployment: Deployment) -> None:
    """Raise NothingToReschedule unless the deployment is a rollout whose start has not come."""
    if deployment.kind is DeploymentKind.ROLLBACK:
        raise NothingToReschedule(f"Deployment {deployment.id} is a rollback, which always starts at once.")
    if deployment.started_at is not None:
        raise NothingToReschedule(
            f"Deployment {deployment.id} started at {timestamp(deployment.started_at)}. Pause it to stop dispatch, "
            "or abort it."
        )


def _invalid(problems: list[schedule.StartProblem]) -> Invalid:
    found = "; ".join(f"`{field}` {message}" for field, message in problems)
    return Invalid(
        f"The start is invalid: {found}. Nothing was changed.",
        fields=[FieldError(field, message) for field, message in problems],
    )
