"""A person's order to remediate findings that wait for a person, many at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import text

from app import clock
from app.db import quoted
from app.deployments.models import Ring
from app.deployments.planning import in_scope
from app.devices.models import Device
from app.drift import rules as drift_rules
from app.drift.schemas import FindingFilter, RemediationIn
from app.events.unit import unit_of_work
from app.queue import Job
from app.releases.models import Application

ORDERED = "drift.remediation_ordered"

# Installing a release again needs the ring that the device was in.
_MATCHING = f"""
    FROM drift_findings AS finding
    JOIN {Device.__tablename__} AS device ON device.id = finding.device_id
    JOIN {Application.__tablename__} AS application ON application.id = finding.application_id
    JOIN {Ring.__tablename__} AS ring ON ring.deployment_id = finding.deployment_id AND ring.key = finding.ring
   WHERE finding.state = 'needs_person' AND finding.kind IN ({quoted(drift_rules.KINDS)})
     AND application.name = :application AND {{scope}}
     AND (CAST(:connector AS text) IS NULL OR device.connector = :connector)
     AND (CAST(:deployment_id AS bigint) IS NULL OR finding.deployment_id = :deployment_id)
     AND (CAST(:ring AS text) IS NULL OR ring.name = :ring)
     AND (CAST(:kind AS text) IS NULL OR finding.kind = :kind)
     AND (CAST(:reason AS text) IS NULL OR finding.reason = :reason)
"""
_ORDER = """
    WITH chosen AS (
        SELECT finding.id, device.connector {matching}
         ORDER BY finding.device_id LIMIT :most FOR UPDATE OF finding
    )
    UPDATE drift_findings AS finding
       SET state = 'open', reason = NULL, tries = 0, next_try_at = :now, ordered_by = :by, orders = finding.orders + 1
      FROM chosen WHERE finding.id = chosen.id
    RETURNING chosen.connector, finding.kind
"""


def order(actor: str, body: RemediationIn) -> dict[str, int]:
    """Have the next `remediate` instruct the devices of these findings, in commands of up to 5,000.

    Each is tried as often as one that is remediated automatically; after that, a person is asked again. Returns how
    many were ordered, and how many are left that match and were more than `most`.
    """
    matching, parameters = _matching(body.filter)
    parameters.update(most=body.most, now=clock.now(), by=actor)
    with unit_of_work(actor) as unit:
        rows = unit.session.execute(text(_ORDER.format(matching=matching)), parameters)
        ordered = Counter((row.connector, row.kind) for row in rows)
        left = unit.session.execute(text(f"SELECT count(*) {matching}"), parameters).scalar_one()
        if ordered:
            tallies = [
                {"connector": connector, "kind": kind, "count": count}
                for (connector, kind), count in sorted(ordered.items())
            ]
            about = {"filter": body.filter.model_dump(mode="json", exclude_none=True), "reason": body.reason}
            unit.record(ORDERED, {**about, "devices": ordered.total(), "left": left, "tallies": tallies})
            unit.enqueue(Job.REMEDIATE)
        return {"ordered": ordered.total(), "left": left}


def _matching(wanted: FindingFilter) -> tuple[str, dict[str, Any]]:
    """The SQL of the findings that match, with its parameters."""
    values = wanted.model_dump(mode="json")
    scope, parameters = in_scope(values.pop("platform"), values.pop("scope"))
    return _MATCHING.format(scope=scope), {**parameters, **values}
