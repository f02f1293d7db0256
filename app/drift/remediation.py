"""Remediating drift: in rings that allow it, the expected release is installed again, at most three times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select, text, update

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.service import Order
from app.commands.states import UNSENT, Purpose
from app.connectors import circuits, registry
from app.db import locked, quoted
from app.deployments import holds
from app.deployments.models import Deployment, Ring
from app.deployments.orders import COMMAND_SIZE
from app.deployments.rules.rings import Plan
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.drift.comparing import ON_THEIR_WAY
from app.drift.models import DriftFinding, FindingReason
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.queue import Job
from app.releases.models import Application, Installation

_WAITS = ", ".join(f"interval '{int(wait.total_seconds())} seconds'" for wait in drift_rules.BACKOFF)
# How far ahead the next try can be; if it is further, the clock was set back since, and it is due.
_FURTHEST = f"""
    CAST(:now AS timestamptz) + interval '{int(clock.SKEW.total_seconds())} seconds'
    + CASE finding.state WHEN 'remediating' THEN (ARRAY[{_WAITS}])[finding.tries] ELSE interval '0' END
"""
_DUE = f"""
    finding.kind IN ({quoted(drift_rules.KINDS)})
    AND finding.state IN ('open', 'remediating')
    AND (finding.next_try_at <= :now OR finding.next_try_at > {_FURTHEST})
"""
_GIVE_UP = text(f"""
    WITH tried AS (
        SELECT finding.id FROM drift_findings AS finding WHERE {_DUE} AND finding.tries >= {drift_rules.MOST_TRIES}
         ORDER BY finding.device_id FOR UPDATE SKIP LOCKED
    ), given_up AS (
        UPDATE drift_findings AS finding
           SET state = 'needs_person', reason = 'tries', next_try_at = NULL, ordered_by = NULL
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
# Only if the same deployment still determines the expected version, no newer one has the device, and no attempt is
# still on its way.
_TRY = text(f"""
    WITH due AS (
        SELECT finding.id, finding.kind, finding.orders, finding.tries + 1 AS attempt, device.connector,
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
                            WHERE earlier.id = finding.command_id AND earlier.state IN ({quoted(UNSENT)}))
         ORDER BY finding.device_id LIMIT :batch FOR UPDATE OF finding SKIP LOCKED
    ), tried AS (
        UPDATE drift_findings AS finding
           SET state = 'remediating', tries = due.attempt,
               next_try_at = CAST(:now AS timestamptz) + (ARRAY[{_WAITS}])[due.attempt]
          FROM due WHERE finding.id = due.id
    )
    SELECT id, kind, attempt, orders, connector, release_id FROM due ORDER BY connector, release_id, id
""")


def remediate() -> None:
    """Issue commands for due findings, up to a full command in a unit of work. After three attempts, ask a person."""
    with unit_of_work(SYSTEM) as unit:
        for row in unit.session.execute(_GIVE_UP, {"now": clock.now()}).all():
            about = {"connector": row.connector, "application": row.application, "platform": row.platform}
            tallies = [{"kind": row.kind, "count": row.devices, "reason": FindingReason.TRIES.value}]
            unit.record("drift.needs_person", {**about, "tallies": tallies})
        due = unit.session.execute(_WHERE, {"now": clock.now()}).all()
    for deployment_id, ring_key in due:
        tried = COMMAND_SIZE
        while tried == COMMAND_SIZE:
            with unit_of_work(SYSTEM) as unit:
                tried = _send(unit, deployment_id, ring_key)


def _send(unit: Unit, deployment_id: int, ring_key: str) -> int:
    """Issue commands for due devices of the ring, unless dispatch is held; returns the number of devices."""
    session, now = unit.session, clock.now()
    of_id = select(Deployment).where(Deployment.id == deployment_id)
    deployment = session.execute(locked(of_id, share=True)).scalar_one()
    if holds.stopping(session, deployment, Plan.from_json(deployment.plan), now):
        return 0
    of_key = select(Ring).where(Ring.deployment_id == deployment_id, Ring.key == ring_key)
    ring = session.execute(locked(of_key)).scalar_one()
    parameters = {
        "application": deployment.application_id,
        "platform": deployment.platform,
        "deployment": deployment_id,
        "key": ring_key,
        "blocked": sorted(circuits.blocked(session, registry.names(), now)),
        "since": now,
        "now": now,
        "latest": now + clock.SKEW,
        "batch": COMMAND_SIZE,
    }
    tried = session.execute(_TRY, parameters).all()
    lots = [list(lot) for _, lot in groupby(tried, key=lambda row: (row.connector, row.release_id))]
    orders = [_order(ring, lot) for lot in lots]
    for command_id, lot in zip(commands.issue(session, orders, now), lots, strict=True):
        of_lot = update(DriftFinding).where(DriftFinding.id.in_([row.id for row in lot]))
        session.execute(of_lot.values(command_id=command_id))
        unit.enqueue(Job.DELIVER_REMEDIATION, command_id)
    ring.start_sending(len(tried))
    _record(unit, deployment, ring, tried)
    return len(tried)


def _order(ring: Ring, lot: Sequence[Any]) -> Order:
    """The command for devices of one connector that get the same release; they are found by their findings."""
    return Order(
        deployment_id=ring.deployment_id,
        ring_id=ring.id,
        ring=ring.key,
        connector=lot[0].connector,
        purpose=Purpose.REMEDIATION,
        release_id=lot[0].release_id,
        size=len(lot),
        # The orders and attempts of the first finding number the commands that begin with it.
        parts=("remediation", "from", lot[0].id, *([lot[0].orders] if lot[0].orders else []), lot[0].attempt),
    )


def _record(unit: Unit, deployment: Deployment, ring: Ring, tried: Sequence[Any]) -> None:
    kinds = Counter((row.connector, row.kind) for row in tried)
    for connector in sorted({row.connector for row in tried}):
        tallies = [{"kind": kind, "count": count} for (of, kind), count in sorted(kinds.items()) if of == connector]
        about = {"connector": connector, **ring.names, "platform": deployment.platform}
        unit.record("drift.remediation_sent", {**about, "tallies": tallies}, deployment_id=deployment.id)
