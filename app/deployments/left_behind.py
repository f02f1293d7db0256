"""Devices that still have a release although it was rolled back: listed, counted, and accepted by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock
from app.db import database_time, db, locked, quoted
from app.deployments.errors import NoSuchDeployment, NotRolledBack, StillRollingBack
from app.deployments.installations import HAS_RELEASE
from app.deployments.left_behind_models import LateInstall, LeftBehindCount
from app.deployments.models import Deployment
from app.deployments.rules.states import COUNTS_IN, LIVE, DeploymentKind, Group
from app.deployments.schemas import LeftBehindAcceptanceIn, LeftBehindQuery, LeftBehindState
from app.deployments.transitions import record
from app.devices.models import Device
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.pagination import Order, page
from app.metrics import catalogue as m
from app.metrics.projection import Measure

LEFT_BEHIND = "rollback.devices_left_behind"
ACCEPTED = "rollback.left_behind_accepted"
ACCEPTED_AT_ONCE = 10_000
"""Devices accepted by one call; the answer says how many remain."""

_SUCCEEDED = quoted(state for state, group in COUNTS_IN.items() if group is Group.SUCCEEDED)
HAS_ANOTHER = f"""
       EXISTS (
           SELECT 1 FROM deployments AS other
             JOIN assignments AS newer ON newer.deployment_id = other.id AND newer.device_id = reached.device_id
            WHERE other.application_id = :application AND other.id <> reached.deployment_id
              AND (newer.state IN ({_SUCCEEDED}) OR newer.broke) AND newer.report_id > reached.report_id
              AND CASE other.kind WHEN 'rollback' THEN newer.release_id ELSE other.release_id END
                  IS DISTINCT FROM CAST(:release AS bigint)
       )
"""
"""Whether a device has reported another release after the assignment `reached`."""
# Devices in use that the rollout moved to the release and that the rollback has not moved back. No report that we
# received later says that they have another one; deployments that are still live count too.
_STILL = f"""
      FROM assignments AS reached
      JOIN rings AS ring ON ring.id = reached.ring_id
      JOIN {Device.__tablename__} AS device ON device.id = reached.device_id AND device.retired_at IS NULL
      LEFT JOIN assignments AS back ON back.deployment_id = :rollback AND back.device_id = reached.device_id
      LEFT JOIN left_behind_acceptances AS acceptance ON acceptance.assignment_id = reached.id
     WHERE reached.deployment_id = :rolled_back AND {HAS_RELEASE}
       AND reached.previous_release_id IS DISTINCT FROM CAST(:release AS bigint)
       AND (back.state IS NULL OR back.state NOT IN ({_SUCCEEDED}))
       AND NOT {HAS_ANOTHER}
"""
_PAGE = text(f"""
    SELECT reached.id, device.external_id, ring.name AS ring, device.connector, back.state AS status,
           CASE WHEN back.id IS NULL THEN 'not_in_rollback' ELSE back.reason END AS reason,
           reached.reported_at, reached.clamped,
           CASE WHEN acceptance.assignment_id IS NULL THEN '{LeftBehindState.OPEN}'
                ELSE '{LeftBehindState.ACCEPTED}' END AS state,
           acceptance.accepted_by, acceptance.accepted_at, acceptance.reason AS acceptance_reason
    {_STILL}
       AND CASE WHEN :newest THEN reached.id < :cursor OR :cursor = 0 ELSE reached.id > :cursor END
       AND (CAST(:accepted AS boolean) IS NULL OR (acceptance.assignment_id IS NOT NULL) = :accepted)
     ORDER BY CASE WHEN :newest THEN -reached.id ELSE reached.id END LIMIT :limit
""")  # built from the table of states, not from input
_COUNT = text(f"SELECT count(*) {_STILL} AND acceptance.assignment_id IS NULL")  # as above
_MISSED = text(f"SELECT count(*) {_STILL} AND back.id IS NULL")  # as above
_ACCEPT = text(f"""
    WITH still AS MATERIALIZED (
        SELECT reached.id, device.external_id, acceptance.assignment_id IS NOT NULL AS is_accepted
        {_STILL}
           AND (CAST(:names AS text[]) IS NULL OR device.external_id = ANY(CAST(:names AS text[])))
    ), accepted AS (
        INSERT INTO left_behind_acceptances (assignment_id, accepted_by, accepted_at, reason)
        SELECT id, :by, :now, :reason FROM still WHERE NOT is_accepted ORDER BY id LIMIT :most
        ON CONFLICT DO NOTHING RETURNING assignment_id
    )
    SELECT (SELECT count(*) FROM accepted) AS accepted,
           (SELECT count(*) FROM still WHERE is_accepted) AS already_accepted,
           ARRAY(SELECT name FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS named(name, n)
                  WHERE name NOT IN (SELECT external_id FROM still) ORDER BY n) AS not_left_behind
""")  # as above


def listing(deployment_id: int, query: LeftBehindQuery) -> dict[str, Any]:
    """A page of the devices that a rollback left behind, by the id of the rollback or of what it rolls back.

    Raises NoSuchDeployment, NotRolledBack.
    """
    parameters = {
        **_parameters(_rollback_of(db.session(), deployment_id)),
        "accepted": None if query.state is None else query.state is LeftBehindState.ACCEPTED,
        "cursor": query.cursor,
        "newest": query.order is Order.NEWEST,
        "limit": query.limit + 1,
    }
    items = [dict(row) for row in db.session.execute(_PAGE, parameters).mappings()]
    return page(items, query)


def accept(actor: str, deployment_id: int, body: LeftBehindAcceptanceIn) -> dict[str, Any]:
    """Let devices that the latest rollback left behind keep the release. Repeating it changes nothing.

    Raises NoSuchDeployment, NotRolledBack, and StillRollingBack while the rollback may still return them.
    """
    with unit_of_work(actor) as unit:
        rolled_back = int(_rollback_of(unit.session, deployment_id).rolls_back or 0)
        latest = _latest_rollbacks(unit.session, {rolled_back})[rolled_back]
        rollback = unit.session.execute(locked(select(Deployment).where(Deployment.id == latest.id))).scalar_one()
        if rollback.state in LIVE:
            raise StillRollingBack(
                f"Deployment {rollback.id} is still rolling devices back; wait until it ends, or abort it first."
            )
        parameters = {
            **_parameters(rollback),
            "names": None if body.external_ids == "all" else list(body.external_ids),
            "by": actor,
            "now": clock.now(),
            "reason": body.reason,
            "most": ACCEPTED_AT_ONCE,
        }
        result = unit.session.execute(_ACCEPT, parameters).mappings().one()
        left = recount(unit, rollback)
        if result["accepted"]:
            about = {"rolls_back": rollback.rolls_back, "devices": result["accepted"], "open": left}
            record(unit, rollback, ACCEPTED, **about, acceptance_reason=body.reason)
        return {"rollback": rollback.id, **result, "open": left}


def record_late(unit: Unit, installed: Mapping[int, int]) -> None:
    """Record devices that installed a release after its rollback was settled; by rollout, how many installed it.

    Called with the rollouts' rings locked. Until a rollback is settled, `record_missed` counts them.
    """
    if not installed:
        return
    for rolled_back, rollback in sorted(_latest_rollbacks(unit.session, set(installed)).items()):
        if rollback.state not in LIVE and rollback.joined_until is None:
            _record(unit, rollback, installed[rolled_back], database_time(unit.session))


def record_missed(unit: Unit, rollback: Deployment, since: datetime | None) -> None:
    """Record, once at the end of a rollback, the devices that installed the release and did not join it in time.

    Called with the rings of both deployments locked, so reports that are being stored come before or after this.
    `since`: until when the rollback looked for devices that join; None if it is settled already.
    """
    if since is None or rollback.rolls_back is None:
        return
    missed = unit.session.execute(_MISSED, _parameters(rollback)).scalar_one()
    if missed:
        _record(unit, rollback, missed, since)


def counted(session: Session, rollback: Deployment) -> int:
    """How many devices a rollback left behind when they were last counted."""
    count = session.get(LeftBehindCount, rollback.id, populate_existing=True)
    return 0 if count is None else count.devices


def recount(unit: Unit, rollback: Deployment) -> int:
    """Count the devices that a rollback left behind; only the latest one of a deployment has any.

    Called with the rollback locked. One that is live has not left anybody behind yet.
    """
    if rollback.state in LIVE or rollback.rolls_back is None:
        return 0
    latest = _latest_rollbacks(unit.session, {rollback.rolls_back})[rollback.rolls_back]
    is_latest = latest.id == rollback.id
    devices: int = unit.session.execute(_COUNT, _parameters(rollback)).scalar_one() if is_latest else 0
    if devices != counted(unit.session, rollback):
        unit.session.merge(LeftBehindCount(rollback_id=rollback.id, devices=devices))
    return devices


def recount_all() -> None:
    """Count again for each rollback that left devices behind: others may have moved them since. One unit each."""
    with unit_of_work(SYSTEM) as unit:
        in_order = select(LeftBehindCount.rollback_id).where(LeftBehindCount.devices > 0).order_by("rollback_id")
        rollback_ids = list(unit.session.execute(in_order).scalars())
    for rollback_id in rollback_ids:
        with unit_of_work(SYSTEM) as unit:
            of_id = select(Deployment).where(Deployment.id == rollback_id)
            rollback = unit.session.execute(locked(of_id, skip=True)).scalar_one_or_none()
            if rollback is not None:
                recount(unit, rollback)


def levels() -> list[Measure]:
    """The gauge of devices that rollbacks left behind and nobody has accepted, as last counted."""
    total = db.session.execute(select(func.sum(LeftBehindCount.devices))).scalar_one()
    return [Measure(m.LEFT_BEHIND, m.LEFT_BEHIND(), int(total or 0))]


def _record(unit: Unit, rollback: Deployment, devices: int, since: datetime) -> None:
    record(unit, rollback, LEFT_BEHIND, rolls_back=rollback.rolls_back, devices=devices)
    unit.session.add(LateInstall(rollback_id=rollback.id, since=since))


def _rollback_of(session: Session, deployment_id: int) -> Deployment:
    """The rollback itself, or the latest one of a rollout. Raises NoSuchDeployment, NotRolledBack."""
    deployment = session.get(Deployment, deployment_id, populate_existing=True)
    if deployment is None:
        raise NoSuchDeployment(deployment_id)
    if deployment.kind is DeploymentKind.ROLLBACK:
        return deployment
    found = _latest_rollbacks(session, {deployment_id}).get(deployment_id)
    if found is None:
        raise NotRolledBack(
            f"Deployment {deployment_id} has not been rolled back; "
            f"POST /deployments/{deployment_id}/rollback returns its devices to the release they had."
        )
    return found


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
