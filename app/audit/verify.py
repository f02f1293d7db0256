"""Verifies the event log: every row's own hash, its link to the row before it, and the heads stored elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from app.audit import heads
from app.audit.findings import Audit, AuditFinding
from app.audit.heads import Head
from app.db import db
from app.events.chain import GENESIS, link
from app.events.models import Event
from app.settings import load_settings

ROWS_PER_QUERY = 1_000


class Fault(StrEnum):
    """What can be wrong with a row, or with a stored head."""

    FORGED = "forged"
    MISPLACED = "misplaced"
    REPLACED = "replaced"
    MISSING = "missing"
    HEAD = "head"
    UNREADABLE = "unreadable"


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


@dataclass
class Verification(Audit):
    """The findings, and how many stored heads match."""

    heads: int = 0


def walk(events: Iterable[StoredEvent], key: bytes, stored_heads: Iterable[Head] = ()) -> Verification:
    """Walk the log once, from its first row to its last, and compare it with its stored heads.

    After a faulty row it continues from the hash stored there, so that one fault does not repeat in every later row.
    """
    verification = Verification()
    pending: dict[int, list[Head]] = defaultdict(list)
    for head in stored_heads:
        pending[head.id].append(head)
    last_id, last_hash = 0, GENESIS
    for event in events:
        for finding in _faults(event, last_id, last_hash, key):
            verification.add(finding)
        for head in pending.pop(event.id, ()):
            if head.hash == event.hash:
                verification.heads += 1
            else:
                verification.add(_unmatched(head, "the event has a different hash now, so the log was rewritten"))
        verification.checked += 1
        last_id, last_hash = event.id, event.hash
    for head in (head for id in sorted(pending) for head in pending[id]):
        cut_off = f"the log ends at event {last_id}; cut off: {_events(last_id + 1, head.id)}"
        verification.add(_unmatched(head, cut_off if head.id > last_id else "the event is missing"))
    return verification


def _faults(event: StoredEvent, last_id: int, last_hash: bytes, key: bytes) -> Iterator[AuditFinding]:
    content = {name: getattr(event, name) for name in ("id", "at", "type", "actor", "deployment_id", "payload")}
    is_genuine = link(key, event.previous_hash, **content) == event.hash
    follows = event.previous_hash == last_hash
    if event.id > last_id + 1:
        yield AuditFinding(Fault.MISSING, last_id + 1, f"Missing: {_events(last_id + 1, event.id - 1)}.")
        follows = True  # the event it followed is missing, so there is nothing to compare with
    if not is_genuine and not follows:
        sentence = f"Event {event.id} was replaced or moved: neither its own hash nor the one before it matches."
        yield AuditFinding(Fault.REPLACED, event.id, sentence)
    elif not is_genuine:
        yield AuditFinding(Fault.FORGED, event.id, f"Event {event.id} was forged: its content does not match its hash.")
    elif not follows:
        sentence = f"Event {event.id} is genuine, but the event before it is not the one it followed."
        yield AuditFinding(Fault.MISPLACED, event.id, sentence)


def _events(first: int, last: int) -> str:
    return f"event {first}" if first == last else f"events {first} to {last}"


def _unmatched(head: Head, why: str) -> AuditFinding:
    sentence = f"The head of {head.at.isoformat(timespec='seconds')}, event {head.id}, does not match: {why}."
    return AuditFinding(Fault.HEAD, head.id, sentence)


def stored_events() -> Iterator[StoredEvent]:
    """Every row in the order of ids, `ROWS_PER_QUERY` at a time."""
    ordered = select(*(getattr(Event, name) for name in StoredEvent._fields)).order_by(Event.id).limit(ROWS_PER_QUERY)
    last_id = 0
    while rows := db.session.execute(ordered.where(Event.id > last_id)).all():
        yield from map(StoredEvent._make, rows)
        last_id = rows[-1].id


def verify() -> Verification:
    """Verify the stored log. The heads are read first: the events they name were committed before the walk began."""
    settings = load_settings()
    lines = list(heads.read(Path(settings.event_heads_file))) if settings.event_heads_file else []
    stored_heads = [line for line in lines if isinstance(line, Head)]
    verification = walk(stored_events(), settings.event_key.get_secret_value().encode(), stored_heads)
    for number in (line for line in lines if isinstance(line, int)):
        sentence = f"Line {number} of the file of heads is not a valid head."
        verification.add(AuditFinding(Fault.UNREADABLE, number, sentence))
    return verification
