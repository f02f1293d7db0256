"""Planning: every device in scope gets its one ring, in one statement, however many there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deployments.models import Deployment, Ring
from app.deployments.rules.rings import BUCKETS, Plan, upper_bounds
from app.deployments.rules.states import AssignmentState

_INSERT = """
    WITH planned AS (
        INSERT INTO assignments (deployment_id, ring_id, device_id, connector, site_class, state, sequence)
        SELECT :deployment, {ring}, device.id, device.connector, device.site_class, '{pending}', 0
          FROM devices AS device
         WHERE {scope}
        RETURNING ring_id, connector
    )
    SELECT ring_id, connector, count(*) AS devices FROM planned GROUP BY ring_id, connector
"""


def assign(session: Session, deployment: Deployment, rings: Sequence[Ring]) -> int:
    """Insert the deployment's assignments and fill its rings' counters; returns the number of devices."""
    plan = Plan.from_json(deployment.plan)
    scope, parameters = in_scope(deployment.platform, deployment.scope)
    ring, ring_parameters = ring_expression(plan, [ring.id for ring in rings])
    statement = _INSERT.format(ring=ring, pending=AssignmentState.PENDING.value, scope=scope)
    found = session.execute(text(statement), {**parameters, **ring_parameters, "deployment": deployment.id}).all()
    waiting: dict[int, Counter[str]] = defaultdict(Counter)
    for row in found:
        waiting[row.ring_id][row.connector] = row.devices
    for planned in rings:
        count = waiting[planned.id].total()
        planned.waiting = dict(waiting[planned.id])
        planned.targeted = planned.eligible = planned.pending = count
    return sum(counter.total() for counter in waiting.values())


def in_scope(platform: str, scope: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The condition that selects T, with its parameters: kinds are joined by AND, values of a kind by OR."""
    conditions = ["device.platform = :platform", "device.retired_at IS NULL"]
    parameters: dict[str, Any] = {"platform": platform}
    for kind, condition in (
        ("business_units", "device.business_unit = ANY(CAST(:business_units AS text[]))"),
        ("tags", "device.tags && CAST(:tags AS text[])"),
        ("site_classes", "device.site_class = ANY(CAST(:site_classes AS text[]))"),
    ):
        if scope.get(kind):
            conditions.append(condition)
            parameters[kind] = list(scope[kind])
    return " AND ".join(conditions), parameters


def ring_expression(plan: Plan, ring_ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """`rules.rings.ring_of` as SQL over `device`, built from the same bounds; a test compares the two."""
    parameters: dict[str, Any] = {"rotation": plan.rotation % BUCKETS}
    by_tag, by_place = [], []
    for position, (ring, bound) in enumerate(zip(plan.rings, upper_bounds(plan), strict=True)):
        parameters[f"ring_{position}"] = ring_ids[position]
        ring_id = f"CAST(:ring_{position} AS bigint)"
        if ring.tag is not None:
            parameters[f"tag_{position}"] = ring.tag
            by_tag.append(f"WHEN CAST(:tag_{position} AS text) = ANY(device.tags) THEN {ring_id}")
        else:
            parameters[f"bound_{position}"] = bound
            by_place.append(f"WHEN (device.bucket + :rotation) % {BUCKETS} < :bound_{position} THEN {ring_id}")
    return f"CASE {' '.join(by_tag + by_place)} END", parameters
