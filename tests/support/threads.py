"""Things that happen at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def together(*actions: Callable[[], Result]) -> list[Result]:
    """Run all actions at once, each in a thread of its own; their results in order."""
    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(action) for action in actions]]
