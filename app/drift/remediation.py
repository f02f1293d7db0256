"""Setting drift right: in lab and canary the expected release is installed again, three times at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text

from app import clock
from app.connectors import service as connectors
from app.deployments import holds
from app.deployments.models import Deployment, Ring
from app.deployments.rules.rings import Plan
from app.deployments.transitions import SYSTEM
from app.drift import rules
from app.drift.comparing import ON_THEIR_WAY
from app.events.unit import Unit, unit_of_work

BATCH = 500
"""Devices of a ring that are told in one run; the next run takes the next ones."""

_UNSENT = rules.quoted(tuple(state.value for state in holds.UNSENT))
_DUE = f"""
    finding.kind IN ({rules.quoted(rules.KINDS)}) AND finding.ring IN ({rules.quoted(rules.RINGS)})
    AND finding.state IN ('open', 'remediating') AND finding.next_try_at <= :now
"""
_GIVE_UP = text(f"""
    WITH tried AS (
        SELECT finding.id FROM drift_findings AS finding WHERE {_DUE} AND finding.tries >= {rules.MOST_TRIES}
         ORDER BY finding.device_id FOR UPDATE SKIP LOCKED
    ), given_up AS (
        UPDATE drift_findings AS finding SET state = 'needs_person', next_try_at = NULL
          FROM tried, devices AS device WHERE finding.id = tried.id AND device.id = finding.device_id
        RETURNING device.connector, device.platform, finding.application_id, finding.kind
    )
    SELECT given_up.connector, given_up.platform, application.name AS application, given_up.kind, count(*) AS devices
      FROM given_up JOIN applications AS application ON application.id = given_up.application_id
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
""")
_WHERE = text(f"""
    SELECT DISTINCT finding.deployment_id, finding.ring FROM drift_findings AS finding
     WHERE {_DUE} AND finding.tries < {rules.MOST_TRIES} ORDER BY 1, 2
""")
_WAITS = ", ".join(f"interval '{int(wait.total_seconds())} seconds'" for wait in rules.BACKOFF)
# Only where the same decision still stands, no newer deployment has the device, and no try is still on its way.
_SEND = text(f"""
    WITH due AS (
        SELECT finding.id, finding.kind, finding.device_id, finding.tries + 1 AS try, device.connector,
               installed.release_id
          FROM drift_findings AS finding
          JOIN devices AS device ON device.id = finding.device_id
          JOIN installations AS installed
            ON installed.device_id = finding.device_id AND installed.application_id = finding.application_id
           AND installed.deployment_id = finding.deployment_id
         WHERE finding.deployment_id = :deployment AND finding.ring = :key AND {_DUE}
           AND finding.tries < {rules.MOST_TRIES} AND installed.release_id IS NOT NULL AND device.retired_at IS NULL
           AND device.connector <> ALL(CAST(:blocked AS text[]))
           AND NOT {ON_THEIR_WAY.format(device="finding.device_id")}
           AND NOT EXISTS (SELECT 1 FROM commands AS before
                            WHERE before.ring_id = :ring AND before.device_id = finding.device_id
                              AND before.purpose = 'remediation' AND before.state IN ({_UNSENT}))
         ORDER BY finding.device_id LIMIT :batch FOR UPDATE OF finding SKIP LOCKED
    ), sent AS (
        INSERT INTO commands (deployment_id, ring_id, connector, verb, purpose, release_id, device_id, key, size, state,
                              cursor, tries, due_at)
        SELECT :deployment, :ring, connector, 'publish', 'remediation', release_id, device_id,
               concat_ws(':', CAST(:deployment AS text), CAST(:key AS text), 'remediation', id, try), 1, 'queued', 0, 0,
               :now
          FROM due ORDER BY id
    ), tried AS (
        UPDATE drift_findings AS finding
           SET state = 'remediating', tries = due.try,
               next_try_at = CAST(:now AS timestamptz) + (ARRAY[{_WAITS}])[due.try]
          FROM due WHERE finding.id = due.id
    )
    SELECT connector, kind, count(*) AS devices FROM due GROUP BY 1, 2 ORDER BY 1, 2
""")


def remediate() -> None:
    """Tell those whose time has come, one ring in one unit of work; ask a person where three tries did not help."""
    with unit_of_work(SYSTEM) as unit:
        for row in unit.session.execute(_GIVE_UP, {"now": clock.now()}).all():
            about = {"connector": row.connector, "application": row.application, "platform": row.platform}
            unit.record("drift.needs_person", {**about, "tallies": [{"kind": row.kind, "count": row.devices}]})
        due = unit.session.execute(_WHERE, {"now": clock.now()}).all()
    for deployment_id, ring_key in due:
        with unit_of_work(SYSTEM) as unit:
            _send(unit, deployment_id, ring_key)


def _send(unit: Unit, deployment_id: int, ring_key: str) -> None:
    """Have the sweep deliver a command for each device of the ring that is due, unless something holds them."""
    session, now = unit.session, clock.now()
    deployment = session.execute(
        select(Deployment)
        .where(Deployment.id == deployment_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).scalar_one()
    if holds.stopping(session, deployment, Plan.from_json(deployment.plan), now):
        return
    ring = session.execute(
        select(Ring)
        .where(Ring.deployment_id == deployment_id, Ring.key == ring_key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    parameters = {
        "application": deployment.application_id,
        "platform": deployment.platform,
        "deployment": deployment_id,
        "ring": ring.id,
        "key": ring_key,
        "blocked": sorted(connectors.blocked(session, connectors.names(), now)),
        "since": now,
        "now": now,
        "batch": BATCH,
    }
    sent = session.execute(_SEND, parameters).all()
    ring.sending += sum(row.devices for row in sent)
    for connector in sorted({row.connector for row in sent}):
        about = {"connector": connector, "ring": ring_key, "platform": deployment.platform}
        unit.record(
            "drift.remediation_sent", {**about, "tallies": _tallies(sent, connector)}, deployment_id=deployment_id
        )


def _tallies(rows: Sequence[Row[Any]], connector: str) -> list[dict[str, Any]]:
    return [{"kind": row.kind, "count": row.devices} for row in rows if row.connector == connector]
