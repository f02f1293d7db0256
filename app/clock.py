"""The only source of the current time; tests replace it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import available_timezones


def _system_time() -> datetime:
    return datetime.now(UTC)


SAMPLE_SECONDS = 10
"""Time between two samples of the gauges; StatsD keeps a gauge four times as long."""

SKEW = timedelta(seconds=5)
"""By how much the clocks of two hosts may differ. A stored time further ahead shows that a clock was set back since."""

_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The current time, in UTC."""
    return _source()


def is_ahead(stored: datetime | None, now: datetime) -> bool:
    """Whether a time that was the present when it was stored now lies ahead, because the clock was set back since."""
    return stored is not None and stored > now + SKEW


def is_over(until: datetime, now: datetime, longest: timedelta) -> bool:
    """Whether a wait of at most `longest` is over: its end has come, or the clock was set back since it began."""
    return not now < until <= now + longest + SKEW


@cache
def zone_names() -> frozenset[str]:
    """The IANA names of the time zones that this machine knows."""
    return frozenset(available_timezones())


@contextmanager
def replaced(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `now()` return the time of `source` while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
