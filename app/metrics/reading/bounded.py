"""A Graphite client for requests of the API: only a few threads of a process may wait for Graphite at the same time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from app.errors import Unavailable
from app.metrics.reading.graphite import Graphite


class GraphiteBusy(Unavailable):
    type = "graphite-busy"
    title = "Graphite is busy"


class BoundedGraphite:
    """Lends one Graphite client to at most `at_once` threads of a process, so that others stay free for the API.

    `timeout` limits each query, `patience` the wait for a turn; both in seconds.
    """

    def __init__(self, url: str, *, at_once: int, timeout: float, patience: float = 0.0) -> None:
        self._url, self._timeout, self._patience = url, timeout, patience
        self._turns = BoundedSemaphore(at_once)
        self._client: tuple[int, Graphite] | None = None

    @contextmanager
    def turn(self) -> Iterator[Graphite]:
        """The client, for the block. Raises GraphiteBusy if no turn is free in time."""
        if not self._turns.acquire(timeout=self._patience):
            raise GraphiteBusy("Too many requests are waiting for Graphite. Try again shortly.")
        try:
            yield self._own_client()
        finally:
            self._turns.release()

    def _own_client(self) -> Graphite:
        """This process's client: a forked process must not share connections with its parent."""
        process = os.getpid()
        if self._client is None or self._client[0] != process:
            self._client = (process, Graphite(self._url, self._timeout))
        return self._client[1]
