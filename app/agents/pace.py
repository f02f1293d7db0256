"""When a device shall ask again. Clients ignore `Retry-After`, so this is the only brake there is."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from app.connectors.pull.settings import PullSettings

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


def seconds(settings: PullSettings, is_due: bool, polls: int, luck: float) -> int:
    """How long a device waits: shorter while there is work, longer under load; `luck` (0 to 1) spreads the devices."""
    usual = settings.poll_due_seconds if is_due else settings.poll_seconds
    crowded = usual * max(1.0, polls / settings.polls_per_second)
    return max(1, min(LONGEST, round(crowded * (1 + settings.jitter * (2 * luck - 1)))))


def sleep(settings: PullSettings, published: datetime | None, now: datetime) -> str:
    """The wait as the protocol has it, `HH:MM:SS`, when the connector was last published to at that time."""
    is_due = published is not None and abs(now - published) < timedelta(seconds=2 * settings.poll_seconds)
    wait = seconds(settings, is_due, _rate.count(time.monotonic()), random.random())  # noqa: S311  # no secret
    return f"{wait // 3600:02}:{wait // 60 % 60:02}:{wait % 60:02}"
