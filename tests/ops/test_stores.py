"""One graphite-web with a carbon of its own that also asks another one's: what `GRAPHITE_CLUSTER_SERVERS` promises."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.metrics.reading.graphite import Graphite
from ops.local import processes
from ops.local.ports import Ports
from ops.local.stack import Stack

SERIES = "stats.counters.eucora.test.stores"


@pytest.fixture(scope="module")
def front(stack: Stack) -> Iterator[Stack]:
    """It asks the stack's graphite-web, and one that does not exist."""
    servers = f"127.0.0.1:{stack.ports.graphite},127.0.0.1:{Ports.free().api}"
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("EUCORA_")}
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    overrides = {"GRAPHITE_CLUSTER_SERVERS": servers}
    other = Stack(root, Ports.free(), ("carbon", "graphite"), durable=False, owner=os.getpid(), overrides=overrides)
    try:
        other.start()
    finally:
        os.environ.update(before)
    yield other
    other.remove()


def write(store: Stack, name: str, points: dict[int, int]) -> None:
    """Send points to a store's carbon, and wait until its graphite-web alone has them."""
    with socket.create_connection(("127.0.0.1", store.ports.carbon)) as line:
        line.sendall("".join(f"{SERIES}.{name}.count {value} {at}\n" for at, value in points.items()).encode())
    assert processes.wait_until(lambda: read(store, name, alone=True) == points, 20)


def read(store: Stack, name: str, *, alone: bool = False) -> dict[int, float]:
    """The points that a store's graphite-web has, or that it and those it asks have."""
    now = int(time.time())
    graphite = Graphite(f"http://127.0.0.1:{store.ports.graphite}")
    rendered = graphite.render([f"{SERIES}.{name}.count"], now - 300, now + 1, local=int(alone))
    assert len(rendered) <= 1, "a series of both is one series"
    return {at: value for series in rendered for value, at in series.points if value is not None}


def test_series_of_each_are_found(stack: Stack, front: Stack) -> None:
    now = int(time.time())
    write(stack, "there", {now - 9: 3})
    write(front, "here", {now - 8: 4})
    assert read(front, "there") == {now - 9: 3}
    assert read(front, "here") == {now - 8: 4}
    graphite = Graphite(f"http://127.0.0.1:{front.ports.graphite}")
    assert graphite.expand([f"{SERIES}.*.count"]) == [f"{SERIES}.here.count", f"{SERIES}.there.count"]


def test_a_point_of_both_counts_once_and_a_gap_is_filled_from_the_other(stack: Stack, front: Stack) -> None:
    now = int(time.time())
    write(stack, "both", {now - 9: 1, now - 8: 2, now - 6: 8})
    write(front, "both", {now - 8: 2, now - 7: 4})
    assert read(front, "both") == {now - 9: 1, now - 8: 2, now - 7: 4, now - 6: 8}


def test_a_lost_file_is_replaced_by_the_others(stack: Stack, front: Stack) -> None:
    now = int(time.time())
    for store in (stack, front):
        write(store, "lost", {now - 9: 5})
    file = front.layout.graphite / "whisper" / SERIES.replace(".", "/") / "lost" / "count.wsp"
    assert processes.wait_until(file.exists, 20)
    file.write_bytes(file.read_bytes()[:40])
    assert read(front, "lost", alone=True) == {}
    assert read(front, "lost") == {now - 9: 5}
