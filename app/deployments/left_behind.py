"""Devices that still have a release although it was rolled back: listed, and recorded when one installs it too late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db import db, quoted
from app.deployments.errors import NoSuchDeployment, NotRolledBack
from app.deployments.installations import HAS_RELEASE
from app.deployments.models import Deployment
from app.deployments.rules.states import COUNTS_IN, LIVE, DeploymentKind, Group
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import Unit
from app.http.pagination import PageQuery, page

LEFT_BEHIND = "rollback.devices_left_behind"

_SUCCEEDED = quoted(state for state, group in COUNTS_IN.items() if group is Group.SUCCEEDED)
# Devices in use that the rollout moved to the release and that the rollback has not moved back. No report that we
# received later says that they have another one; deployments that are still live count too.
_STILL = f"""
      FROM assignments AS reached
      JOIN rings AS ring ON ring.id = reached.ring_id
      JOIN {Device.__tablename__} AS device ON device.id = reached.device_id AND device.retired_at IS NULL
      LEFT JOIN assignments AS back ON back.deployment_id = :rollback AND back.device_id = reached.device_id
     WHERE reached.deployment_id = :rolled_back AND {HAS_RELEASE}
       AND reached.previous_release_id IS DISTINCT FROM CAST(:release AS bigint)
       AND (back.state IS NULL OR back.state NOT IN ({_SUCCEEDED}))
       AND NOT EXISTS (
           SELECT 1 FROM deployments AS other
             JOIN assignments AS newer ON newer.deployment_id = other.id AND newer.device_id = reached.device_id
            WHERE other.application_id = :application AND other.id <> :rolled_back
              AND (newer.state IN ({_SUCCEEDED}) OR newer.broke) AND newer.report_id > reached.report_id
              AND CASE other.kind WHEN 'rollback' THEN newer.release_id ELSE other.release_id END
                  IS DISTINCT FROM CAST(:release AS bigint)
       )
"""
_PAGE = text(f"""
    SELECT reached.id, device.external_id, ring.name AS ring, device.connector, back.state AS status,
           CASE WHEN back.id IS NULL THEN 'not_in_rollback' ELSE back.reason END AS reason,
           reached.reported_at, reached.clamped
    {_STILL}
       AND reached.id > :cursor
     ORDER BY reached.id LIMIT :limit
""")  # built from the table of states, not from input
_MISSED = text(f"SELECT count(*) {_STILL} AND back.id IS NULL")  # as above


def listing(deployment_id: int, query: PageQuery) -> dict[str, Any]:
    """A page of the devices that a rollback left behind, by the id of the rollback or of what it rolls back.

    Raises NoSuchDeployment, NotRolledBack.
    """
    deployment = db.session.get(Deployment, deployment_id, populate_existing=True)
    if deployment is None:
        raise NoSuchDeployment(deployment_id)
    rollback = deployment
    if deployment.kind is DeploymentKind.ROLLOUT:
        found = _latest_rollbacks(db.session(), {deployment_id}).get(deployment_id)
        if found is None:
            raise NotRolledBack(
                f"Deployment {deployment_id} has not been rolled back; "
                f"POST /deployments/{deployment_id}/rollback returns its devices to the release they had."
            )
        rollback = found
    parameters = {**_parameters(rollback), "cursor": query.cursor, "limit": query.limit + 1}
    items = [dict(row) for row in db.session.execute(_PAGE, parameters).mappings()]
    return page(items, query.limit)


def record_late(unit: Unit, installed: Mapping[int, int]) -> None:
    """Record devices that installed a release after its rollback was settled; by rollout, how many installed it.

    Called with the rollouts' rings locked. Until a rollback is settled, `record_missed` counts them.
    """
    if not installed:
        return
    for rolled_back, rollback in sorted(_latest_rollbacks(unit.session, set(installed)).items()):
        if rollback.state not in LIVE and rollback.joined_until is None:
            _record(unit, rollback, installed[rolled_back])


def record_missed(unit: Unit, rollback: Deployment) -> None:
    """Record, once at the end of a rollback, the devices that installed the release and did not join it in time.

    Called with the rings of both deployments locked, so reports that are being stored come before or after this.
    """
    if rollback.joined_until is None or rollback.rolls_back is None:
        return
    missed = unit.session.execute(_MISSED, _parameters(rollback)).scalar_one()
    if missed:
        _record(unit, rollback, missed)


def _record(unit: Unit, rollback: Deployment, devices: int) -> None:
    record(unit, rollback, LEFT_BEHIND, rolls_back=rollback.rolls_back, devices=devices)


def _latest_rollbacks(session: Session, rolled_back: set[int]) -> dict[int, Deployment]:
    """The latest rollback of each of these deployments that has one, as it is now."""
    statement = (
        select(Deployment)
        .where(Deployment.rolls_back.in_(rolled_back))
        .order_by(Deployment.id)
        .execution_options(populate_existing=True)
    )
    return {int(row.rolls_back or 0): row for row in session.execute(statement).scalars()}  # the last one stays


def _parameters(rollback: Deployment) -> dict[str, Any]:
    return {
        "rollback": rollback.id,
        "rolled_back": rollback.rolls_back,
        "release": rollback.release_id,
        "application": rollback.application_id,
    }
