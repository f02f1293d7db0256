"""Whether the log is whole: every row's own hash, its tie to the row before it, and the heads kept elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from app.audit import heads as kept
from app.audit.findings import Audit, Finding
from app.audit.heads import Head
from app.db import db
from app.events.chain import GENESIS, link
from app.events.models import Event
from app.settings import load_settings

BATCH = 1_000


class Fault(StrEnum):
    """What can be wrong with a row, or with a head that was kept."""

    FORGED = "forged"
    MISPLACED = "misplaced"
    REPLACED = "replaced"
    MISSING = "missing"
    HEAD = "head"
    UNREADABLE = "unreadable"


class Line(NamedTuple):
    """A row of the log, as it is stored."""

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
    """The findings, and how many heads still match."""

    heads: int = 0


def walk(lines: Iterable[Line], key: bytes, heads: Iterable[Head] = ()) -> Verification:
    """Go through the log once, from its first row to its last, and compare it with the heads kept of it.

    After a faulty row it goes on from what is stored there, so that one fault is not found in every later row.
    """
    seen = Verification()
    awaited: dict[int, list[Head]] = defaultdict(list)
    for head in heads:
        awaited[head.id].append(head)
    last_id, last_hash = 0, GENESIS
    for line in lines:
        for finding in _faults(line, last_id, last_hash, key):
            seen.add(finding)
        for head in awaited.pop(line.id, ()):
            if head.hash == line.hash:
                seen.heads += 1
            else:
                seen.add(_unmatched(head, "the event has another hash now, so the log was written anew"))
        seen.checked += 1
        last_id, last_hash = line.id, line.hash
    for head in (head for id in sorted(awaited) for head in awaited[id]):
        cut_off = f"the log ends with event {last_id}; cut off: {_events(last_id + 1, head.id)}"
        seen.add(_unmatched(head, cut_off if head.id > last_id else "the event is missing"))
    return seen


def _faults(line: Line, last_id: int, last_hash: bytes, key: bytes) -> Iterator[Finding]:
    content = {name: getattr(line, name) for name in ("id", "at", "type", "actor", "deployment_id", "payload")}
    genuine = link(key, line.previous_hash, **content) == line.hash
    follows = line.previous_hash == last_hash
    if line.id > last_id + 1:
        yield Finding(Fault.MISSING, last_id + 1, f"Missing: {_events(last_id + 1, line.id - 1)}.")
        follows = True  # what it followed is not there to be compared
    if not genuine and not follows:
        sentence = f"Event {line.id} was replaced or moved: it has neither its own hash nor that of the one before it."
        yield Finding(Fault.REPLACED, line.id, sentence)
    elif not genuine:
        yield Finding(Fault.FORGED, line.id, f"Event {line.id} was forged: its content does not have its hash.")
    elif not follows:
        sentence = f"Event {line.id} is genuine, but was written after another event than the one before it now."
        yield Finding(Fault.MISPLACED, line.id, sentence)


def _events(first: int, last: int) -> str:
    return f"event {first}" if first == last else f"events {first} to {last}"


def _unmatched(head: Head, why: str) -> Finding:
    sentence = f"The head of {head.at.isoformat(timespec='seconds')}, event {head.id}, does not match: {why}."
    return Finding(Fault.HEAD, head.id, sentence)


def stored_lines() -> Iterator[Line]:
    """Every row in the order of ids, a batch at a time."""
    columns = [getattr(Event, name) for name in Line._fields]
    last_id = 0
    while batch := db.session.execute(select(*columns).where(Event.id > last_id).order_by(Event.id).limit(BATCH)).all():
        yield from map(Line._make, batch)
        last_id = batch[-1].id


def verify() -> Verification:
    """Verify the stored log. The heads are read first: what they name was committed before the walk began."""
    settings = load_settings()
    known = list(kept.read(Path(settings.event_heads_file))) if settings.event_heads_file else []
    heads = [head for head in known if isinstance(head, Head)]
    seen = walk(stored_lines(), settings.event_key.get_secret_value().encode(), heads)
    for number in (number for number in known if isinstance(number, int)):
        seen.add(Finding(Fault.UNREADABLE, number, f"Line {number} of the file of heads is no head."))
    return seen
