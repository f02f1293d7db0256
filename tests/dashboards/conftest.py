"""Points in the real carbon, as old as a test wants them."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable

import pytest

from app.metrics.reading.graphite import Graphite
from ops.local.stack import Stack

Feed = Callable[[Iterable[tuple[str, float, int]]], None]


@pytest.fixture(scope="session")
def feed(stack: Stack) -> Feed:
    """Store points (series, value, epoch seconds) and return once Graphite shows the last of every series."""
    graphite = Graphite(f"http://127.0.0.1:{stack.ports.graphite}")

    def is_shown(series: str, at: int) -> bool:
        return any(one.total for one in graphite.render([series], at - 70, at + 70))

    def store(points: Iterable[tuple[str, float, int]]) -> None:
        points = list(points)
        with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as carbon:
            carbon.sendall("".join(f"{series} {value} {at}\n" for series, value, at in points).encode())
        last = {series: at for series, value, at in points if value}
        until = time.monotonic() + 10
        while last := {series: at for series, at in last.items() if not is_shown(series, at)}:
            assert time.monotonic() < until, f"{last} does not show"
            time.sleep(0.05)

    return store
