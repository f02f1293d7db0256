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
from app.deployments.rules.rings import REMEDIATED_BY_NAME
from app.deployments.rules.states import COUNTS_IN, CUT_SHORT, LIVE, Group
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.events.unit import Unit
from app.releases.models import Installation, Release

"""Ends of a deployment after which nothing is installed again unless a person asks for it."""

_LIVE = quoted(LIVE)
_EXCLUDED = quoted(state for state, group in COUNTS_IN.items() if group is Group.EXCLUDED)
# OFFSET 0 keeps it a look-up per device; as a join it would read all assignments of a live deployment for each page.
ON_THEIR_WAY = f"""
    EXISTS (SELECT 1 FROM {Assignment.__tablename__} AS bound
             WHERE bound.deployment_id = ANY (ARRAY(
                       SELECT id FROM {Deployment.__tablename__}
                        WHERE application_id = :application AND platform = :platform
                          AND (state IN ({_LIVE}) OR due_at IS NOT NULL OR finished_at BETWEEN :since AND :latest)))
               AND bound.device_id = {{device}} AND bound.state NOT IN ({_EXCLUDED})
            OFFSET 0)
"""
"""Whether a device is in a deployment that was live since :since, so its expected version is not settled.

A time after :latest, which is now, is from before the clock was set back.
"""


def _within(kind: str, matches: str) -> str:
    """Whether the device is in one part of the scope of the deciding deployment; an empty part includes all devices."""
    part = f"decided.scope->'{kind}'"
    return f"(coalesce({part}, 'null') IN ('null', '[]') OR {part} {matches})"


def _outside(kind: str, matches: str) -> str:
    """Whether one part of that scope does not exclude the device; older deployments do not have the part."""
    return f"NOT coalesce(decided.scope->'{kind}' {matches}, false)"


IN_SCOPE = " AND ".join(
    (
        _within("business_units", "? device.business_unit"),
        _within("tags", "?| device.tags"),
        _outside("exclude_tags", "?| device.tags"),
        _within("site_classes", "? device.site_class"),
        _within("devices", "? device.external_id"),
        _outside("exclude_devices", "? device.external_id"),
        _outside("exclude_connectors", "? device.connector"),
    )
)
"""Whether a `device` is in the scope of the `decided` deployment; a test compares it with `planning.in_scope`."""
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
# Why a person must decide about a finding, however many others there are. A ring that is no longer known has no name.
_REASON = f"""
    CASE WHEN judged.kind NOT IN ({quoted(drift_rules.KINDS)}) THEN 'kind'
         WHEN decided.state IN ({quoted(CUT_SHORT)}) THEN 'not_completed'
         WHEN NOT coalesce(CAST(decided.plan->'rings'->ring.position->>'auto_remediate' AS boolean),
                           ring.name IN ({quoted(REMEDIATED_BY_NAME)}), false) THEN 'ring' END
"""
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
                      latest.release_id IS NULL OR ({IN_SCOPE}) AS in_scope
                 FROM {Installation.__tablename__} AS latest
                 JOIN {Deployment.__tablename__} AS decided ON decided.id = latest.deployment_id
                WHERE latest.device_id = device.id AND latest.application_id = :application
                  AND decided.platform = :platform
               ) AS installed ON true
          LEFT JOIN {Release.__tablename__} AS expected ON expected.id = installed.release_id
         WHERE coalesce(installed.at NOT BETWEEN :since AND :latest, true)
           AND NOT {ON_THEIR_WAY.format(device="device.id")}
    ), drifted AS (  -- those that drifted, with the ring that they were in
        SELECT judged.device_id, judged.deployment_id, judged.kind, ring.key AS ring, judged.found,
               CASE judged.kind WHEN 'scope' THEN NULL ELSE judged.expected END AS expected, {_REASON} AS reason
          FROM judged
          LEFT JOIN {Deployment.__tablename__} AS decided ON decided.id = judged.deployment_id
          LEFT JOIN {Assignment.__tablename__} AS own
            ON own.deployment_id = judged.deployment_id AND own.device_id = judged.device_id
          LEFT JOIN {Ring.__tablename__} AS ring ON ring.id = own.ring_id
         WHERE judged.kind = 'scope' OR (judged.kind IS NOT NULL AND NOT {_EXPLAINED})
    ), known AS (  -- the unresolved findings of these devices, locked
        SELECT * FROM drift_findings
         WHERE application_id = :application AND state <> 'resolved' AND device_id IN (SELECT device_id FROM judged)
         ORDER BY device_id FOR UPDATE
    ), vanished AS (  -- findings of devices that no longer differ are resolved
        UPDATE drift_findings AS finding SET state = 'resolved', reason = NULL, resolved_at = :now, next_try_at = NULL
          FROM known WHERE finding.id = known.id AND known.device_id NOT IN (SELECT device_id FROM drifted)
        RETURNING finding.kind
    ), again AS (  -- known findings of devices that still differ
        SELECT known.id, known.kind AS was, known.state AS was_in, known.reason AS was_for, known.tries,
               known.next_try_at, known.ordered_by IS NOT NULL AS is_ordered, drifted.*,
               known.deployment_id IS DISTINCT FROM drifted.deployment_id AS redecided,
               (known.kind, known.expected, known.found, known.deployment_id)
                   IS NOT DISTINCT FROM (drifted.kind, drifted.expected, drifted.found, drifted.deployment_id) AS same
          FROM known JOIN drifted ON drifted.device_id = known.device_id
    ), moved AS (  -- with the state that each gets
        SELECT again.*,
               CASE WHEN again.same AND again.was_in IN ('needs_person', 'accepted') THEN again.was_in
                    WHEN again.reason = 'kind' OR again.reason IS NOT NULL AND (again.redecided OR NOT again.is_ordered)
                    THEN 'needs_person'
                    WHEN again.same OR again.was_in IN ('open', 'remediating') AND NOT again.redecided THEN again.was_in
                    WHEN again.redecided OR again.tries < {drift_rules.MOST_TRIES} THEN 'open'
                    ELSE 'needs_person' END AS state
          FROM again
    ), seen_again AS (  -- they are updated; those that become open wait for the end of the comparison
        UPDATE drift_findings AS finding
           SET kind = moved.kind, expected = moved.expected, found = moved.found, ring = moved.ring,
               deployment_id = moved.deployment_id, state = moved.state, seen_at = :now,
               reason = CASE WHEN moved.state <> 'needs_person' THEN NULL
                             WHEN moved.same AND moved.was_in = moved.state THEN moved.was_for
                             ELSE coalesce(moved.reason, 'tries') END,
               tries = CASE WHEN moved.redecided THEN 0 ELSE moved.tries END,
               ordered_by = CASE WHEN moved.redecided OR moved.state = 'needs_person' THEN NULL
                                 ELSE finding.ordered_by END,
               next_try_at = CASE WHEN moved.state = moved.was_in AND NOT moved.redecided THEN moved.next_try_at END
          FROM moved WHERE finding.id = moved.id
        RETURNING moved.was, moved.was_in, finding.kind, finding.state, finding.reason
    ), found AS (  -- devices without an unresolved finding get one
        INSERT INTO drift_findings (device_id, application_id, deployment_id, ring, kind, expected, found, state,
                                    reason, tries, found_at, seen_at)
        SELECT drifted.device_id, :application, drifted.deployment_id, drifted.ring, drifted.kind, drifted.expected,
               drifted.found, CASE WHEN drifted.reason IS NULL THEN 'open' ELSE 'needs_person' END, drifted.reason, 0,
               :now, :now
          FROM drifted
         WHERE drifted.device_id NOT IN (SELECT device_id FROM known)
         ORDER BY drifted.device_id
        ON CONFLICT (device_id, application_id) WHERE state <> 'resolved' DO NOTHING
        RETURNING kind, state, reason
    ), changes AS (  -- what the events report
        SELECT 'found' AS change, kind, NULL AS reason FROM found
        UNION ALL SELECT 'found', kind, NULL FROM seen_again WHERE kind <> was
        UNION ALL SELECT 'resolved', was, NULL FROM seen_again WHERE kind <> was
        UNION ALL SELECT 'resolved', kind, NULL FROM vanished
        UNION ALL SELECT 'needs_person', kind, reason FROM found WHERE state = 'needs_person'
        UNION ALL SELECT 'needs_person', kind, reason FROM seen_again WHERE state = 'needs_person' AND was_in <> state
    )
    SELECT change, kind, reason, count(*) AS devices FROM changes GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
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

    @property
    def about(self) -> dict[str, str]:
        """What every event about it has."""
        return {"connector": self.connector, "application": self.application, "platform": self.platform}


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
    now = clock.now()
    parameters = {
        "seen": json.dumps([{"device_id": device_id, "version": version} for device_id, version in seen]),
        "application": subject.application_id,
        "platform": subject.platform,
        "since": since,
        "now": now,
        "latest": now + clock.SKEW,
    }
    tallies: dict[str, list[dict[str, Any]]] = {}
    for row in unit.session.execute(_COMPARE, parameters):
        why = {"reason": row.reason} if row.reason else {}
        tallies.setdefault(row.change, []).append({"kind": row.kind, "count": row.devices, **why})
    for change, by_kind in tallies.items():
        unit.record(f"drift.{change}", {**subject.about, "tallies": by_kind})
