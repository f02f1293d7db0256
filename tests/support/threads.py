"""Things that happen at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.support.waiting import PATIENCE

Result = TypeVar("Result")


def together(*actions: Callable[[], Result]) -> list[Result]:
    """Run all actions at once, each in a thread of its own; their results in order, or the first one's error."""
    pool = ThreadPoolExecutor(len(actions))
    until = time.monotonic() + PATIENCE
    try:
        running = [pool.submit(action) for action in actions]
        return [future.result(until - time.monotonic()) for future in running]
    finally:
        pool.shutdown(wait=False)  # one that hangs fails its test instead of hanging it
