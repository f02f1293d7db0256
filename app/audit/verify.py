"""Verifies the event log: every row's own hash, its link to the row before it, its archives, and heads kept elsewhere.

Archived events are verified from their files, as if they were still rows. Where a file is not there, the walk goes on
from the head that was recorded with it, which an event confirms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from app.audit import archives, heads
from app.audit.archives import ARCHIVED, LOCK, RESTORED, DamagedArchive, StoredEvent
from app.audit.findings import Audit, AuditFinding
from app.audit.heads import Head
from app.db import alone
from app.events.chain import GENESIS, link
from app.events.models import EventArchive
from app.settings import load_settings


class Fault(StrEnum):
    """What can be wrong with a row, or with a stored head."""

    FORGED = "forged"
    MISPLACED = "misplaced"
    REPLACED = "replaced"
    MISSING = "missing"
    HEAD = "head"
    UNREADABLE = "unreadable"
    ARCHIVE = "archive"


class Gap(NamedTuple):
    """Events that are archived in a file that is not there: the walk goes on from their head."""

    id: int
    hash: bytes


@dataclass
class Verification(Audit):
    """The findings, how many stored heads match, and what is archived."""

    heads: int = 0
    archived: int = 0
    """Events that are archived."""
    absent: list[str] = field(default_factory=list)
    """Archives that are not there, so their events were not verified."""
    restored: list[tuple[int, int]] = field(default_factory=list)
    """Where the log was restored: the last event of the backup, and the event that records the restore."""
    confirmed: set[tuple[int, str]] = field(default_factory=set)
    """Heads of archives, as events of the log state them: id and hash."""


def walk(events: Iterable[StoredEvent | Gap], keys: Sequence[bytes], stored_heads: Iterable[Head] = ()) -> Verification:
    """Walk the log once, from its first row to its last, and compare it with its stored heads.

    `keys` are in the order in which they were used: once a row has a newer one, an older one forges. After a faulty row
    it continues from the hash stored there, so that one fault does not repeat in every later row.
    """
    verification = Verification()
    pending: dict[int, list[Head]] = defaultdict(list)
    for head in stored_heads:
        pending[head.id].append(head)
    last_id, last_hash = 0, GENESIS
    for event in events:
        if isinstance(event, Gap):
            for id in [id for id in pending if id <= event.id]:
                del pending[id]  # the events that these heads name are not there to be compared
            last_id, last_hash = event
            continue
        known = _keys_of(event, keys)
        keys = known or keys
        for finding in _faults(event, last_id, last_hash, is_genuine=bool(known)):
            verification.add(finding)
        for head in pending.pop(event.id, ()):
            if head.hash == event.hash:
                verification.heads += 1
            else:
                verification.add(_unmatched(head, "the event has a different hash now, so the log was rewritten"))
        if event.type == RESTORED:
            verification.restored.append((last_id, event.id))
            for id in [id for id in pending if last_id < id < event.id]:
                del pending[id]  # heads of events that the restored backup did not have
        if event.type == ARCHIVED:
            verification.confirmed.add((event.payload["last"], event.payload["hash"]))
        verification.checked += 1
        last_id, last_hash = event.id, event.hash
    for head in (head for id in sorted(pending) for head in pending[id]):
        cut_off = f"the log ends at event {last_id}; cut off: {_events(last_id + 1, head.id)}"
        verification.add(_unmatched(head, cut_off if head.id > last_id else "the event is missing"))
    return verification


def _keys_of(event: StoredEvent, keys: Sequence[bytes]) -> Sequence[bytes]:
    """The key of the event's hash and those that came after it; none if no key fits."""
    content = {name: getattr(event, name) for name in ("id", "at", "type", "actor", "deployment_id", "payload")}
    fits = (number for number, key in enumerate(keys) if link(key, event.previous_hash, **content) == event.hash)
    first = next(fits, None)
    return () if first is None else keys[first:]


def _faults(event: StoredEvent, last_id: int, last_hash: bytes, *, is_genuine: bool) -> Iterator[AuditFinding]:
    follows = event.previous_hash == last_hash
    is_after_restore = event.type == RESTORED and is_genuine and follows
    if event.id > last_id + 1 and not is_after_restore:
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


def verify() -> Verification:
    """Verify the log and its archives. Heads are read first: the events they name were committed before the walk began.

    Nothing is archived meanwhile, so no event moves from the rows to a file unseen.
    """
    settings = load_settings()
    with alone(LOCK, wait=True):
        lines = list(heads.read(Path(settings.event_heads_file))) if settings.event_heads_file else []
        stored_heads = [line for line in lines if isinstance(line, Head)]
        segments, damaged = archives.segments(), Audit()
        absent: list[str] = []
        events = _all_events(segments, Path(settings.event_archive_dir or "."), damaged, absent)
        verification = walk(events, settings.event_keys, stored_heads)
    verification.archived, verification.absent = archives.count(), absent
    for finding in damaged.findings:
        verification.add(finding)
    unread = {*absent, *(segment.file for segment in segments if segment.last_id in {it.id for it in damaged.findings})}
    for segment in _unconfirmed(segments, verification.confirmed, unread):
        sentence = f"No event confirms the archive {segment.file}: it was not made by the control plane."
        verification.add(AuditFinding(Fault.ARCHIVE, segment.last_id, sentence))
    for number in (line for line in lines if isinstance(line, int)):
        sentence = f"Line {number} of the file of heads is not a valid head."
        verification.add(AuditFinding(Fault.UNREADABLE, number, sentence))
    return verification


def _unconfirmed(
    segments: Sequence[EventArchive], confirmed: Set[tuple[int, str]], unread: Set[str]
) -> Iterator[EventArchive]:
    """Archives that no event confirms, newest first, up to one that was not read: it may have the events that do."""
    for segment in reversed(segments):
        if (segment.last_id, segment.last_hash.hex()) not in confirmed:
            yield segment
        if segment.file in unread:
            return


def _all_events(
    segments: Sequence[EventArchive], folder: Path, damaged: Audit, absent: list[str]
) -> Iterator[StoredEvent | Gap]:
    """The archived events, then the rows; in place of an archive that cannot be read, a gap."""
    for segment in segments:
        try:
            yield from archives.read(folder / segment.file, segment.sha256)
        except FileNotFoundError:  # said, but no finding: archives may be kept elsewhere
            absent.append(segment.file)
            yield Gap(segment.last_id, segment.last_hash)
        except (DamagedArchive, OSError, EOFError, ValueError, KeyError, TypeError) as error:
            sentence = f"The archive {segment.file} is damaged: {error}. Restore the file from its backup."
            damaged.add(AuditFinding(Fault.ARCHIVE, segment.last_id, sentence))
            yield Gap(segment.last_id, segment.last_hash)
    yield from archives.stored_events(segments[-1].last_id if segments else 0)
