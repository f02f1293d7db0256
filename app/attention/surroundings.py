"""What rollouts run into: incidents, freezes, emergency stops, circuit breakers, and drift that needs a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.attention.items import LISTED, Item, Kind, Listing, Turn
from app.attention.rollouts import devices
from app.connectors import circuits
from app.connectors.breaker import BreakerState, State
from app.controls import stops
from app.controls.models import Freeze, FreezeKind, Incident
from app.deployments.models import Deployment
from app.drift.models import DriftFinding, FindingState
from app.events.models import Event
from app.identity.roles import Role
from app.releases.models import Application, Release

LOOKED_AT = 1_000
"""How many of the newest events that are about no deployment are searched for changes of breakers."""
_CALLS: Mapping[FreezeKind, str] = {
    FreezeKind.FREEZE: "/api/v1/freezes",
    FreezeKind.EMERGENCY_STOP: "/api/v1/emergency-stop",
}
_OPENED: Mapping[str, str] = {
    "faults_in_a_row": "too many calls in a row failed",
    "share_of_faults": "too large a share of its calls failed",
    "probe_failed": "a probe failed",
    "wait_over": "it is being probed",
}
"""The codes of `breaker.why` in words."""


def incidents(session: Session) -> Listing:
    """The open incidents, the worst and oldest first."""
    statement = (
        select(
            Incident,
            Deployment.application_label,
            Application.name,
            Release.version,
            func.count().over().label("total"),
        )
        .outerjoin(Deployment, Deployment.id == Incident.deployment_id)
        .outerjoin(Application, Application.id == Deployment.application_id)
        .outerjoin(Release, Release.id == Deployment.release_id)
        .where(Incident.closed_at.is_(None))
        .order_by(Incident.severity, Incident.opened_at, Incident.id)
        .limit(LISTED)
    )
    rows = session.execute(statement.execution_options(populate_existing=True)).all()
    items = []
    for row in rows:
        incident, about = row.Incident, f" about {row.name} {row.version}" if row.name else ""
        items.append(
            Item(
                kind=Kind.INCIDENT,
                title=incident.title,
                reason=f"{incident.severity}{about}, opened by {incident.opened_by}",
                since=incident.opened_at,
                turn=Turn(Role.OPERATOR),
                call=f"/api/v1/incidents/{incident.id}",
                page="/dashboards/eucora-rollouts" + (f"?var-application={row.application_label}" if about else ""),
                deployment_id=incident.deployment_id,
            )
        )
    return Listing(Kind.INCIDENT, rows[0].total if rows else 0, items, "/api/v1/incidents?open=true")


def freezes(session: Session, now: datetime) -> list[Listing]:
    """What blocks dispatch now: emergency stops, and freezes outside of whose windows time does not lie."""
    standing = [freeze for freeze in stops.declared(session, now) if stops.stands(freeze, now)]
    return [
        Listing(
            Kind(kind.value),
            sum(freeze.kind is kind for freeze in standing),
            [_freeze(freeze) for freeze in standing if freeze.kind is kind][:LISTED],
            f"{call}?standing=true",
        )
        for kind, call in _CALLS.items()
    ]


def _freeze(freeze: Freeze) -> Item:
    """A freeze in force. It is somebody's turn if its lift is requested, or if it never ends by itself."""
    turn, reason = None, f"{freeze.created_by}: {freeze.reason}"
    if freeze.lift_requested_by is not None:
        turn = Turn(Role.APPROVER, f"a person other than {freeze.lift_requested_by}")
        reason = f"{reason}; {freeze.lift_requested_by} asks to lift it: {freeze.lift_reason}"
    elif freeze.ends_at is None and not freeze.windows:
        turn = Turn(Role.OPERATOR)
    what = "Emergency stop" if freeze.kind is FreezeKind.EMERGENCY_STOP else "Freeze"
    return Item(
        kind=Kind(freeze.kind.value),
        title=f"{what} of {freeze.application or 'every application'}",
        reason=reason,
        since=freeze.starts_at,
        until=freeze.ends_at,
        turn=turn,
        call=f"{_CALLS[freeze.kind]}/{freeze.id}",
        page="/dashboards/eucora-operations",
    )


def breakers(session: Session) -> Listing:
    """The circuit breakers that are not closed. Those that a person opened wait for a person."""
    states = circuits.not_closed(session)
    changes = _changes(session, states) if states else {}
    names = sorted(states)
    items = [_breaker(name, states[name], *changes.get(name, (None, ""))) for name in names[:LISTED]]
    return Listing(Kind.BREAKER, len(names), items, "/api/v1/connectors")


def _breaker(name: str, state: BreakerState, changed_at: datetime | None, why: str) -> Item:
    by_hand = state.state is State.OPEN and state.retry_at is None
    return Item(
        kind=Kind.BREAKER,
        title=f"connector {name}",
        reason=f"its circuit breaker is {state.state.value.replace('_', '-')}{why and f': {why}'}",
        since=changed_at or state.opened_at,
        until=state.retry_at,
        turn=Turn(Role.OPERATOR) if by_hand else None,
        call=f"/api/v1/connectors/{name}",
        page=f"/dashboards/eucora-connectors?var-connector={name}",
    )


def _changes(session: Session, names: Collection[str]) -> dict[str, tuple[datetime, str]]:
    """When each breaker last changed, and why, or who did it, if that is not long ago."""
    newest = (
        select(Event.id, Event.at, Event.type, Event.actor, Event.payload)
        .where(Event.deployment_id.is_(None))
        .order_by(Event.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    connector = newest.c.payload["connector"].astext
    statement = (
        select(newest, connector.label("connector"))
        .where(newest.c.type == "breaker.changed", connector.in_(names))
        .order_by(connector, newest.c.id.desc())
        .ext(distinct_on(connector))
    )
    found = {}
    for row in session.execute(statement):
        code = row.payload["reason"]
        found[row.connector] = (row.at, _OPENED.get(code, f"{row.actor} opened it: {code}"))
    return found


def drift(session: Session) -> tuple[Listing, int]:
    """The applications whose findings need a person, those with most first; and how many findings that are."""
    count = func.count().label("findings")
    statement = (
        select(
            Application.name,
            count,
            func.min(DriftFinding.found_at).label("since"),
            func.count().over().label("applications"),
            func.sum(func.count()).over().label("total"),
        )
        .join(Application, Application.id == DriftFinding.application_id)
        # The first condition is that of the partial index of unresolved findings.
        .where(DriftFinding.state != FindingState.RESOLVED, DriftFinding.state == FindingState.NEEDS_PERSON)
        .group_by(Application.name)
        .order_by(count.desc(), Application.name)
        .limit(LISTED)
    )
    rows = session.execute(statement).all()
    items = [
        Item(
            kind=Kind.DRIFT,
            title=row.name,
            reason=f"{devices(row.findings)} {'differs' if row.findings == 1 else 'differ'} from what is expected and "
            "will not be remediated until a person says so",
            since=row.since,
            turn=Turn(Role.OPERATOR),
            call="/api/v1/drift?state=needs_person",
            page="/dashboards/eucora-connectors",
        )
        for row in rows
    ]
    listing = Listing(Kind.DRIFT, rows[0].applications if rows else 0, items, "/api/v1/drift?state=needs_person")
    return listing, int(rows[0].total) if rows else 0
