"""Comparing devices with what they should have: one statement for any number of devices and findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.db import quoted
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.rules.states import COUNTS_IN, LIVE, Group
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.events.unit import Unit
from app.releases.models import Installation, Release

_LIVE = quoted(LIVE)
_EXCLUDED = quoted(state for state, group in COUNTS_IN.items() if group is Group.EXCLUDED)
# OFFSET 0 keeps it a look-up per device; as a join it would read all assignments of a live deployment for each page.
ON_THEIR_WAY = f"""
    EXISTS (SELECT 1 FROM {Assignment.__tablename__} AS bound
             WHERE bound.deployment_id = ANY (ARRAY(
                       SELECT id FROM {Deployment.__tablename__}
                        WHERE application_id = :application AND platform = :platform
                          AND (state IN ({_LIVE}) OR due_at IS NOT NULL OR finished_at >= :since)))
               AND bound.device_id = {{device}} AND bound.state NOT IN ({_EXCLUDED})
            OFFSET 0)
"""
"""Whether a device is in a deployment that was live since :since, so its expected version is not settled."""


def _within(kind: str, matches: str) -> str:
    """Whether the device is in one part of the scope of the deciding deployment; an empty part includes all devices."""
    part = f"decided.scope->'{kind}'"
    return f"(coalesce({part}, 'null') IN ('null', '[]') OR {part} {matches})"


_IN_SCOPE = " AND ".join(
    (
        _within("business_units", "? device.business_unit"),
        _within("tags", "?| device.tags"),
        _within("site_classes", "? device.site_class"),
    )
)
# A device that has the version of a newer deployment only reported late. A device without a recorded installation that
# is in any deployment of the application is not drifted, whatever version it has.
_EXPLAINED = f"""
    EXISTS (SELECT 1
              FROM {Deployment.__tablename__} AS later
              JOIN {Assignment.__tablename__} AS bound
                ON bound.deployment_id = later.id AND bound.device_id = judged.device_id
              LEFT JOIN {Release.__tablename__} AS aim
                ON aim.id = CASE later.kind WHEN 'rollback' THEN bound.release_id ELSE later.release_id END
             WHERE later.application_id = :application AND later.platform = :platform
               AND later.id > coalesce(judged.deployment_id, 0)
               AND (judged.deployment_id IS NULL
                    OR (coalesce(bound.dispatched_at, bound.reported_at) IS NOT NULL
                        AND aim.version IS NOT DISTINCT FROM judged.found)))
"""
_REMEDIABLE = (
    f"drifted.kind IN ({quoted(drift_rules.KINDS)}) AND coalesce(drifted.ring IN ({quoted(drift_rules.RINGS)}), false)"
)
_COMPARE = text(f"""
    WITH judged AS (  -- each device with its expected and installed version, and the kind of drift if they differ
        SELECT device.id AS device_id, installed.deployment_id, expected.version AS expected, seen.version AS found,
               CASE WHEN seen.version IS NOT NULL AND (device.retired_at IS NOT NULL OR NOT installed.in_scope)
                    THEN 'scope'
                    WHEN device.retired_at IS NOT NULL OR NOT installed.in_scope THEN NULL
                    WHEN expected.version IS NULL AND seen.version IS NOT NULL THEN 'extra'
                    WHEN seen.version IS NULL AND expected.version IS NOT NULL THEN 'missing'
                    WHEN seen.version <> expected.version THEN 'version' END AS kind
          FROM json_to_recordset(CAST(:seen AS json)) AS seen(device_id bigint, version text)
          JOIN {Device.__tablename__} AS device ON device.id = seen.device_id
          LEFT JOIN LATERAL (
               SELECT latest.release_id, latest.deployment_id, latest.at,
                      latest.release_id IS NULL OR ({_IN_SCOPE}) AS in_scope
                 FROM {Installation.__tablename__} AS latest
                 JOIN {Deployment.__tablename__} AS decided ON decided.id = latest.deployment_id
                WHERE latest.device_id = device.id AND latest.application_id = :application
                  AND decided.platform = :platform
               ) AS installed ON true
          LEFT JOIN {Release.__tablename__} AS expected ON expected.id = installed.release_id
         WHERE coalesce(installed.at < :since, true) AND NOT {ON_THEIR_WAY.format(device="device.id")}
    ), drifted AS (  -- those that drifted, with the ring that they were in
        SELECT judged.device_id, judged.deployment_id, judged.kind, ring.key AS ring, judged.found,
               CASE judged.kind WHEN 'scope' THEN NULL ELSE judged.expected END AS expected
          FROM judged
          LEFT JOIN {Assignment.__tablename__} AS own
            ON own.deployment_id = judged.deployment_id AND own.device_id = judged.device_id
          LEFT JOIN {Ring.__tablename__} AS ring ON ring.id = own.ring_id
         WHERE judged.kind = 'scope' OR (judged.kind IS NOT NULL AND NOT {_EXPLAINED})
    ), known AS (  -- the unresolved findings of these devices, locked
        SELECT * FROM drift_findings
         WHERE application_id = :application AND state <> 'resolved' AND device_id IN (SELECT device_id FROM judged)
         ORDER BY device_id FOR UPDATE
    ), vanished AS (  -- findings of devices that no longer differ are resolved
        UPDATE drift_findings AS finding SET state = 'resolved', resolved_at = :now, next_try_at = NULL
          FROM known WHERE finding.id = known.id AND known.device_id NOT IN (SELECT device_id FROM drifted)
        RETURNING finding.kind
    ), again AS (  -- known findings of devices that still differ, with the state that each gets
        SELECT known.id, known.kind AS was, known.state AS was_in, known.tries, known.next_try_at, drifted.*,
               known.deployment_id IS DISTINCT FROM drifted.deployment_id AS redecided,
               CASE WHEN (known.kind, known.expected, known.found, known.deployment_id)
                         IS NOT DISTINCT FROM (drifted.kind, drifted.expected, drifted.found, drifted.deployment_id)
                    THEN known.state
                    WHEN NOT ({_REMEDIABLE}) THEN 'needs_person'
                    WHEN known.deployment_id IS DISTINCT FROM drifted.deployment_id THEN 'open'
                    WHEN known.state IN ('open', 'remediating') THEN known.state
                    WHEN known.tries < {drift_rules.MOST_TRIES} THEN 'open'
                    ELSE 'needs_person' END AS state
          FROM known JOIN drifted ON drifted.device_id = known.device_id
    ), seen_again AS (  -- they are updated
        UPDATE drift_findings AS finding
           SET kind = again.kind, expected = again.expected, found = again.found, ring = again.ring,
               deployment_id = again.deployment_id, state = again.state, seen_at = :now,
               tries = CASE WHEN again.redecided THEN 0 ELSE again.tries END,
               next_try_at = CASE WHEN again.state IN ('needs_person', 'accepted') THEN NULL
                                  WHEN again.redecided OR again.state <> again.was_in THEN :now
                                  ELSE again.next_try_at END
          FROM again WHERE finding.id = again.id
        RETURNING again.was, again.was_in, finding.kind, finding.state
    ), found AS (  -- devices without an unresolved finding get one
        INSERT INTO drift_findings (device_id, application_id, deployment_id, ring, kind, expected, found, state, tries,
                                    next_try_at, found_at, seen_at)
        SELECT drifted.device_id, :application, drifted.deployment_id, drifted.ring, drifted.kind, drifted.expected,
               drifted.found, CASE WHEN {_REMEDIABLE} THEN 'open' ELSE 'needs_person' END, 0,
               CASE WHEN {_REMEDIABLE} THEN CAST(:now AS timestamptz) END, :now, :now
          FROM drifted
         WHERE drifted.device_id NOT IN (SELECT device_id FROM known)
         ORDER BY drifted.device_id
        ON CONFLICT (device_id, application_id) WHERE state <> 'resolved' DO NOTHING
        RETURNING kind, state
    ), changes AS (  -- what the events report
        SELECT 'found' AS change, kind FROM found
        UNION ALL SELECT 'found', kind FROM seen_again WHERE kind <> was
        UNION ALL SELECT 'resolved', was FROM seen_again WHERE kind <> was
        UNION ALL SELECT 'resolved', kind FROM vanished
        UNION ALL SELECT 'needs_person', kind FROM found WHERE state = 'needs_person'
        UNION ALL SELECT 'needs_person', kind FROM seen_again WHERE state = 'needs_person' AND was_in <> state
    )
    SELECT change, kind, count(*) AS devices FROM changes GROUP BY 1, 2 ORDER BY 1, 2
""")
_DEVICES = text(f"""
    SELECT id, external_id FROM {Device.__tablename__}
     WHERE external_id = ANY(:external_ids) AND connector = :connector AND platform = :platform
""")
# Devices that should have the application, and devices with a finding; each half reads at most a batch.
_OF_INTEREST = text(f"""
    SELECT device_id
      FROM ((SELECT installed.device_id
               FROM {Installation.__tablename__} AS installed
               JOIN {Device.__tablename__} AS device ON device.id = installed.device_id
              WHERE installed.application_id = :application AND installed.release_id IS NOT NULL
                AND installed.device_id > :after AND device.connector = :connector AND device.platform = :platform
              ORDER BY installed.device_id LIMIT :batch)
            UNION
            (SELECT finding.device_id
               FROM drift_findings AS finding
               JOIN {Device.__tablename__} AS device ON device.id = finding.device_id
              WHERE finding.application_id = :application AND finding.state <> 'resolved'
                AND finding.device_id > :after AND device.connector = :connector AND device.platform = :platform
              ORDER BY finding.device_id LIMIT :batch)) AS either
     ORDER BY device_id LIMIT :batch
""")


@dataclass(frozen=True)
class Subject:
    """What is compared: the devices of one connector with one application on one platform."""

    application_id: int
    application: str
    platform: str
    connector: str


def devices(session: Session, subject: Subject, external_ids: Sequence[str]) -> dict[str, int]:
    """The ids of those devices that are the connector's on this platform, by external id."""
    parameters = {"external_ids": external_ids, "connector": subject.connector, "platform": subject.platform}
    return {row.external_id: row.id for row in session.execute(_DEVICES, parameters)}


def of_interest(session: Session, subject: Subject, after: int, batch: int) -> list[int]:
    """The next `batch` devices after an id that should have the application or have an unresolved finding."""
    parameters = {
        "application": subject.application_id,
        "connector": subject.connector,
        "platform": subject.platform,
        "after": after,
        "batch": batch,
    }
    return list(session.execute(_OF_INTEREST, parameters).scalars())


def compare(unit: Unit, subject: Subject, seen: Iterable[tuple[int, str | None]], since: datetime) -> None:
    """Store findings for devices whose installed version differs from the expected one; resolve those that do not.

    `seen`: ids of devices with their installed version, None if the application is not installed; read after `since`.
    Repeating a comparison only changes when its findings were last seen.
    """
    parameters = {
        "seen": json.dumps([{"device_id": device_id, "version": version} for device_id, version in seen]),
        "application": subject.application_id,
        "platform": subject.platform,
        "since": since,
        "now": clock.now(),
    }
    tallies: dict[str, list[dict[str, Any]]] = {}
    for row in unit.session.execute(_COMPARE, parameters):
        tallies.setdefault(row.change, []).append({"kind": row.kind, "count": row.devices})
    about = {"connector": subject.connector, "application": subject.application, "platform": subject.platform}
    for change, by_kind in tallies.items():
        unit.record(f"drift.{change}", {**about, "tallies": by_kind})
