"""Remediating drift: in lab and canary, the expected release is installed again, at most three times."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, text

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.service import Order
from app.commands.states import UNSENT, Purpose
from app.connectors import circuits, registry
from app.db import locked, quoted
from app.deployments import holds
from app.deployments.models import Deployment, Ring
from app.deployments.rules.rings import Plan
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.drift.comparing import ON_THEIR_WAY
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.releases.models import Application, Installation

BATCH = 500
"""The most devices of a ring that get a command in one run; the next run continues."""

_DUE = f"""
    finding.kind IN ({quoted(drift_rules.KINDS)}) AND finding.ring IN ({quoted(drift_rules.RINGS)})
    AND finding.state IN ('open', 'remediating') AND finding.next_try_at <= :now
"""
_GIVE_UP = text(f"""
    WITH tried AS (
        SELECT finding.id FROM drift_findings AS finding WHERE {_DUE} AND finding.tries >= {drift_rules.MOST_TRIES}
         ORDER BY finding.device_id FOR UPDATE SKIP LOCKED
    ), given_up AS (
        UPDATE drift_findings AS finding SET state = 'needs_person', next_try_at = NULL
          FROM tried, {Device.__tablename__} AS device WHERE finding.id = tried.id AND device.id = finding.device_id
        RETURNING device.connector, device.platform, finding.application_id, finding.kind
    )
    SELECT given_up.connector, given_up.platform, application.name AS application, given_up.kind, count(*) AS devices
      FROM given_up JOIN {Application.__tablename__} AS application ON application.id = given_up.application_id
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
""")
_WHERE = text(f"""
    SELECT DISTINCT finding.deployment_id, finding.ring FROM drift_findings AS finding
     WHERE {_DUE} AND finding.tries < {drift_rules.MOST_TRIES} ORDER BY 1, 2
""")
_WAITS = ", ".join(f"interval '{int(wait.total_seconds())} seconds'" for wait in drift_rules.BACKOFF)
# Only if the same deployment still determines the expected version, no newer one has the device, and no attempt is
# still on its way.
_TRY = text(f"""
    WITH due AS (
        SELECT finding.id, finding.kind, finding.device_id, finding.tries + 1 AS attempt, device.connector,
               installed.release_id
          FROM drift_findings AS finding
          JOIN {Device.__tablename__} AS device ON device.id = finding.device_id
          JOIN {Installation.__tablename__} AS installed
            ON installed.device_id = finding.device_id AND installed.application_id = finding.application_id
           AND installed.deployment_id = finding.deployment_id
         WHERE finding.deployment_id = :deployment AND finding.ring = :key AND {_DUE}
           AND finding.tries < {drift_rules.MOST_TRIES}
           AND installed.release_id IS NOT NULL AND device.retired_at IS NULL
           AND device.connector <> ALL(CAST(:blocked AS text[]))
           AND NOT {ON_THEIR_WAY.format(device="finding.device_id")}
           AND NOT EXISTS (SELECT 1 FROM {Command.__tablename__} AS earlier
                            WHERE earlier.ring_id = :ring AND earlier.device_id = finding.device_id
                              AND earlier.purpose = 'remediation' AND earlier.state IN ({quoted(UNSENT)}))
         ORDER BY finding.device_id LIMIT :batch FOR UPDATE OF finding SKIP LOCKED
    ), tried AS (
        UPDATE drift_findings AS finding
           SET state = 'remediating', tries = due.attempt,
               next_try_at = CAST(:now AS timestamptz) + (ARRAY[{_WAITS}])[due.attempt]
          FROM due WHERE finding.id = due.id
    )
    SELECT id, kind, device_id, attempt, connector, release_id FROM due ORDER BY id
""")


def remediate() -> None:
    """Issue commands for due findings, one unit of work per ring. After three attempts, a person must decide."""
    with unit_of_work(SYSTEM) as unit:
        for row in unit.session.execute(_GIVE_UP, {"now": clock.now()}).all():
            about = {"connector": row.connector, "application": row.application, "platform": row.platform}
            unit.record("drift.needs_person", {**about, "tallies": [{"kind": row.kind, "count": row.devices}]})
        due = unit.session.execute(_WHERE, {"now": clock.now()}).all()
    for deployment_id, ring_key in due:
        with unit_of_work(SYSTEM) as unit:
            _send(unit, deployment_id, ring_key)


def _send(unit: Unit, deployment_id: int, ring_key: str) -> None:
    """Issue a command for each due device of the ring, unless dispatch is held. The sweep delivers them."""
    session, now = unit.session, clock.now()
    of_id = select(Deployment).where(Deployment.id == deployment_id)
    deployment = session.execute(locked(of_id, share=True)).scalar_one()
    if holds.stopping(session, deployment, Plan.from_json(deployment.plan), now):
        return
    of_key = select(Ring).where(Ring.deployment_id == deployment_id, Ring.key == ring_key)
    ring = session.execute(locked(of_key)).scalar_one()
    parameters = {
        "application": deployment.application_id,
        "platform": deployment.platform,
        "deployment": deployment_id,
        "ring": ring.id,
        "key": ring_key,
        "blocked": sorted(circuits.blocked(session, registry.names(), now)),
        "since": now,
        "now": now,
        "batch": BATCH,
    }
    tried = session.execute(_TRY, parameters).all()
    orders = [
        Order(
            deployment_id=deployment_id,
            ring_id=ring.id,
            ring=ring_key,
            connector=row.connector,
            purpose=Purpose.REMEDIATION,
            release_id=row.release_id,
            device_id=row.device_id,
            size=1,
            parts=("remediation", row.id, row.attempt),
        )
        for row in tried
    ]
    commands.issue(session, orders, now)
    ring.start_sending(len(orders))
    kinds = Counter((row.connector, row.kind) for row in tried)
    for connector in sorted({row.connector for row in tried}):
        tallies = [{"kind": kind, "count": count} for (of, kind), count in sorted(kinds.items()) if of == connector]
        about = {"connector": connector, "ring": ring_key, "platform": deployment.platform}
        unit.record("drift.remediation_sent", {**about, "tallies": tallies}, deployment_id=deployment_id)
