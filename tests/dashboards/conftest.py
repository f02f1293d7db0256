"""Points in the real carbon, as old as a test wants them."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable

import pytest

from app.metrics.graphite import Graphite
from ops.local.stack import Stack

Feed = Callable[[Iterable[tuple[str, float, int]]], None]


@pytest.fixture(scope="session")
def feed(stack: Stack) -> Feed:
    """Store points (series, value, epoch seconds) and return once Graphite shows the last of them."""
    graphite = Graphite(f"http://127.0.0.1:{stack.ports.graphite}")

    def store(points: Iterable[tuple[str, float, int]]) -> None:
        lines = [f"{series} {value} {at}" for series, value, at in points]
        with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as carbon:
            carbon.sendall(("\n".join(lines) + "\n").encode())
        series, _, at = lines[-1].split()
        until = time.monotonic() + 10
        while not any(one.total for one in graphite.render([series], int(at) - 70, int(at) + 70)):
            assert time.monotonic() < until, f"{series} does not show"
            time.sleep(0.05)

    return store
