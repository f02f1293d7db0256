"""Ingesting reports of connectors and devices: set-based and idempotent, with the rings' counters and one event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, exists, or_, select, text
from sqlalchemy.orm import aliased

from app import clock
from app.db import array_literal, locked, quoted
from app.deployments import left_behind, report_limits
from app.deployments.errors import UnknownAssignment
from app.deployments.models import Deployment, Ring
from app.deployments.report_statuses import (
    LATE,
    RECEIVED,
    REJECTED,
    STATUSES,
    Key,
    ReportRow,
    contents,
    statuses_of,
)
from app.deployments.rules import machine
from app.deployments.rules.durations import EDGES
from app.deployments.rules.states import ACTIVE, CORRECT, COUNTS_IN, REPORT, AssignmentState, DeploymentKind, Group
from app.deployments.schemas import ReportIn
from app.devices.models import Device
from app.errors import FieldError
from app.events.unit import Unit, unit_of_work
from app.http.uploads import Line
from app.identity.scopes import UNLIMITED, Scopes

INGESTED = "reports.ingested"
IN_TIME = "in_time"
AHEAD = timedelta(minutes=5)
"""How far a reporter's clock may be ahead of ours.

A report that is dated later, or before its device's dispatch, counts as of now and is marked as `clamped`.
"""

_OPEN = quoted(state for state, group in COUNTS_IN.items() if group is Group.PENDING)
_COMPLIANT_STATES = quoted(state for state, group in COUNTS_IN.items() if group is Group.SUCCEEDED)
_EDGES = "{" + ",".join(map(repr, EDGES)) + "}"
_SETTLED = quoted(CORRECT)
_MOVES, _CORRECTIONS = (
    ", ".join(f"('{source}', '{target}')" for source, targets in table.items() for target in sorted(targets))
    for table in (REPORT, CORRECT)
)
# Columns travel as array literals: parsing them costs both sides a fraction of JSON. Devices are looked up in the order
# of their index, whatever order they come in: neighbours share its pages. Reports are inserted in the order of their
# key, so two batches never wait for each other in a circle. Assignments need no lock: whoever changes one holds its
# ring. The comments stand between the pieces, so that the server parses only SQL.
_STORE = text(
    # Each report of the batch, once, with its assignment, the time that counts (see `AHEAD`), whether the tables of
    # states allow it to move that, and whether it is newer: by sequence from the same reporter, by time from another.
    # A device that failed and has succeeded after all is heard even later if its release was rolled back, so that it
    # joins the rollback, and in a rollback, so that it is no longer left behind.
    f"""
    WITH input AS MATERIALIZED (
        SELECT row.*, its.clamped, its.at, assignment.id AS assignment_id, assignment.ring_id, assignment.connector,
               assignment.site_class, assignment.dispatched_at, assignment.reported_at, assignment.state AS before,
               (assignment.state, outcome) IN (VALUES {_MOVES})
               OR (assignment.state, outcome) IN (VALUES {_CORRECTIONS})
                  AND (assignment.ring_id = ANY(CAST(:listening AS bigint[]))
                       OR assignment.ring_id = ANY(CAST(:returning AS bigint[])) AND outcome <> 'failed') AS allowed,
               CASE WHEN assignment.source = :source THEN row.sequence > assignment.sequence
                    ELSE its.at >= coalesce(assignment.reported_at, its.at) END AS is_newer
          FROM (SELECT DISTINCT ON (external_id, sequence, deployment_id) *
                  FROM unnest(CAST(:deployment_ids AS bigint[]), CAST(:external_ids AS text[]),
                              CAST(:sequences AS bigint[]), CAST(:outcomes AS text[]), CAST(:reasons AS text[]),
                              CAST(:times AS timestamptz[]))
                       WITH ORDINALITY AS row(deployment_id, external_id, sequence, outcome, reason, occurred_at, n)
                 ORDER BY external_id, sequence, deployment_id, n) AS row
          LEFT JOIN LATERAL (
              SELECT id FROM {Device.__tablename__} WHERE external_id = row.external_id LIMIT 1
          ) AS device ON true
          LEFT JOIN LATERAL (
              SELECT * FROM assignments WHERE deployment_id = row.deployment_id AND device_id = device.id LIMIT 1
          ) AS assignment ON true
         CROSS JOIN LATERAL (
              SELECT occurred_at > :latest OR coalesce(occurred_at < assignment.dispatched_at, false) AS clamped
          ) AS its_clock
         CROSS JOIN LATERAL (
              SELECT its_clock.clamped, CASE WHEN its_clock.clamped THEN :now ELSE least(occurred_at, :now) END AS at
          ) AS its"""
    # The reports that were not stored before, now stored.
    """
    ), stored AS (
        INSERT INTO reports (source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at,
                             clamped)
        SELECT :source, external_id, sequence, assignment_id, outcome, reason, occurred_at, :now, clamped
          FROM input WHERE assignment_id IS NOT NULL
         ORDER BY external_id, sequence, n
        ON CONFLICT (source, external_id, sequence) DO NOTHING
        RETURNING id AS report_id, assignment_id, sequence"""
    # The same reports with what the batch says about them; duplicates are gone.
    """
    ), new_reports AS (
        SELECT input.*, report_id FROM input JOIN stored USING (assignment_id, sequence)"""
    # Whether a new report stands: it may move its device, or says again what is known of it. A device with an outcome
    # is not moved by what arrives after a newer outcome of the same reporter.
    f"""
    ), standing AS (
        SELECT *, is_newer AND (allowed OR outcome = before)
                  AND CASE WHEN before IN ({_SETTLED}) THEN coalesce(sequence >= (
                      SELECT max(newer.sequence) FROM reports AS newer
                       WHERE newer.source = :source AND newer.external_id = new_reports.external_id
                         AND newer.assignment_id = new_reports.assignment_id AND newer.outcome IN ({_SETTLED})
                  ), true) ELSE true END AS stands
          FROM new_reports"""
    # The new reports of each device, those that stand first, of these those with an outcome, and then the newest.
    f"""
    ), ranked AS (
        SELECT *, row_number() OVER of_device AS rank,
               first_value(stands AND outcome <> before) OVER of_device AS has_moved
          FROM standing
        WINDOW of_device AS (PARTITION BY assignment_id
                             ORDER BY stands DESC, outcome IN ({_SETTLED}) DESC, sequence DESC)"""
    # The one report that moves each device.
    """
    ), latest AS (
        SELECT * FROM ranked WHERE rank = 1 AND has_moved"""
    # The assignments in their new state, and which of them no command had claimed yet. The statement began with the
    # rings locked, so its time, by the database's clock, is after that of every move before.
    f"""
    ), moved AS (
        UPDATE assignments
           SET state = latest.outcome, source = :source, sequence = latest.sequence, reason = latest.reason,
               reported_at = latest.at, clamped = latest.clamped, report_id = latest.report_id,
               moved_at = statement_timestamp(), broke = latest.before = 'succeeded',
               corrections = assignments.corrections + CAST(latest.before IN ({_SETTLED}) AS int)
          FROM latest WHERE assignments.id = latest.assignment_id
        RETURNING assignments.ring_id, assignments.connector, assignments.release_id,
                  latest.before = 'pending' AND assignments.command_id IS NULL AS unclaimed"""
    # Devices that reported without a command, by lot: the ring waits for them no longer.
    """
    ), unclaimed_lots AS (
        SELECT ring_id, connector, release_id, count(*) AS devices FROM moved WHERE unclaimed GROUP BY 1, 2, 3"""
    # The moves, counted: they shift the rings' counters and are the event's tallies.
    """
    ), tallies AS (
        SELECT ring_id, connector, before, outcome, reason, count(*) AS devices
          FROM latest GROUP BY ring_id, connector, before, outcome, reason"""
    # How long each device took that has succeeded, or that had and no longer counts.
    f"""
    ), durations AS (
        SELECT ring_id, site_class, outcome IN ({_COMPLIANT_STATES}) AS counts,
               date_part('epoch', CASE WHEN outcome IN ({_COMPLIANT_STATES}) THEN at ELSE reported_at END
                                  - dispatched_at) AS seconds
          FROM latest WHERE outcome IN ({_COMPLIANT_STATES}) OR before IN ({_COMPLIANT_STATES})"""
    # The durations, counted by bin, and whether they are within the limit of the ring and site class.
    f"""
    ), times AS (
        SELECT ring_id, site_class, counts, width_bucket(durations.seconds, CAST('{_EDGES}' AS float[])) AS bin,
               coalesce(durations.seconds <= time_limit.seconds, true) AS in_time, count(*) AS devices
          FROM durations
          LEFT JOIN json_to_recordset(CAST(:limits AS json))
                    AS time_limit(ring_id bigint, site_class text, seconds float) USING (ring_id, site_class)
         GROUP BY 1, 2, 3, 4, 5
    )"""
    # One row. The keys of the new reports are listed only if some report was not new, which is rare.
    f"""
    SELECT (SELECT json_agg(tallies) FROM tallies) AS tallies,
           (SELECT json_agg(unclaimed_lots) FROM unclaimed_lots) AS unclaimed_lots,
           (SELECT json_agg(times ORDER BY ring_id) FROM times) AS times,
           (SELECT json_agg(json_build_array(external_id, sequence)) FROM ranked
             WHERE before NOT IN ({_OPEN}) AND NOT has_moved) AS late,
           (SELECT array_agg(n) FROM input WHERE assignment_id IS NULL) AS unassigned,
           (SELECT count(*) FROM new_reports WHERE clamped) AS clamped_count,
           (SELECT count(assignment_id) FROM input) AS assigned_count, (SELECT count(*) FROM stored) AS new_count,
           (SELECT json_agg(json_build_array(external_id, sequence)) FROM new_reports
             WHERE (SELECT count(*) FROM stored) < (SELECT count(assignment_id) FROM input)) AS new_keys
    """
)  # built from the table of states, not from input
# A generic plan would loop over the whole batch for each of its rows.
_CUSTOM_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")
_ROLLBACK = aliased(Deployment)
_GATE = Deployment.plan["rings"].op("->")(Ring.position)["gate"]
# The deployments are read, not locked: a batch changes none of them. All their rings are locked, because only then is
# it certain which of them the batch changes.
_RINGS = (
    select(
        Ring,
        Deployment.kind,
        Deployment.state.in_(ACTIVE).label("is_active"),
        or_(Deployment.kind == DeploymentKind.ROLLBACK, exists().where(_ROLLBACK.rolls_back == Deployment.id)).label(
            "is_returning"
        ),
        _GATE["compliant_within"].label("limits"),
    )
    .join(Deployment, Deployment.id == Ring.deployment_id)
    .order_by(Ring.id)
)


_Tallies = Counter[tuple[str, str, str, str, str, str]]
"""Assignments that moved: by kind, ring, its key, connector, outcome and reason."""
_OF_TALLY = ("kind", "ring", "ring_key", "connector", "outcome", "reason")
_Compliance = Counter[tuple[str, str, str, str]]
"""Devices of rollouts that became compliant: by ring, its key, site class and result."""


@dataclass(frozen=True)
class Ingested:
    """The outcome of a batch: a status for each row, and how many assignments moved."""

    statuses: list[str]
    moved: int


def ingest(unit: Unit, source: str, rows: Sequence[ReportRow]) -> Ingested:
    """Store reports, move assignments and update counters; a row without an assignment is `rejected`.

    Locks the rings of the deployments in the order of their ids, and thereby their assignments.
    """
    deployment_ids = {row.deployment_id for row in rows}
    statement = locked(_RINGS.where(Ring.deployment_id.in_(deployment_ids)), of=Ring)
    rings = {row.Ring.id: row for row in unit.session.execute(statement)}
    now = clock.now()
    batch = {
        "source": source,
        "now": now,
        "latest": now + AHEAD,
        "deployment_ids": array_literal([str(row.deployment_id) for row in rows]),
        "external_ids": array_literal([row.external_id for row in rows]),
        "sequences": array_literal([str(row.sequence) for row in rows]),
        "outcomes": array_literal([row.outcome for row in rows]),
        "reasons": array_literal([row.reason for row in rows]),
        "times": array_literal([row.occurred_at.isoformat() for row in rows]),
        "listening": array_literal(_listening(list(rings.values()))),
        "returning": array_literal([str(ring_id) for ring_id, row in rings.items() if row.is_returning]),
        "limits": _limits({ring_id: row.limits for ring_id, row in rings.items()}),
    }
    unit.session.execute(_CUSTOM_PLAN)
    result = unit.session.execute(_STORE, batch).one()
    tallies = _shift(rings, result.tallies or ())
    compliance: _Compliance = Counter()
    for ring_id, times in groupby(result.times or (), lambda group: group["ring_id"]):
        _count_compliant(rings[ring_id].Ring, rings[ring_id].kind, list(times), compliance)
    for lot in result.unclaimed_lots or ():
        rings[lot["ring_id"]].Ring.forget_waiting(lot["connector"], lot["release_id"], lot["devices"])
    unassigned = frozenset((rows[n - 1].deployment_id, rows[n - 1].external_id) for n in result.unassigned or ())
    late, new = _keys(result.late), None if result.new_count == result.assigned_count else _keys(result.new_keys)
    statuses = [RECEIVED] * len(rows)
    if result.new_count < len(rows) or late:
        assigned = [row for row in rows if (row.deployment_id, row.external_id) not in unassigned]
        known = {} if new is None else contents(unit.session, source, {row.key for row in assigned} - new)
        statuses = statuses_of(rows, unassigned, late, known)
    concerned = {row.deployment_id for row in rows if (row.deployment_id, row.external_id) not in unassigned}
    deployment_id = concerned.pop() if len(concerned) == 1 else None
    payload = _payload(source, statuses, tallies, compliance)
    unit.record(INGESTED, {**payload, "clamped": result.clamped_count}, deployment_id=deployment_id)
    left_behind.record_late(unit, _installed(rings, result.tallies or ()))
    return Ingested(statuses, tallies.total())


def _listening(rings: Sequence[Row[Any]]) -> list[str]:
    """The ids of the rings whose devices may still change their outcome."""
    ids: list[str] = []
    for _, of_deployment in groupby(rings, lambda row: row.Ring.deployment_id):
        rows = [row for row in of_deployment if row.is_active]
        ids += [str(row.Ring.id) for row in rows[: machine.listening([row.Ring.state for row in rows])]]
    return ids


def _installed(rings: Mapping[int, Row[Any]], counts: Sequence[Mapping[str, Any]]) -> Counter[int]:
    """How many devices of each rollout have installed its release."""
    installed: Counter[int] = Counter()
    for count in counts:
        row = rings[count["ring_id"]]
        if row.kind is DeploymentKind.ROLLOUT and count["outcome"] == AssignmentState.SUCCEEDED:
            installed[row.Ring.deployment_id] += count["devices"]
    return installed


def _shift(rings: Mapping[int, Row[Any]], counts: Sequence[Mapping[str, Any]]) -> _Tallies:
    """Shift the counters of the rings by what moved; the same counts as the event's tallies."""
    tallies: _Tallies = Counter()
    for count in counts:
        ring, kind, devices = rings[count["ring_id"]].Ring, rings[count["ring_id"]].kind, count["devices"]
        ring.shift(AssignmentState(count["before"]), AssignmentState(count["outcome"]), devices)
        moved = (kind.value, ring.name, ring.key, count["connector"], count["outcome"], count["reason"])
        tallies[moved] += devices
    return tallies


def _count_compliant(
    ring: Ring, kind: DeploymentKind, times: Sequence[Mapping[str, Any]], compliance: _Compliance
) -> None:
    """Count devices that became compliant in a ring or broke: how many in time and, of rollouts, by how long it took.

    `compliance` counts only those that became compliant: Graphite's counters never fall.
    """
    bins: dict[str, Counter[str]] = {}
    for group in times:
        devices = group["devices"] if group["counts"] else -group["devices"]
        if group["in_time"]:
            ring.compliant += devices
        if kind is DeploymentKind.ROLLOUT:
            if group["counts"]:
                in_time = IN_TIME if group["in_time"] else LATE
                compliance[(ring.name, ring.key, group["site_class"], in_time)] += devices
            if group["bin"] is not None:  # None: it succeeded without a dispatch
                bins.setdefault(group["site_class"], Counter())[str(group["bin"])] += devices
    ring.count_times(bins)


def _limits(of_rings: Mapping[int, Mapping[str, int] | None]) -> str:
    """The seconds in which a device must succeed, for each ring and site class with a limit, as JSON."""
    return json.dumps(
        [
            {"ring_id": ring_id, "site_class": site_class, "seconds": seconds}
            for ring_id, limits in of_rings.items()
            for site_class, seconds in (limits or {}).items()
        ]
    )


def _keys(pairs: Sequence[Sequence[Any]] | None) -> frozenset[Key]:
    return frozenset((external_id, sequence) for external_id, sequence in pairs or ())


def _payload(
    source: str, statuses: Sequence[str], tallies: _Tallies | None = None, compliance: _Compliance | None = None
) -> dict[str, Any]:
    """The payload of a batch's event."""
    counts = Counter(statuses)
    payload: dict[str, Any] = {status: counts[status] for status in STATUSES}
    payload["source"] = source
    payload["tallies"] = [
        {**dict(zip(_OF_TALLY, moved, strict=True)), "count": count} for moved, count in sorted((tallies or {}).items())
    ]
    payload["compliance"] = [
        {"ring": ring, "ring_key": key, "site_class": site_class, "result": result, "count": count}
        for (ring, key, site_class, result), count in sorted((compliance or {}).items())
    ]
    return payload


def submit(actor: str, items: Sequence[ReportIn], scopes: Scopes = UNLIMITED) -> list[str]:
    """Ingest a JSON batch, all or nothing. Raises UnknownAssignment, OutOfScope; rejected rows are counted."""
    with unit_of_work(actor) as unit:
        if refusals := report_limits.refused(unit.session, dict(enumerate(items)), scopes):
            unit.record_refusal(INGESTED, _payload(actor, [REJECTED] * len(items)))
            raise report_limits.out_of_scope(refusals, scopes)
        statuses = ingest(unit, actor, _rows(items)).statuses
        unknown = [n for n, status in enumerate(statuses) if status == REJECTED]
        if unknown:
            unit.record_refusal(INGESTED, _payload(actor, [REJECTED] * len(items)))
            raise UnknownAssignment(
                f"{len(unknown)} of {len(items)} reports are about a device that is not part of their deployment; "
                "nothing was stored. Check deployment_id and external_id.",
                fields=[FieldError(f"{n}.external_id", "must be a device of this deployment") for n in unknown[:50]],
            )
        return statuses


class Upload:
    """Ingests an upload chunk by chunk; invalid lines are rejected, valid lines are stored."""

    def __init__(self, actor: str, scopes: Scopes = UNLIMITED) -> None:
        self._actor, self._scopes = actor, scopes

    def __call__(self, chunk: Sequence[Line[ReportIn]]) -> list[str | FieldError]:
        """Ingest the readable lines of a chunk in one transaction."""
        items = {line.number: line.item for line in chunk if line.item is not None}
        with unit_of_work(self._actor) as unit:
            refusals = report_limits.refused(unit.session, items, self._scopes)
            readable = [item for number, item in items.items() if number not in refusals]
            statuses = iter(ingest(unit, self._actor, _rows(readable)).statuses)
            if len(readable) < len(chunk):
                unit.record(INGESTED, _payload(self._actor, [REJECTED] * (len(chunk) - len(readable))))
        missing = FieldError("external_id", "must be a device of this deployment")
        outcomes = (refusals.get(line.number) or (REJECTED if line.item is None else next(statuses)) for line in chunk)
        return [missing if outcome == REJECTED else outcome for outcome in outcomes]


def _rows(items: Sequence[ReportIn]) -> list[ReportRow]:
    now = clock.now()
    return [
        ReportRow(
            item.external_id,
            item.sequence,
            item.outcome,
            item.reason,
            item.occurred_at or now,
            item.deployment_id,
        )
        for item in items
    ]
