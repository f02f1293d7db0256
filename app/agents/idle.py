"""Devices without work: their next polls are answered from memory, without a question to the database.

A device that had nothing to do still has nothing to do until its connector gets an instruction for it. So each process
remembers who was idle, asks once a second which instructions are new, and forgets their devices; and it forgets
everybody when a token ends. A poll is at most that second behind: a device gets its work, or its refusal, at its next.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Engine, text

from app.connectors.pull.models import PullAction, PullInstruction
from app.connectors.pull.settings import PullSettings
from app.identity import lookup

FRESH_SECONDS = 1.0
"""How long what is known of new instructions is good for."""
LATE = 1_000
"""Instructions may be committed in another order than that of their ids, but not by more than this."""
MOST = 200_000
LONGEST_SECONDS = 6 * 3600.0
"""After this, a device is looked up again whatever happened."""
_NEW = text(f"""
    SELECT instruction.id, instruction.published_at FROM {PullInstruction.__tablename__} AS instruction
     WHERE instruction.connector = :connector AND instruction.id > :after ORDER BY instruction.id
""")
_DEVICES = text(f"""
    SELECT external_id FROM {PullAction.__tablename__} WHERE instruction_id = ANY(CAST(:new AS bigint[]))
""")
_NEWEST = text(f"""
    SELECT coalesce(max(id), 0) AS id, max(published_at) AS published_at FROM {PullInstruction.__tablename__}
     WHERE connector = :connector
""")


class Idle(NamedTuple):
    """A device that had nothing to do."""

    authorization: str
    """The header with which it asked."""
    settings: PullSettings
    until: float
    """When it is looked up again, by the monotonic clock."""


@dataclass
class _Connector:
    """What a process knows of one connector."""

    asked: float
    newest: int
    known: frozenset[int]
    """The ids of the latest instructions that it has seen."""
    published_at: datetime | None
    idle: dict[str, Idle]
    generation: int = 0
    """Counts the times that devices were forgotten: what was read before one of them is not remembered."""


class IdleDevices:
    """The memory of one process."""

    def __init__(self) -> None:
        self._connectors: dict[str, _Connector] = {}
        self._lock = Lock()
        self._ended: object = None

    def refresh(self, engine: Engine, name: str) -> _Connector:
        """What is known of a connector, as of a second ago at most."""
        now = time.monotonic()
        known = self._connectors.get(name)
        if known is not None and now - known.asked < FRESH_SECONDS:
            return known
        with self._lock:
            known = self._connectors.get(name)
            if known is None or now - known.asked >= FRESH_SECONDS:
                known = self._asked(engine, name, known, now)
        return known

    def find(
        self, engine: Engine, name: str, device: str, authorization: str
    ) -> tuple[PullSettings, datetime | None] | None:
        """The settings of the connector of an idle device, and when it was last published to; None for any other."""
        known = self._connectors.get(name)
        if known is None or device not in known.idle:
            return None
        known = self.refresh(engine, name)
        entry = known.idle.get(device)
        if entry is None or entry.authorization != authorization or entry.until <= time.monotonic():
            return None
        return entry.settings, known.published_at

    def remember(
        self, name: str, device: str, authorization: str, settings: PullSettings, seconds: float, generation: int
    ) -> None:
        """Remember a device that was found idle in this generation, for so long at most."""
        with self._lock:
            known = self._connectors.get(name)
            if known is None or known.generation != generation:
                return
            if len(known.idle) >= MOST:
                known.idle.clear()
            known.idle[device] = Idle(authorization, settings, time.monotonic() + min(seconds, LONGEST_SECONDS))

    def age(self) -> None:
        """Ask for what is new at the next poll."""
        with self._lock:
            for known in self._connectors.values():
                known.asked = float("-inf")

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._connectors.clear()

    def _asked(self, engine: Engine, name: str, before: _Connector | None, now: float) -> _Connector:
        """Ask what is new, and forget whom it concerns."""
        with engine.connect() as connection:
            ended = connection.execute(lookup.ENDED).scalar_one()
            if ended != self._ended:
                self._ended = ended
                for other in self._connectors.values():
                    other.idle.clear()
                    other.generation += 1
            if before is None:
                newest = connection.execute(_NEWEST, {"connector": name}).one()
                recent = connection.execute(_NEW, {"connector": name, "after": newest.id - LATE}).all()
                ids = frozenset(row.id for row in recent)
                self._connectors[name] = _Connector(now, newest.id, ids, newest.published_at, {})
                return self._connectors[name]
            recent = connection.execute(_NEW, {"connector": name, "after": before.newest - LATE}).all()
            new = [row for row in recent if row.id not in before.known]
            if new:
                devices = connection.execute(_DEVICES, {"new": [row.id for row in new]}).scalars().all()
                self._drop(before, devices)
                before.newest = max(before.newest, new[-1].id)
                before.published_at = max(row.published_at for row in new)
                before.known = frozenset(row.id for row in recent if row.id > before.newest - LATE)
        before.asked = now
        return before

    @staticmethod
    def _drop(known: _Connector, devices: Iterable[str]) -> None:
        known.generation += 1
        for device in devices:
            known.idle.pop(device, None)


idle = IdleDevices()
"""Of this process."""
