"""Results from vendors that only show a table of current states: what changed since the last reading, with a sequence.

The last state of each device is stored with the sequence it got when it last changed, so the stored table is also the
outbox: results after a cursor are the rows with a larger sequence. Nothing is marked as read. A process that dies
between reading the vendor and ingesting the results only repeats the reading; two changes between two readings give
the newer one; a device that disappears from the vendor's table keeps its last state.

A snapshot is the vendor's side of the world: like a call to the vendor, every function here is a transaction of its
own and must be called outside a unit of work.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Literal

from sqlalchemy import (
    Connection,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    SmallInteger,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.connectors.protocol import ConnectorError, DeviceResult, ErrorClass
from app.db import Model, alone, array_literal, db
from app.spelling import cleaned

BATCH = 5_000
"""Devices that one statement compares: what bounds the memory, whatever the vendor's page and fleet."""

Outcome = Literal["not_applicable", "already_compliant", "succeeded", "installing", "deferred", "failed"]
SEVERITY: dict[Outcome, int] = {
    "not_applicable": 10,
    "already_compliant": 20,
    "succeeded": 30,
    "installing": 40,
    "deferred": 50,
    "failed": 60,
}
"""Outcomes from the best to the worst. The numbers are stored: a new outcome takes one between."""
_OUTCOMES = {severity: outcome for outcome, severity in SEVERITY.items()}


class Snapshot(Model):
    """One vendor reference of one connector whose table of states is followed."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("connector", "ref"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    connector: Mapped[str]
    ref: Mapped[str]


class SnapshotDevice(Model):
    """The last state of one device under one reference. The columns' order leaves no gaps between them.

    There is no foreign key: with one a first reading takes 1.7 times as long, and `forget` removes both under one lock.
    """

    __tablename__ = "snapshot_devices"
    # Half the size of an index of the ids themselves. In one of 37 million fleets of a million devices two of them
    # share a number; the results of those two then alternate.
    __table_args__ = (
        PrimaryKeyConstraint("snapshot_id", "sequence"),
        Index("uq_snapshot_devices_device", "snapshot_id", text("hashtextextended(external_id, 0)"), unique=True),
    )

    sequence: Mapped[int] = mapped_column(Identity())
    """One sequence for all connectors and references. No session caches numbers: a later one is a larger one."""
    fingerprint: Mapped[int]
    occurred_at: Mapped[datetime]
    snapshot_id: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[int] = mapped_column(SmallInteger)
    external_id: Mapped[str]
    reason: Mapped[str]


@dataclass(frozen=True)
class Observation:
    """One row of a vendor's table, in the words of this program; the device's id gets its one spelling."""

    external_id: str
    outcome: Outcome
    reason: str
    occurred_at: datetime | None = None
    """The vendor's time of this state; None if it has none, and the result gets the time at which it was first seen.

    A time that moves while the state stays, such as that of the last check-in, must not be given: it would make a
    result of every check-in.
    """
    detail: str = ""
    """Whatever else distinguishes two states, such as an error code. It is compared, not reported."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "external_id", cleaned(self.external_id))


def fold(observations: Iterable[Observation]) -> list[Observation]:
    """One observation for each device: the worst, and of equally bad ones the newest.

    The order of the rows does not matter, so a vendor that shuffles them reports no change.
    """
    worst: dict[str, Observation] = {}
    for row in observations:
        known = worst.get(row.external_id)
        if known is None or _badness(row) > _badness(known):
            worst[row.external_id] = row
    return list(worst.values())


def _badness(row: Observation) -> tuple[int, float, str, str]:
    at = row.occurred_at.timestamp() if row.occurred_at else 0.0
    return SEVERITY[row.outcome], at, row.reason, row.detail


def poll(
    connector: str, ref: str, cursor: str, limit: int, table: Iterable[Observation]
) -> tuple[list[DeviceResult], str]:
    """At most `limit` results after `cursor`, and the cursor after them; what `Connector.results` needs to do.

    `table` is the vendor's whole table, read while it is iterated: a generator over the vendor's pages. It is read
    only if no result waits, and by one process at a time. Rows of one device that follow one another are folded, even
    across pages. What was read before an error is kept, but the next reading starts at the beginning: the table must
    be readable within one job. Raises ConnectorError, and whatever reading the table raises.
    """
    waiting = results_after(connector, ref, cursor, limit)
    if waiting[0]:
        return waiting
    # Alone, since another process's older rows must not overwrite the newer ones that are read here.
    with alone(f"snapshots:reading:{connector}:{ref}") as is_alone:
        if is_alone:
            for batch in _batches(table):
                take(connector, ref, batch)
    return results_after(connector, ref, cursor, limit)


def _batches(table: Iterable[Observation]) -> Iterator[list[Observation]]:
    """The rows of BATCH devices at a time."""
    devices = groupby(table, key=lambda row: row.external_id)
    while batch := [row for _, rows in islice(devices, BATCH) for row in rows]:
        yield batch


# Rows that did not change are neither written nor locked, and take no number of the sequence.
_STORE = text("""
    WITH observed AS (
        SELECT DISTINCT ON (device) hashtextextended(external_id, 0) AS device, row.*
          FROM unnest(CAST(:external_ids AS text[]), CAST(:fingerprints AS bigint[]), CAST(:outcomes AS smallint[]),
                      CAST(:reasons AS text[]), CAST(:times AS timestamptz[]))
               AS row(external_id, fingerprint, outcome, reason, occurred_at)
         ORDER BY device
    ), changed AS (
        SELECT observed.*
          FROM observed
          LEFT JOIN LATERAL (
              SELECT fingerprint FROM snapshot_devices
               WHERE snapshot_id = :snapshot AND hashtextextended(external_id, 0) = device LIMIT 1
          ) AS known ON true
         WHERE known.fingerprint IS DISTINCT FROM observed.fingerprint
    )
    INSERT INTO snapshot_devices (fingerprint, occurred_at, snapshot_id, outcome, external_id, reason)
    SELECT fingerprint, occurred_at, :snapshot, outcome, external_id, reason FROM changed
    ON CONFLICT (snapshot_id, hashtextextended(external_id, 0)) DO UPDATE
       SET sequence = EXCLUDED.sequence, fingerprint = EXCLUDED.fingerprint, occurred_at = EXCLUDED.occurred_at,
           outcome = EXCLUDED.outcome, external_id = EXCLUDED.external_id, reason = EXCLUDED.reason
""")
# Planned for the table as it is: a plan kept from when it was empty would read all of it for each device.
_PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")


def take(connector: str, ref: str, observations: Iterable[Observation]) -> None:
    """Store a part of the vendor's table: devices that are new or changed get the next sequences.

    The rows may be in any order, several for one device; they are all in memory. Those of one device that are split
    over two calls replace each other. Calls for one reference wait for each other.
    """
    rows = fold(observations)
    now = clock.now().isoformat()
    given = [row.occurred_at.isoformat() if row.occurred_at else "" for row in rows]
    page = {
        "external_ids": array_literal([row.external_id for row in rows]),
        "fingerprints": array_literal([_fingerprint(row, at) for row, at in zip(rows, given, strict=True)]),
        "outcomes": array_literal([str(SEVERITY[row.outcome]) for row in rows]),
        "reasons": array_literal([row.reason for row in rows]),
        "times": array_literal([at or now for at in given]),
    }
    with db.engine.begin() as connection:
        _one_writer(connection, connector, ref)
        connection.execute(_PLAN_ANEW)
        connection.execute(_STORE, {**page, "snapshot": _snapshot(connection, connector, ref)})


def _fingerprint(row: Observation, at: str) -> str:
    """A signed number of 64 bits, equal for equal states of the same device at the same time."""
    state = "\x1f".join((row.external_id, row.outcome, row.reason, row.detail, at))
    return str(int.from_bytes(hashlib.blake2b(state.encode(), digest_size=8).digest(), "big", signed=True))


def _one_writer(connection: Connection, connector: str, ref: str) -> None:
    """Wait until no other transaction writes this snapshot: sequences then become visible in their order.

    Otherwise a reader could go past a sequence that another transaction has taken and not yet committed.
    """
    key = func.hashtextextended(f"snapshots:writing:{connector}:{ref}", 0)
    connection.execute(select(func.pg_advisory_xact_lock(key)))


def _snapshot(connection: Connection, connector: str, ref: str) -> int:
    """The snapshot's number; it is created by whoever asks first, under the lock of its one writer."""
    found = connection.execute(_id_of(connector, ref)).scalar()
    if found is None:
        created = insert(Snapshot).values(connector=connector, ref=ref).returning(Snapshot.id)
        return connection.execute(created).scalar_one()
    return found


def _id_of(connector: str, ref: str) -> Select[int]:
    return select(Snapshot.id).where(Snapshot.connector == connector, Snapshot.ref == ref)


def results_after(connector: str, ref: str, cursor: str, limit: int) -> tuple[list[DeviceResult], str]:
    """At most `limit` stored results after `cursor` ("": from the start), oldest first, and the cursor after them.

    Asks no vendor. Raises ConnectorError for a cursor that did not come from here.
    """
    if cursor and not re.fullmatch(r"[0-9]{1,18}", cursor):
        raise ConnectorError(ErrorClass.PERMANENT, f"{cursor[:40]!r} is not a cursor of {connector}")
    page = (
        select(
            SnapshotDevice.external_id,
            SnapshotDevice.sequence,
            SnapshotDevice.outcome,
            SnapshotDevice.reason,
            SnapshotDevice.occurred_at,
        )
        .where(SnapshotDevice.snapshot_id == _id_of(connector, ref).scalar_subquery())
        .where(SnapshotDevice.sequence > int(cursor or 0))
        .order_by(SnapshotDevice.sequence)
        .limit(limit)
    )
    with db.engine.connect() as connection:
        rows = connection.execute(page).all()
    results = [DeviceResult(row[0], row[1], _OUTCOMES[row[2]], row[3], row[4]) for row in rows]
    return results, str(results[-1].sequence) if results else cursor


def forget(connector: str, ref: str) -> None:
    """Delete a snapshot that nobody will ask for again; nothing happens if there is none.

    A reading that is under way stores its remaining rows again, with new sequences.
    """
    with db.engine.begin() as connection:
        _one_writer(connection, connector, ref)
        snapshot = connection.execute(_id_of(connector, ref)).scalar()
        connection.execute(delete(SnapshotDevice).where(SnapshotDevice.snapshot_id == snapshot))
        connection.execute(delete(Snapshot).where(Snapshot.id == snapshot))
