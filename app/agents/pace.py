"""When a device shall ask again. Clients ignore `Retry-After`, so this is the only brake there is."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import func, select

from app.connectors.pull.models import PullInstruction
from app.connectors.pull.settings import PullSettings
from app.db import db

FRESH_SECONDS = 1.0
"""How long an answer of the database about a whole connector is good for."""
LONGEST = 86_399
"""Seconds: what `HH:MM:SS` can say."""


class Rate:
    """How many polls there were in the last whole second."""

    def __init__(self) -> None:
        self._second, self._count, self._last = 0, 0, 0

    def count(self, now: float) -> int:
        """Count a poll; returns how many the last whole second had, or this one has so far, if that is more."""
        second = int(now)
        if second != self._second:
            self._last = self._count if second == self._second + 1 else 0
            self._second, self._count = second, 0
        self._count += 1
        return max(self._last, self._count)


_rate = Rate()
_published: dict[str, tuple[float, datetime | None]] = {}
_lock = Lock()


def seconds(settings: PullSettings, is_due: bool, polls: int, luck: float) -> int:
    """How long a device waits: shorter while there is work, longer under load; `luck` (0 to 1) spreads the devices."""
    usual = settings.poll_due_seconds if is_due else settings.poll_seconds
    crowded = usual * max(1.0, polls / settings.polls_per_second)
    return max(1, min(LONGEST, round(crowded * (1 + settings.jitter * (2 * luck - 1)))))


def sleep(connector: str, settings: PullSettings, now: datetime) -> str:
    """The wait as the protocol has it: `HH:MM:SS`."""
    published = _last_published(connector)
    is_due = published is not None and abs(now - published) < timedelta(seconds=2 * settings.poll_seconds)
    wait = seconds(settings, is_due, _rate.count(time.monotonic()), random.random())  # noqa: S311  # no secret
    return f"{wait // 3600:02}:{wait // 60 % 60:02}:{wait % 60:02}"


def _last_published(connector: str) -> datetime | None:
    """When the connector last got an instruction, as of a moment ago."""
    asked, at = _published.get(connector, (0.0, None))
    if time.monotonic() - asked < FRESH_SECONDS and connector in _published:
        return at
    newest = select(func.max(PullInstruction.published_at)).where(PullInstruction.connector == connector)
    found: datetime | None = db.session.execute(newest).scalar_one_or_none()
    with _lock:
        _published[connector] = (time.monotonic(), found)
    return found
