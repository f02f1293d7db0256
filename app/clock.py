"""The only source of the current time; tests replace it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


SAMPLE_SECONDS = 10
"""Time between two samples of the gauges; StatsD keeps a gauge four times as long."""

_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The current time, in UTC."""
    return _source()


@contextmanager
def replaced(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `now()` return the time of `source` while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
