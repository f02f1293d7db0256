"""The head of the event log, recorded every hour outside the database: in the program's log and in a file.

The chain alone cannot show that its end is missing; a head that is stored elsewhere can.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select

from app import clock
from app.audit import archives
from app.db import db
from app.events.models import Event
from app.settings import load_settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Head:
    """The newest event at a time: its id, its hash, and how many events there were."""

    at: datetime
    id: int
    hash: bytes
    count: int

    def as_line(self) -> str:
        """The head as a line of JSON."""
        fields = {"at": self.at.isoformat(), "id": self.id, "hash": self.hash.hex(), "count": self.count}
        return json.dumps(fields) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Head:
        """The head that a line holds. Raises ValueError, KeyError or TypeError if it holds none."""
        fields = json.loads(line)
        at, hash = datetime.fromisoformat(fields["at"]), bytes.fromhex(fields["hash"])
        return cls(at, int(fields["id"]), hash, int(fields["count"]))


def present() -> Head | None:
    """The current head of the log; None while the log is empty."""
    count = select(func.count()).select_from(Event).scalar_subquery()
    newest = db.session.execute(
        select(Event.id, Event.hash, count.label("events")).order_by(Event.id.desc()).limit(1)
    ).first()
    return None if newest is None else Head(clock.now(), newest.id, newest.hash, newest.events + archives.count())


def write() -> None:
    """The periodic job: write the current head to the program's log and, if one is set, durably to the heads file."""
    head = present()
    if head is None:
        return
    log.info("event log head", id=head.id, count=head.count, hash=head.hash.hex())
    path = load_settings().event_heads_file
    if not path:
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, head.as_line().encode())
        os.fsync(file)
    finally:
        os.close(file)


def read(file: Path) -> Iterator[Head | int]:
    """The head in each line, or the line's number if it holds none; nothing if the file does not exist yet."""
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield Head.from_line(line)
            except (ValueError, KeyError, TypeError):
                yield number
