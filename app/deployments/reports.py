"""Taking in what connectors and devices report: set-based, idempotent, with the rings' counters and one event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from app import clock
from app.connectors.protocol import DeviceResult
from app.deployments.errors import UnknownAssignment
from app.deployments.models import Deployment, Ring
from app.deployments.rules.states import COUNTS_IN, REPORT, AssignmentState, Group
from app.deployments.schemas import ReportIn
from app.errors import FieldError
from app.events.unit import Unit, unit_of_work
from app.http.uploads import Line

INGESTED = "reports.ingested"
RECEIVED, LATE, DUPLICATE, REJECTED = "received", "late", "duplicate", "rejected"

_RESOLVE = text("""
    SELECT assignment.id, assignment.ring_id
      FROM json_to_recordset(CAST(:rows AS json)) AS input(n integer, deployment_id bigint, external_id text)
      LEFT JOIN devices AS device ON device.external_id = input.external_id
      LEFT JOIN assignments AS assignment
        ON assignment.deployment_id = input.deployment_id AND assignment.device_id = device.id
     ORDER BY input.n
""")
_STILL_OPEN = frozenset(state.value for state, group in COUNTS_IN.items() if group is Group.PENDING)
_MOVES = ", ".join(f"('{source}', '{target}')" for source, targets in REPORT.items() for target in sorted(targets))
# Reports go in by key and assignments are locked by id, so that two batches never wait for each other in a circle.
_STORE = text(f"""
    WITH input AS (
        SELECT *
          FROM json_to_recordset(CAST(:rows AS json))
            AS input(assignment_id bigint, external_id text, sequence bigint, outcome text, reason text,
                     occurred_at timestamptz)
    ), stored AS (
        INSERT INTO reports (source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at)
        SELECT :source, external_id, sequence, assignment_id, outcome, reason, occurred_at, :now
          FROM input
         ORDER BY external_id, sequence
        ON CONFLICT (source, external_id, sequence) DO NOTHING
        RETURNING external_id, sequence, assignment_id, outcome, reason, occurred_at
    ), locked AS (
        SELECT id, state, source, sequence, reported_at, ring_id, connector, site_class, dispatched_at
          FROM assignments WHERE id IN (SELECT assignment_id FROM stored) ORDER BY id FOR UPDATE
    ), latest AS (
        SELECT DISTINCT ON (stored.assignment_id) stored.*
          FROM stored JOIN locked ON locked.id = stored.assignment_id
         WHERE CASE WHEN locked.source = :source THEN stored.sequence > locked.sequence
                    ELSE stored.occurred_at >= coalesce(locked.reported_at, stored.occurred_at) END
           AND (locked.state, stored.outcome) IN (VALUES {_MOVES})
         ORDER BY stored.assignment_id, stored.sequence DESC
    ), moved AS (
        UPDATE assignments
           SET state = latest.outcome, source = :source, sequence = latest.sequence, reason = latest.reason,
               reported_at = latest.occurred_at
          FROM latest
         WHERE assignments.id = latest.assignment_id
        RETURNING assignments.id, latest.sequence, latest.occurred_at
    )
    SELECT stored.external_id, stored.sequence, stored.outcome, stored.reason,
           locked.state AS before, locked.ring_id, locked.connector, locked.site_class,
           extract(epoch FROM moved.occurred_at - locked.dispatched_at) AS took,
           moved.id IS NOT NULL AS has_moved, stored.sequence = moved.sequence AS is_move
      FROM stored
      JOIN locked ON locked.id = stored.assignment_id
      LEFT JOIN moved ON moved.id = stored.assignment_id
""")  # built from the table of states, not from input


_COMPLIANT = frozenset(state.value for state, group in COUNTS_IN.items() if group is Group.SUCCEEDED)
_GATE = Deployment.plan["rings"].op("->")(Ring.position)["gate"]
# The deployments are read, not locked: a batch changes none of them.
_RINGS = (
    select(Ring, Deployment.kind, _GATE["compliant_within"].label("limits"))
    .join(Deployment, Deployment.id == Ring.deployment_id)
    .order_by(Ring.id)
    .with_for_update(of=Ring)
    .execution_options(populate_existing=True)
)


def _in_time(took: float | None, limits: Mapping[str, int] | None, site_class: str) -> bool:
    """Whether so many seconds from dispatch are within the limit of the site class, if it has one."""
    limit = (limits or {}).get(site_class)
    return limit is None or took is None or took <= limit


@dataclass(frozen=True)
class Row(DeviceResult):
    """One report, wherever it came from: a device's result in one deployment."""

    deployment_id: int


@dataclass(frozen=True)
class Ingested:
    """What became of a batch: a status for each row, and how many assignments moved."""

    statuses: list[str]
    moved: int


def ingest(unit: Unit, source: str, rows: Sequence[Row]) -> Ingested:
    """Store reports, move assignments, keep the counters; a row without an assignment is `rejected`.

    Locks rings, then assignments, each in the order of their ids.
    """
    places = [
        {"n": n, "deployment_id": row.deployment_id, "external_id": row.external_id} for n, row in enumerate(rows)
    ]
    resolved = unit.session.execute(_RESOLVE, {"rows": json.dumps(places)}).all()
    known = [(row, found.id) for row, found in zip(rows, resolved, strict=True) if found.id is not None]
    ring_ids = sorted({found.ring_id for found in resolved if found.ring_id is not None})
    rings = {found.Ring.id: found for found in unit.session.execute(_RINGS.where(Ring.id.in_(ring_ids)))}
    parameters = {"source": source, "now": clock.now(), "rows": _as_json(known)}
    stored = unit.session.execute(_STORE, parameters).all() if known else []
    moves: Counter[tuple[int, str, str, str, str]] = Counter()
    status_of: dict[tuple[str, int], str] = {}
    for row in stored:
        if row.is_move:
            moves[(row.ring_id, row.connector, row.before, row.outcome, row.reason)] += 1
            if row.outcome in _COMPLIANT and _in_time(row.took, rings[row.ring_id].limits, row.site_class):
                rings[row.ring_id].Ring.compliant += 1
        too_late = not row.has_moved and row.before not in _STILL_OPEN
        status_of[(row.external_id, row.sequence)] = LATE if too_late else RECEIVED
    tallies: Counter[tuple[str, str, str, str, str]] = Counter()
    for (ring_id, connector, before, outcome, reason), devices in moves.items():
        ring = rings[ring_id].Ring
        recount(ring, AssignmentState(before), AssignmentState(outcome), devices)
        tallies[(rings[ring_id].kind.value, ring.key, connector, outcome, reason)] += devices
    statuses = [
        REJECTED if found.id is None else status_of.pop((row.external_id, row.sequence), DUPLICATE)
        for row, found in zip(rows, resolved, strict=True)
    ]
    deployment_ids = {row.deployment_id for row, _ in known}
    deployment_id = deployment_ids.pop() if len(deployment_ids) == 1 else None
    unit.record(INGESTED, _payload(source, statuses, tallies), deployment_id=deployment_id)
    return Ingested(statuses, tallies.total())


def _payload(source: str, statuses: Sequence[str], tallies: Counter[tuple[str, str, str, str, str]]) -> dict[str, Any]:
    """What a batch's one event says."""
    counts = Counter(statuses)
    payload: dict[str, Any] = {status: counts[status] for status in (RECEIVED, LATE, DUPLICATE, REJECTED)}
    payload["source"] = source
    payload["tallies"] = [
        {"kind": kind, "ring": ring, "connector": connector, "outcome": outcome, "reason": reason, "count": count}
        for (kind, ring, connector, outcome, reason), count in sorted(tallies.items())
    ]
    return payload


def submit(actor: str, items: Sequence[ReportIn]) -> list[str]:
    """A JSON batch: all or nothing. Raises UnknownAssignment, naming each row; the refusal is counted."""
    with unit_of_work(actor) as unit:
        statuses = ingest(unit, actor, _rows(items)).statuses
        unknown = [n for n, status in enumerate(statuses) if status == REJECTED]
        if unknown:
            unit.record_refusal(INGESTED, _payload(actor, [REJECTED] * len(items), Counter()))
            raise UnknownAssignment(
                f"{len(unknown)} of {len(items)} reports name a device that is not in that deployment; "
                "nothing was stored. Check deployment_id and external_id.",
                fields=[FieldError(f"{n}.external_id", "not in this deployment") for n in unknown[:50]],
            )
        return statuses


class Upload:
    """Takes an upload chunk by chunk; a line without an assignment is refused alone."""

    def __init__(self, actor: str) -> None:
        self._actor = actor

    def __call__(self, chunk: Sequence[Line[ReportIn]]) -> list[str | FieldError]:
        """Ingest what can be read of these lines, in one transaction."""
        readable = [line.item for line in chunk if line.item is not None]
        with unit_of_work(self._actor) as unit:
            statuses = iter(ingest(unit, self._actor, _rows(readable)).statuses)
            unreadable = len(chunk) - len(readable)
            if unreadable:
                unit.record(INGESTED, _payload(self._actor, [REJECTED] * unreadable, Counter()))
        missing = FieldError("external_id", "not in this deployment")
        outcomes = ((next(statuses) if line.item is not None else REJECTED) for line in chunk)
        return [missing if outcome == REJECTED else outcome for outcome in outcomes]


def _rows(items: Sequence[ReportIn]) -> list[Row]:
    now = clock.now()
    return [
        Row(
            item.external_id,
            item.sequence,
            item.outcome,
            item.reason,
            item.occurred_at or now,
            item.deployment_id,
        )
        for item in items
    ]


def _as_json(known: Sequence[tuple[Row, int]]) -> str:
    """One JSON document as a parameter: a list for each column costs the driver several times as much."""
    return json.dumps(
        [
            {
                "assignment_id": assignment_id,
                "external_id": row.external_id,
                "sequence": row.sequence,
                "outcome": row.outcome,
                "reason": row.reason,
                "occurred_at": row.occurred_at.isoformat(),
            }
            for row, assignment_id in known
        ]
    )


def recount(ring: Ring, before: AssignmentState, after: AssignmentState, devices: int = 1) -> None:
    """Move devices from one counter of their ring to another; X leaves E."""
    source, target = COUNTS_IN[before], COUNTS_IN[after]
    if source is target:
        return
    setattr(ring, source, getattr(ring, source) - devices)
    setattr(ring, target, getattr(ring, target) + devices)
    ring.eligible += devices * ((target is not Group.EXCLUDED) - (source is not Group.EXCLUDED))
