"""How long a thread waits for a client that sends a large body."""

from __future__ import annotations

import socket
from threading import BoundedSemaphore

import pytest

from app.http import arrival
from app.http.refusals import SlowClient
from app.http.worker import PatientReader


def test_a_client_that_was_fast_must_not_pause_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PAUSE", 0.3)
    ours, theirs = socket.socketpair()
    waiting, asides = BoundedSemaphore(1), list[bool]()
    with ours, theirs:
        reader = PatientReader(ours, waiting, lambda: asides.append(True))
        reader.begin(b"")
        theirs.sendall(b"first")
        assert reader.chunk() == b"first"
        assert not asides
        reader._received = 10 * 1024**2  # whose average allows it hours
        with pytest.raises(SlowClient, match="too slowly"):
            reader.chunk()
        assert waiting.acquire(blocking=False), "it is still counted as waiting"
        assert asides == [True], "it keeps its turn while it waits"
