"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PATIENCE = 60.0
"""Seconds after which what is waited for will not come, however busy the machine is; usually it takes a few."""
PAUSE = 0.02


def eventually(ask: Callable[[], Answer], what: object = "", seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true; returns it. `what` is said (or, if it can be called, asked) when time is up."""
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, what() if callable(what) else what or f"still {answer!r} after {seconds:g} s"
        time.sleep(PAUSE)
    return answer


def settled(ask: Callable[[], Answer], wanted: Answer, seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is `wanted` or time is up; returns the last answer, to be compared."""
    until = time.monotonic() + seconds
    while (answer := ask()) != wanted and time.monotonic() < until:
        time.sleep(PAUSE)
    return answer
