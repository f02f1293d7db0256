"""Planning: one statement assigns every device in scope to its ring, however many there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from app.commands.states import Verb
from app.deployments import installations
from app.deployments.installations import HAS_RELEASE
from app.deployments.left_behind import HAS_ANOTHER
from app.deployments.models import Deployment, Ring
from app.deployments.rules import machine
from app.deployments.rules.rings import Lot, Plan, upper_bounds
from app.deployments.rules.states import DeploymentKind, RingState
from app.devices.models import Device
from app.devices.places import BUCKETS
from app.releases.models import Installation

_INSERT = """
    INSERT INTO assignments (deployment_id, ring_id, device_id, connector, site_class, release_id,
                             previous_release_id, state, sequence)
    {rows}
"""
_COUNT = """
    SELECT ring_id, connector, release_id, count(*) AS devices FROM {planned} GROUP BY ring_id, connector, release_id
"""
_OF_DEPLOYMENT = "assignments WHERE deployment_id = :deployment"
# A rollout: the devices in scope, each with the release it has now.
_FORWARD = f"""
    SELECT :deployment, {{ring}}, device.id, device.connector, device.site_class, CAST(NULL AS bigint),
           installed.release_id, 'pending', 0
      FROM {Device.__tablename__} AS device
      LEFT JOIN {Installation.__tablename__} AS installed
        ON installed.device_id = device.id AND installed.application_id = :application
     WHERE {{scope}}
"""
# A rollback: the devices that the other deployment moved to the release and that still have it, each back to what it
# had before; its ring is the one with the same key.
_BACK = f"""
    SELECT :deployment, {{ring}}, device.id, device.connector, device.site_class, reached.previous_release_id,
           CAST(:release AS bigint), 'pending', 0
      FROM assignments AS reached
      JOIN rings AS ring_then ON ring_then.id = reached.ring_id
      JOIN rings AS ring_back ON ring_back.deployment_id = :deployment AND ring_back.key = ring_then.key
      JOIN {Device.__tablename__} AS device ON device.id = reached.device_id
      JOIN {Installation.__tablename__} AS installed
        ON installed.device_id = reached.device_id AND installed.application_id = :application
     WHERE reached.deployment_id = :rolls_back AND {HAS_RELEASE} AND device.retired_at IS NULL
       AND installed.release_id = :release AND reached.previous_release_id IS DISTINCT FROM installed.release_id
"""
# What a rollout would assign, counted and not stored.
_CENSUS = f"""
    SELECT {{ring}} AS position, device.site_class, device.connector, count(*) AS devices
      FROM {Device.__tablename__} AS device WHERE {{scope}} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
# A retired device of the platform, or a device of another platform; without a platform, a retired device.
_IS_ON_PLATFORM = "(CAST(:platform AS text) IS NULL OR device.platform = :platform)"
_LEFT_OUT = f"(device.retired_at IS NOT NULL) = {_IS_ON_PLATFORM}"
_COUNT_LEFT_OUT = f"""
    SELECT CASE WHEN device.retired_at IS NULL THEN 'other_platform' ELSE 'retired' END AS reason, count(*) AS devices
      FROM {Device.__tablename__} AS device WHERE {{where}} GROUP BY 1 ORDER BY 1
"""
# Those of them that installed the release late, do not belong to the rollback, and that nobody has accepted.
_LATE = f"""
    {_BACK.format(ring="ring_back.id")}
       AND reached.moved_at >= :since AND ring_back.id = ANY(:rings) AND NOT {HAS_ANOTHER}
       AND NOT EXISTS (SELECT 1 FROM assignments AS known
                        WHERE known.deployment_id = :deployment AND known.device_id = reached.device_id)
       AND NOT EXISTS (SELECT 1 FROM left_behind_acceptances WHERE assignment_id = reached.id)
"""
CHANGES = ("platform_changed", "connector_changed", "scope_changed", "tag_changed")
"""Why a device that changed before its turn is excluded as `not_applicable`."""
_ONCE = "ON CONFLICT (deployment_id, device_id) DO NOTHING"
_JOINED_SINCE = "device.changed_at >= :since"
_BY_TAG = """
    coalesce((SELECT id FROM unnest(CAST(:rings AS bigint[]), CAST(:tags_of_rings AS text[]))
                             WITH ORDINALITY AS ring(id, tag, n)
               WHERE tag = ANY(device.tags) ORDER BY n LIMIT 1), CAST(:last AS bigint))
"""
_JOINABLE = (RingState.PENDING, RingState.DEPLOYING)
# By when we received the report, whenever the device says that it installed the release.
_INSTALLED_SINCE = "reached.moved_at >= :since"
# The devices in scope that are registered again after they were retired, or excluded because they had changed: each
# back to its own ring if that is among the given ones and it has the ring's tag, else to the last of them. What became
# of it before no longer counts.
_REJOIN = """
    WITH returned AS (
        SELECT assignment.id, assignment.ring_id AS left_ring, assignment.dispatched_at IS NOT NULL AS was_dispatched,
               device.connector, device.site_class,
               coalesce((SELECT id FROM unnest(CAST(:rings AS bigint[]), CAST(:tags_of_rings AS text[]))
                                        AS ring(id, tag)
                          WHERE id = assignment.ring_id AND (tag IS NULL OR tag = ANY(device.tags))), :last) AS ring_id
          FROM assignments AS assignment JOIN {devices} AS device ON device.id = assignment.device_id
         WHERE assignment.deployment_id = :deployment
           AND (assignment.state = 'retired'
                OR assignment.state = 'not_applicable' AND assignment.reason = ANY(CAST(:changes AS text[]))
                   AND device.changed_at > assignment.moved_at)
           AND device.changed_at >= :since AND {scope}
         ORDER BY assignment.id FOR UPDATE OF assignment
    ), rejoined AS (
        UPDATE assignments
           SET state = 'pending', ring_id = returned.ring_id, connector = returned.connector,
               site_class = returned.site_class, command_id = NULL, reason = NULL, dispatched_at = NULL,
               reported_at = NULL, clamped = false
          FROM returned WHERE assignments.id = returned.id
        RETURNING left_ring, was_dispatched, assignments.ring_id, assignments.connector, assignments.release_id
    )
    SELECT left_ring, ring_id, connector, release_id, count(*) AS devices,
           count(*) FILTER (WHERE was_dispatched) AS dispatched
      FROM rejoined GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


def is_unsettled(session: Session, deployment_id: int | None) -> bool:
    """Whether a superseded deployment still has to be settled, which frees its devices."""
    return deployment_id is not None and deployment_id in unsettled(session, [deployment_id])


def unsettled(session: Session, deployment_ids: Collection[int]) -> set[int]:
    """Those of the superseded deployments that still have to be settled."""
    statement = select(Deployment.id).where(Deployment.id.in_(deployment_ids), Deployment.due_at.is_not(None))
    return set(session.execute(statement).scalars())


def assign(session: Session, deployment: Deployment, rings: Sequence[Ring]) -> int:
    """Insert the deployment's assignments and count them in its rings; returns the number of devices."""
    previous = installations.store_previous(session, deployment)
    if deployment.kind is DeploymentKind.ROLLBACK:
        if previous != deployment.rolls_back:
            installations.store(session, session.get_one(Deployment, deployment.rolls_back))
        rows, parameters = _BACK.format(ring="ring_back.id"), _back_parameters(deployment)
    else:
        ring, ring_parameters = ring_expression(Plan.from_json(deployment.plan), [ring.id for ring in rings])
        rows, parameters = _forward(deployment, ring)
        parameters.update(ring_parameters)
    waiting: dict[int, Counter[str]] = defaultdict(Counter)
    session.execute(text(_INSERT.format(rows=rows)), parameters)
    # Counted by a second statement: passing a million rows on within the first one costs more than reading them again.
    for row in session.execute(text(_COUNT.format(planned=_OF_DEPLOYMENT)), {"deployment": deployment.id}):
        waiting[row.ring_id][_lot(deployment, row.connector, row.release_id)] = row.devices
    for planned in rings:
        planned.admit(waiting[planned.id])
    return sum(counter.total() for counter in waiting.values())


def join(
    session: Session, deployment: Deployment, open_rings: Sequence[Ring], since: datetime
) -> dict[int, Counter[str]]:
    """Insert the devices that came into scope after `since`; their number by the id of their ring and by lot.

    A device joins the ring of its tag while that is being dispatched or still to come, any other one the last ring.
    """
    if deployment.kind is DeploymentKind.ROLLBACK:
        installations.store(session, session.get_one(Deployment, deployment.rolls_back), since)
        rows, parameters = _BACK.format(ring=":last"), _back_parameters(deployment)
        rows += f" AND ({_INSTALLED_SINCE} OR {_JOINED_SINCE})"
    else:
        rows, parameters = _forward(deployment, _BY_TAG)
        rows += f" AND {_JOINED_SINCE}"
        plan = Plan.from_json(deployment.plan)
        joinable = [ring for ring in open_rings if ring.state in _JOINABLE and plan.rings[ring.position].tag]
        parameters["rings"] = [ring.id for ring in joinable]
        parameters["tags_of_rings"] = [plan.rings[ring.position].tag for ring in joinable]
    parameters.update(last=open_rings[-1].id, since=since)
    statement = _INSERT.format(rows=f"{rows} {_ONCE} RETURNING ring_id, connector, release_id")
    joined = session.execute(text(f"WITH joined AS ({statement}) {_COUNT.format(planned='joined')}"), parameters)
    by_ring: dict[int, Counter[str]] = defaultdict(Counter)
    for row in joined:
        by_ring[row.ring_id][_lot(deployment, row.connector, row.release_id)] = row.devices
    return by_ring


def join_late(
    session: Session, rollback: Deployment, ring: Ring, since: datetime, blocked: Sequence[str], most: int
) -> Counter[str]:
    """Insert devices of one ring that installed the release after `since`, at most `most`; their number by lot.

    Devices of `blocked` connectors are left out.
    """
    limited = "AND device.connector <> ALL(CAST(:blocked AS text[])) ORDER BY reached.id LIMIT :most"
    statement = _INSERT.format(rows=f"{_LATE} {limited} {_ONCE} RETURNING ring_id, connector, release_id")
    parameters = {**_back_parameters(rollback), "since": since, "rings": [ring.id], "blocked": blocked, "most": most}
    joined = session.execute(text(f"WITH joined AS ({statement}) {_COUNT.format(planned='joined')}"), parameters)
    return Counter({_lot(rollback, row.connector, row.release_id): row.devices for row in joined})


def is_any_late(session: Session, rollback: Deployment, rings: Sequence[Ring], since: datetime) -> bool:
    """Whether a device that installed the release after `since` may still join the rollback."""
    parameters = {**_back_parameters(rollback), "since": since, "rings": [ring.id for ring in rings]}
    return bool(session.execute(text(f"SELECT EXISTS ({_LATE})"), parameters).scalar_one())


def rejoin(session: Session, deployment: Deployment, rings: Sequence[Ring], since: datetime) -> Counter[int]:
    """Let devices that left and came back after `since` wait again; returns their number by ring.

    They were retired, or excluded because of a change that no longer keeps them out.

    `rings` are all of the deployment's, locked, at least one of them open.
    """
    is_rollback = deployment.kind is DeploymentKind.ROLLBACK
    open_rings = [ring for ring in rings if machine.is_open(ring.state)]
    plan = Plan.from_json(deployment.plan)
    scope, parameters = in_scope(deployment.platform, {} if is_rollback else deployment.scope)
    parameters.update(
        deployment=deployment.id,
        since=since,
        rings=[ring.id for ring in open_rings],
        tags_of_rings=[
            None if is_rollback or ring is rings[-1] else plan.rings[ring.position].tag for ring in open_rings
        ],
        last=open_rings[-1].id,
        changes=list(CHANGES),
    )
    by_id = {ring.id: ring for ring in rings}
    returned: Counter[int] = Counter()
    statement = text(_REJOIN.format(devices=Device.__tablename__, scope=scope))
    for row in session.execute(statement, parameters):
        by_id[row.left_ring].forget_excluded(row.devices, row.dispatched)
        by_id[row.ring_id].admit({_lot(deployment, row.connector, row.release_id): row.devices})
        returned[row.ring_id] += row.devices
    return returned


def may_join(session: Session, deployment: Deployment, since: datetime) -> bool:
    """Whether any device may have come into scope after `since`; asked before any lock is taken."""
    changes = [f"SELECT 1 FROM {Device.__tablename__} AS device WHERE device.platform = :platform AND {_JOINED_SINCE}"]
    if deployment.kind is DeploymentKind.ROLLBACK:
        changes.append(
            f"SELECT 1 FROM assignments AS reached WHERE reached.deployment_id = :rolls_back AND {_INSTALLED_SINCE}"
            f" AND {HAS_RELEASE}"
        )
    parameters = {"rolls_back": deployment.rolls_back, "platform": deployment.platform, "since": since}
    exists = " OR ".join(f"EXISTS ({change})" for change in changes)
    return bool(session.execute(text(f"SELECT {exists}"), parameters).scalar_one())


def has_critical(session: Session, platform: str, scope: Mapping[str, Any]) -> bool:
    """Whether a device of critical importance is in scope."""
    condition, parameters = in_scope(platform, scope)
    critical = f"SELECT 1 FROM {Device.__tablename__} AS device WHERE device.criticality = 'critical' AND {condition}"
    statement = f"SELECT EXISTS ({critical})"
    return bool(session.execute(text(statement), parameters).scalar_one())


def census(session: Session, plan: Plan, platform: str | None, scope: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The `devices` that would be assigned now, by `position` of the ring, `site_class` and `connector`."""
    ring, ring_parameters = ring_expression(plan, range(len(plan.rings)))
    condition, parameters = in_scope(platform, scope)
    statement = text(_CENSUS.format(ring=ring, scope=condition))
    return session.execute(statement, {**parameters, **ring_parameters}).all()


def left_out(session: Session, platform: str | None, scope: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The devices that match the scope and would not be assigned: the `reason`, and the number of `devices`."""
    conditions, parameters = _criteria(scope)
    where = " AND ".join([_LEFT_OUT, *conditions])
    statement = text(_COUNT_LEFT_OUT.format(where=where))
    return session.execute(statement, {**parameters, "platform": platform}).all()


def _forward(deployment: Deployment, ring: str) -> tuple[str, dict[str, Any]]:
    scope, parameters = in_scope(deployment.platform, deployment.scope)
    own = {"deployment": deployment.id, "application": deployment.application_id}
    return _FORWARD.format(ring=ring, scope=scope), {**parameters, **own}


def _back_parameters(deployment: Deployment) -> dict[str, Any]:
    return {
        "deployment": deployment.id,
        "application": deployment.application_id,
        "rolls_back": deployment.rolls_back,
        "release": deployment.release_id,
    }


def _lot(deployment: Deployment, connector: str, release_id: int | None) -> str:
    back_to_nothing = deployment.kind is DeploymentKind.ROLLBACK and release_id is None
    return Lot(connector, release_id, Verb.WITHDRAW if back_to_nothing else Verb.PUBLISH).key


def in_scope(platform: str | None, scope: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The SQL condition for a device in scope, with its parameters: kinds joined by AND, values of a kind by OR.

    A test compares it with that of drift.

    Only a preview has no platform; it then counts the devices of all platforms.
    """
    conditions, parameters = _criteria(scope)
    if platform is not None:
        conditions.insert(0, "device.platform = :platform")
        parameters["platform"] = platform
    return " AND ".join(["device.retired_at IS NULL", *conditions]), parameters


def _criteria(scope: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The conditions of a scope, with their parameters."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    for kind, condition in (
        ("business_units", "device.business_unit = ANY(CAST(:business_units AS text[]))"),
        ("tags", "device.tags && CAST(:tags AS text[])"),
        ("exclude_tags", "NOT device.tags && CAST(:exclude_tags AS text[])"),
        ("site_classes", "device.site_class = ANY(CAST(:site_classes AS text[]))"),
        ("devices", "device.external_id = ANY(CAST(:devices AS text[]))"),
        ("exclude_devices", "device.external_id <> ALL(CAST(:exclude_devices AS text[]))"),
        ("exclude_connectors", "device.connector <> ALL(CAST(:exclude_connectors AS text[]))"),
    ):
        if scope.get(kind):
            conditions.append(condition)
            parameters[kind] = list(scope[kind])
    return conditions, parameters


def ring_expression(plan: Plan, ring_ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """`rules.rings.ring_of` as an SQL expression over `device`, built from the same bounds; a test compares the two."""
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
