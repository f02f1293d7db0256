"""After a comparison: are so many devices different that the inventory must be wrong, and not the devices?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from app import clock
from app.db import quoted
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.drift.comparing import Subject
from app.drift.models import DriftFinding, FindingReason
from app.events.unit import Unit
from app.releases.models import Installation
from app.settings import load_settings

_OF_SUBJECT = f"""
    FROM {DriftFinding.__tablename__} AS finding
    JOIN {Device.__tablename__} AS device ON device.id = finding.device_id
   WHERE finding.application_id = :application AND finding.state NOT IN ('resolved', 'accepted')
     AND finding.kind IN ({quoted(drift_rules.KINDS)})
     AND device.connector = :connector AND device.platform = :platform
"""
# What a person has ordered is decided.
_TO_JUDGE = "(finding.state IN ('open', 'remediating') AND finding.ordered_by IS NULL OR finding.reason = 'too_many')"
_COUNT = text(f"""
    SELECT count(*) FILTER (WHERE {_TO_JUDGE}) AS to_judge,
           count(*) FILTER (WHERE {_TO_JUDGE} OR finding.found_at > :recent) AS different
    {_OF_SUBJECT}
""")
_DEVICES = text(f"""
    SELECT count(*)
      FROM {Installation.__tablename__} AS installed
      JOIN {Device.__tablename__} AS device ON device.id = installed.device_id
     WHERE installed.application_id = :application AND installed.release_id IS NOT NULL
       AND device.connector = :connector AND device.platform = :platform AND device.retired_at IS NULL
""")
_MOVE = """
    WITH judged AS (
        SELECT finding.id, finding.reason {of_subject} AND {which}
         ORDER BY finding.device_id FOR UPDATE OF finding
    ), moved AS (
        UPDATE drift_findings AS finding SET {change} FROM judged WHERE finding.id = judged.id
        RETURNING finding.kind, judged.reason
    )
    SELECT kind, count(*) AS devices FROM moved WHERE {counted} GROUP BY 1 ORDER BY 1
"""
_ASK = text(
    _MOVE.format(
        of_subject=_OF_SUBJECT,
        which="finding.state IN ('open', 'remediating') AND finding.ordered_by IS NULL",
        change="state = 'needs_person', reason = 'too_many', next_try_at = NULL",
        counted="true",
    )
)
_ALLOW = text(
    _MOVE.format(
        of_subject=_OF_SUBJECT,
        which="(finding.state = 'open' AND finding.next_try_at IS NULL OR finding.reason = 'too_many')",
        change="state = 'open', reason = NULL, next_try_at = :now",
        counted="reason = 'too_many'",
    )
)


def judge(unit: Unit, subject: Subject) -> None:
    """Let the subject's findings be remediated, or ask a person if they are too many at once.

    A later comparison that shows few enough lets the remaining ones be remediated after all.
    """
    now = clock.now()
    of_subject = {
        "application": subject.application_id,
        "connector": subject.connector,
        "platform": subject.platform,
    }
    found = unit.session.execute(_COUNT, {**of_subject, "recent": now - drift_rules.AT_ONCE}).one()
    if not found.to_judge:
        return
    settings = load_settings()
    devices = unit.session.execute(_DEVICES, of_subject).scalar_one()
    most = drift_rules.most_at_once(devices, settings.remediation_share, settings.remediation_devices)
    numbers = {"different": found.different, "devices": devices, "most": most}
    if found.different > most:
        reason = FindingReason.TOO_MANY.value
        tallies = [{**tally, "reason": reason} for tally in _tallies(unit.session.execute(_ASK, of_subject))]
        _record(unit, subject, "drift.needs_person", tallies, numbers)
    else:
        reopened = _tallies(unit.session.execute(_ALLOW, {**of_subject, "now": now}))
        _record(unit, subject, "drift.reopened", reopened, numbers)


def _tallies(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"kind": row.kind, "count": row.devices} for row in rows]


def _record(unit: Unit, subject: Subject, type: str, tallies: list[dict[str, Any]], numbers: Mapping[str, int]) -> None:
    if tallies:
        unit.record(type, {**subject.about, **numbers, "tallies": tallies})
