"""A whisper file that carbon is just making, or that a crash left behind, hides nothing but itself."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.metrics.reading.graphite import Graphite
from ops.local.stack import Stack

HEADER_BYTES = 16 + 3 * 12
"""Of a file with three archives."""


@pytest.fixture
def whole(stack: Stack) -> Iterator[Path]:
    """A file that carbon has made, in a folder of its own."""
    folder = stack.layout.graphite / "whisper" / "stats" / "half"
    file = folder / "whole.wsp"
    with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as line:
        line.sendall(f"stats.half.whole 5 {int(time.time()) - 5}\n".encode())
        until = time.monotonic() + 20
        while not (file.exists() and file.stat().st_blocks and time.monotonic() < until):
            time.sleep(0.1)
    yield file
    shutil.rmtree(folder)


@pytest.fixture
def graphite(stack: Stack) -> Graphite:
    """The real graphite-web."""
    return Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])


@pytest.mark.parametrize("written", [0, 7, 16, 20, HEADER_BYTES, -1])
def test_a_half_made_file_is_not_there_yet(whole: Path, graphite: Graphite, written: int) -> None:
    (whole.parent / "half.wsp").write_bytes(whole.read_bytes()[:written])
    now = int(time.time())
    (series,) = graphite.render(["stats.half.*"], now - 60, now)
    assert (series.name, series.total) == ("stats.half.whole", 5)
    assert graphite.render(["stats.half.half"], now - 60, now) == []
    assert graphite.find("stats.half.*", now - 60, now) == ["whole"]
    assert graphite.expand(["stats.half.*"]) == ["stats.half.whole"]
    (whole.parent / "half.wsp").write_bytes(whole.read_bytes())
    assert len(graphite.render(["stats.half.*"], now - 60, now)) == 2
