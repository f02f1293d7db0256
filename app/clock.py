"""The one source of the present time; tests put another one in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


SAMPLE_SECONDS = 10
"""Between two samples of the gauges; StatsD keeps a gauge for four times this."""

_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present time, in UTC."""
    return _source()


@contextmanager
def replaced(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `now()` answer from `source` while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
