"""Deployments that need a person or are running: their decisions, approvals, break-glass, and devices left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attention.items import LISTED, Item, Kind, Listing, Turn
from app.controls.models import FreezeKind
from app.deployments import live
from app.deployments.approval import service as approval
from app.deployments.approval.models import BreakGlass
from app.deployments.approval.service import Waiting
from app.deployments.holds import needs_approvals
from app.deployments.left_behind_models import LeftBehindCount
from app.deployments.live import LiveDeployment, Need
from app.deployments.models import Deployment
from app.deployments.rules.rings import Plan
from app.deployments.rules.risk import people_needed
from app.deployments.rules.states import LIVE, DeploymentState
from app.identity.roles import Role
from app.identity.subjects import approver_names, is_among
from app.queue import QueueName
from app.releases.models import Application, Release

_STOPS = {FreezeKind.FREEZE.value: "freeze", FreezeKind.EMERGENCY_STOP.value: "emergency stop"}
"""Holds whose reason is what a person wrote, which does not say what it is."""
NAMED = 5
"""People who are named; if more may act, nobody is."""
_STATES = {Need.PLANNING: DeploymentState.PLANNING, Need.RUNNING: DeploymentState.RUNNING}


def listings(session: Session, behind: Mapping[QueueName, float], now: datetime) -> list[Listing]:
    """The live deployments by what they need, then what people have to sign."""
    chosen = live.chosen(session, LISTED)
    waiting = approval.waiting(session)
    asked = waiting[:LISTED]
    ids = {number for each in chosen.values() for number in each.ids} | {each.deployment.id for each in asked}
    shown = live.shown(session, ids, behind, now)
    by_need = [
        Listing(
            Kind(need.value),
            each.total,
            [_live(Kind(need.value), shown[number]) for number in each.ids],
            f"/api/v1/deployments?state={_STATES.get(need, DeploymentState.PAUSED)}",
        )
        for need, each in chosen.items()
    ]
    approvers = approver_names(session) if asked else []
    approvals = [_approval(each, shown[each.deployment.id], approvers) for each in asked]
    return [
        *by_need,
        Listing(Kind.APPROVAL, len(waiting), approvals, "/api/v1/deployments"),
        _break_glass(session, now),
        _left_behind(session),
    ]


def _live(kind: Kind, each: LiveDeployment) -> Item:
    """A paused deployment with the way on that is named first, or one that runs with what it waits for."""
    way, first = each.outlook.ways[0], each.outlook.awaits[0]
    is_paused = each.pause_reason is not None
    deployment = each.deployment
    return Item(
        kind=kind,
        title=each.title,
        reason=each.pause_reason or (f"{_STOPS[first.what]}: {first.reason}" if first.what in _STOPS else first.reason),
        since=deployment.paused_at if is_paused else deployment.started_at or deployment.created_at,
        until=None if is_paused else first.until,
        turn=Turn(way.role, way.who) if is_paused else None,
        **_of(each),
    )


def _of(each: LiveDeployment) -> dict[str, Any]:
    return {**_at(each.deployment), "deployment": each.as_json()}


def _approval(waiting: Waiting, each: LiveDeployment, approvers: Sequence[str]) -> Item:
    """A rollout that waits for approvals: the first ring that has too few, and who can still give one."""
    given, needs_approval = waiting.sign_off.approved_by, waiting.sign_off.needs_approval
    rings = Plan.from_json(each.deployment.plan).rings
    ring = next(ring for ring in rings if people_needed(ring.approval, needs_approval) > len(given))
    people = [name for name in approvers if not is_among(name, (each.deployment.requested_by, *given))]
    return Item(
        kind=Kind.APPROVAL,
        title=each.title,
        reason=needs_approvals(ring.name, people_needed(ring.approval, needs_approval), len(given)),
        since=waiting.since,
        turn=Turn(
            Role.APPROVER,
            f"a person other than {', '.join([each.deployment.requested_by, *sorted(given)])}",
            people if len(people) <= NAMED else (),
        ),
        **{**_of(each), "call": f"/api/v1/deployments/{each.deployment.id}/approvals"},
    )


def _break_glass(session: Session, now: datetime) -> Listing:
    """Break-glass that a second person still has to confirm."""
    statement = (
        select(BreakGlass, Deployment, Application.name, Release.version, func.count().over().label("total"))
        .join(Deployment, Deployment.id == BreakGlass.deployment_id)
        .join(Application, Application.id == Deployment.application_id)
        .join(Release, Release.id == Deployment.release_id)
        .where(BreakGlass.confirmed_at.is_(None), BreakGlass.confirm_by > now, Deployment.state.in_(LIVE))
        .order_by(BreakGlass.confirm_by)
        .limit(LISTED)
    )
    rows = session.execute(statement).all()
    items = [
        Item(
            kind=Kind.BREAK_GLASS,
            title=f"{name} {version} on {deployment.platform}",
            reason=f"{usage.broken_by} used break-glass, which a second person has to confirm: {usage.reason}",
            since=usage.broken_at,
            until=usage.confirm_by,
            turn=Turn(Role.APPROVER, f"a person other than {usage.broken_by}"),
            **{**_at(deployment), "call": f"/api/v1/deployments/{deployment.id}/approvals"},
        )
        for usage, deployment, name, version, _ in rows
    ]
    return Listing(Kind.BREAK_GLASS, rows[0].total if rows else 0, items, None)


def _left_behind(session: Session) -> Listing:
    """Rollbacks that left devices behind, as last counted."""
    statement = (
        select(
            Deployment, Application.name, Release.version, LeftBehindCount.devices, func.count().over().label("total")
        )
        .join(LeftBehindCount, LeftBehindCount.rollback_id == Deployment.id)
        .join(Application, Application.id == Deployment.application_id)
        .join(Release, Release.id == Deployment.release_id)
        .where(LeftBehindCount.devices > 0)
        .order_by(LeftBehindCount.devices.desc(), Deployment.id)
        .limit(LISTED)
    )
    rows = session.execute(statement).all()
    items = [
        Item(
            kind=Kind.LEFT_BEHIND,
            title=f"{row.name} {row.version} on {row.Deployment.platform}",
            reason=f"{devices(row.devices)} still {'has' if row.devices == 1 else 'have'} {row.version}, which was "
            "rolled back: roll back again, or accept it",
            since=row.Deployment.finished_at,
            turn=Turn(Role.OPERATOR),
            **{**_at(row.Deployment), "call": f"/api/v1/deployments/{row.Deployment.id}/left-behind?state=open"},
        )
        for row in rows
    ]
    return Listing(Kind.LEFT_BEHIND, rows[0].total if rows else 0, items, None)


def devices(count: int) -> str:
    """A number of devices in words."""
    return "1 device" if count == 1 else f"{count:,} devices"


def _at(deployment: Deployment) -> dict[str, Any]:
    return {
        "deployment_id": deployment.id,
        "call": f"/api/v1/deployments/{deployment.id}",
        "page": f"/dashboards/eucora-rollouts?var-application={deployment.application_label}",
    }
