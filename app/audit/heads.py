"""The head of the log, told hourly to places that the database cannot reach: the program's log and a file.

The chain alone cannot show that its end is missing; a head that was written elsewhere can.
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
from app.db import db
from app.events.models import Event
from app.settings import load_settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Head:
    """The newest event at a time: its id and its hash, and how many events there were."""

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
        """The head of a line. Raises ValueError, KeyError or TypeError for any other line."""
        fields = json.loads(line)
        at, hash = datetime.fromisoformat(fields["at"]), bytes.fromhex(fields["hash"])
        return cls(at, int(fields["id"]), hash, int(fields["count"]))


def present() -> Head | None:
    """The head of the log as it is; None while there is no event."""
    count = select(func.count()).select_from(Event).scalar_subquery()
    newest = db.session.execute(select(Event.id, Event.hash, count).order_by(Event.id.desc()).limit(1)).first()
    return None if newest is None else Head(clock.now(), *newest)


def write() -> None:
    """Tell the present head to the log and, where one is set, to the file; the file's line is durable on return."""
    head = present()
    if head is None:
        return
    log.info("event log head", id=head.id, count=head.count, hash=head.hash.hex())
    name = load_settings().event_heads_file
    if not name:
        return
    file = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, head.as_line().encode())
        os.fsync(file)
    finally:
        os.close(file)


def read(file: Path) -> Iterator[Head | int]:
    """Each line's head, or the number of a line that is none; nothing where there is no file yet."""
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield Head.from_line(line)
            except (ValueError, KeyError, TypeError):
                yield number
