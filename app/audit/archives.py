"""Archives of the event log: one compressed file of NDJSON for each segment, with the events' hashes as they were.

The table `event_archives` keeps the head of each segment, and an event confirms it: whoever only has the database can
neither drop events nor invent an archive without the key.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import db
from app.events.models import Event, EventArchive

ARCHIVED = "events.archived"
"""The event that confirms a segment."""
RESTORED = "events.restored"
"""The event that says where the log was cut by a restore: the ids between the event before and this one are lost."""
LOCK = "retention"
"""Key of `db.alone` for whoever moves events, and for audits, which must not miss them while they move."""
ROWS_PER_QUERY = 1_000


class DamagedArchive(Exception):
    """A file is not what was archived; the message says how."""


class StoredEvent(NamedTuple):
    """A row of the log with all its columns."""

    id: int
    at: datetime
    type: str
    actor: str
    deployment_id: int | None
    payload: Mapping[str, Any]
    previous_hash: bytes
    hash: bytes


def newest(session: Session) -> EventArchive | None:
    """The newest segment; None while nothing is archived."""
    return session.execute(select(EventArchive).order_by(EventArchive.last_id.desc()).limit(1)).scalar_one_or_none()


def comparable_from(session: Session, since: datetime, until: datetime) -> datetime:
    """From when on the database has every event of a time: after those archived, and after a restore that lost some."""
    archived = newest(session)
    times = [since] if archived is None else [since, archived.last_at]
    restores = select(Event.at, Event.payload["since"].astext).where(Event.type == RESTORED, Event.at > since)
    for at, lost_since in session.execute(restores):
        if datetime.fromisoformat(lost_since) < until:
            times.append(at)
    return max(times)


def segments() -> list[EventArchive]:
    """Every segment, oldest first."""
    return list(db.session.execute(select(EventArchive).order_by(EventArchive.last_id)).scalars())


def count() -> int:
    """How many events are archived."""
    every = select(func.coalesce(func.sum(EventArchive.events), 0))
    return int(db.session.execute(every).scalar_one())


def stored_events(after: int = 0) -> Iterator[StoredEvent]:
    """Every row after an id in the order of ids, `ROWS_PER_QUERY` at a time."""
    while rows := page(db.session(), after, ROWS_PER_QUERY):
        yield from rows
        after = rows[-1].id


def page(session: Session, after: int, size: int, until: int | None = None) -> list[StoredEvent]:
    """The next rows after an id, perhaps only those up to another."""
    columns = (getattr(Event, name) for name in StoredEvent._fields)
    statement = select(*columns).where(Event.id > after).order_by(Event.id).limit(size)
    if until is not None:
        statement = statement.where(Event.id <= until)
    return [StoredEvent._make(row) for row in session.execute(statement)]


def write(folder: Path, events: Sequence[StoredEvent]) -> tuple[str, bytes]:
    """Store events durably as a file, which may replace that of an interrupted run; returns its name and SHA-256.

    Raises OSError.
    """
    name = f"events-{events[0].id:012d}-{events[-1].id:012d}.ndjson.gz"
    content = gzip.compress("".join(map(_line, events)).encode(), mtime=0)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f"{name}.part"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / name)
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
    return name, hashlib.sha256(content).digest()


def read(file: Path, sha256: bytes) -> Iterator[StoredEvent]:
    """The events of a file. Raises FileNotFoundError, OSError, DamagedArchive."""
    content = file.read_bytes()
    if hashlib.sha256(content).digest() != sha256:
        raise DamagedArchive("its SHA-256 is not the one that was recorded")
    for line in gzip.decompress(content).splitlines():
        fields = json.loads(line)
        yield StoredEvent(
            **{
                **fields,
                "at": datetime.fromisoformat(fields["at"]),
                "previous_hash": bytes.fromhex(fields["previous_hash"]),
                "hash": bytes.fromhex(fields["hash"]),
            }
        )


def _line(event: StoredEvent) -> str:
    fields = {**event._asdict(), "at": event.at.isoformat(timespec="microseconds")}
    fields["previous_hash"], fields["hash"] = event.previous_hash.hex(), event.hash.hex()
    return json.dumps(fields) + "\n"
