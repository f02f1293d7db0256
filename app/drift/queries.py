"""What the API and the gauges show about findings, one statement each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, and_, func, select

from app.db import db
from app.deployments.models import Ring
from app.devices.models import Device
from app.drift.errors import NoSuchFinding
from app.drift.models import DriftFinding, FindingState, version_of
from app.drift.schemas import DriftQuery
from app.http.pagination import page
from app.metrics import catalogue as m
from app.metrics.projection import Measure
from app.releases.models import Application
from app.vocabulary import DriftKind

_FINDING = (
    select(
        DriftFinding.id,
        Device.external_id,
        Application.name.label("application"),
        Device.platform,
        Device.connector,
        DriftFinding.deployment_id,
        Ring.name.label("ring"),
        DriftFinding.kind,
        DriftFinding.expected,
        DriftFinding.found,
        DriftFinding.state,
        DriftFinding.reason,
        DriftFinding.tries,
        DriftFinding.orders,
        DriftFinding.next_try_at,
        DriftFinding.ordered_by,
        DriftFinding.found_at,
        DriftFinding.seen_at,
        DriftFinding.resolved_at,
    )
    .join(Device, Device.id == DriftFinding.device_id)
    .join(Application, Application.id == DriftFinding.application_id)
    .outerjoin(Ring, and_(Ring.deployment_id == DriftFinding.deployment_id, Ring.key == DriftFinding.ring))
)


def findings(query: DriftQuery) -> dict[str, Any]:
    """A page of findings, the oldest first."""
    statement = _FINDING.where(DriftFinding.id > query.cursor).order_by(DriftFinding.id).limit(query.limit + 1)
    for column, value in (
        (DriftFinding.kind, query.kind),
        (DriftFinding.state, query.state),
        (DriftFinding.reason, query.reason),
        (Application.name, query.application),
        (Device.external_id, query.external_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return page([_shown(row) for row in db.session.execute(statement).mappings()], query.limit)


def finding(finding_id: int) -> dict[str, Any]:
    """One finding. Raises NoSuchFinding."""
    row = db.session.execute(_FINDING.where(DriftFinding.id == finding_id)).mappings().first()
    if row is None:
        raise NoSuchFinding(f"Finding {finding_id} does not exist.")
    return _shown(row)


def _shown(row: RowMapping) -> dict[str, Any]:
    shown = dict(row)
    orders = shown.pop("orders")
    version = version_of(row["state"], row["expected"], row["found"], row["tries"], orders)
    return {**shown, "version": version}


def levels() -> list[Measure]:
    """The gauge of findings that are neither resolved nor accepted, for each kind."""
    unsettled = DriftFinding.state.not_in((FindingState.RESOLVED, FindingState.ACCEPTED))
    # The first condition is that of the partial index of unresolved findings.
    statement = select(DriftFinding.kind, func.count().label("open")).where(
        DriftFinding.state != FindingState.RESOLVED, unsettled
    )
    counts = {row.kind: row.open for row in db.session.execute(statement.group_by(DriftFinding.kind))}
    return [Measure(m.DRIFT_OPEN, m.DRIFT_OPEN(drift=kind.value), counts.get(kind, 0)) for kind in DriftKind]
