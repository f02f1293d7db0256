"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PATIENCE = 60.0
"""Seconds that even a busy machine needs for nothing that is waited for here; a test that passes needs a few."""


def eventually(ask: Callable[[], Answer], what: object = "", seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true; returns it. `what` is said (or, if it can be called, asked) when time is up."""
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, what() if callable(what) else what or f"still {answer!r} after {seconds:g} s"
        time.sleep(0.02)
    return answer
