"""Measures leave here: folded while a request or job runs, packed into as few datagrams as fit, pushed by UDP.

Nothing here raises or blocks: a StatsD that is down costs nothing, a name that does not resolve is tried again later,
and what could not be sent is counted and told by the next batch that leaves.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from statsd import StatsClient

from app.metrics.catalogue import EMITTER_DROPPED, PREFIX, Kind
from app.metrics.projection import Measure

log = structlog.get_logger()

MAX_DATAGRAM = 1432
"""Bytes that fit an Ethernet frame without fragments."""
RESOLVE_EVERY = 30.0
"""Seconds after which the host's name is looked up again."""


class Batch:
    """The measures of one request or job."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.timings: list[tuple[str, float]] = []
        self.gauges: dict[str, float] = {}
        self.started = time.monotonic()

    def add(self, measures: Iterable[Measure]) -> None:
        """Fold measures in: counters are summed, a gauge's last value stands."""
        for measure in measures:
            if measure.metric.kind is Kind.COUNTER:
                self.counters[measure.path] += int(measure.value)
            elif measure.metric.kind is Kind.TIMER:
                self.timings.append((measure.path, measure.value))
            else:
                self.gauges[measure.path] = measure.value

    def __len__(self) -> int:
        return len(self.counters) + len(self.timings) + len(self.gauges)


class Emitter:
    """Sends batches to one StatsD, through the `statsd` library's pipeline."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._client: StatsClient | None = None
        self._resolved = -RESOLVE_EVERY
        self._resolving = threading.Lock()
        self._counting = threading.Lock()
        self._dropped = 0
        self._current_client()  # at once, so that the first batch has an address to go to

    def send(self, batch: Batch) -> None:
        """Send and empty the batch."""
        measures = len(batch)
        if not measures:
            return
        dropped = 0
        try:
            client = self._current_client()
            if client is None:
                self._count_dropped(measures)
                return
            pipeline = client.pipeline()
            dropped = self._take_dropped()
            if dropped:
                pipeline.incr(EMITTER_DROPPED(), dropped)
            for path, count in batch.counters.items():
                pipeline.incr(path, count)
            for path, milliseconds in batch.timings:
                pipeline.timing(path, milliseconds)
            for path, value in batch.gauges.items():
                pipeline.gauge(path, value)
            pipeline.send()
        except Exception:
            self._count_dropped(dropped + measures)
            log.warning("metrics were dropped", measures=measures, exc_info=True)
        finally:
            batch.counters.clear()
            batch.timings.clear()
            batch.gauges.clear()

    def after_fork(self) -> None:
        """Give the child its own locks; the socket may be shared, a datagram is sent whole."""
        self._resolving, self._counting = threading.Lock(), threading.Lock()
        self._dropped = 0  # the parent's, which the parent tells
        if self._client is None:
            self._resolved = -RESOLVE_EVERY
            self._current_client()

    def refresh(self) -> None:
        """Look the host's name up if it is time to, and wait for the answer: for a process that is about to fork."""
        with self._resolving:
            if time.monotonic() - self._resolved >= RESOLVE_EVERY:
                self._resolve()

    def _count_dropped(self, measures: int) -> None:
        with self._counting:
            self._dropped += measures

    def _take_dropped(self) -> int:
        with self._counting:
            dropped, self._dropped = self._dropped, 0
        return dropped

    def _current_client(self) -> StatsClient | None:
        if time.monotonic() - self._resolved >= RESOLVE_EVERY and self._resolving.acquire(blocking=False):
            if _is_address(self._host):
                self._resolve_and_release()
            else:  # the resolver may take seconds: never in a request's time
                threading.Thread(target=self._resolve_and_release, name="statsd-resolver", daemon=True).start()
        return self._client

    def _resolve_and_release(self) -> None:
        try:
            self._resolve()
        finally:
            self._resolving.release()

    def _resolve(self) -> None:
        try:
            self._client = StatsClient(self._host, self._port, prefix=PREFIX, maxudpsize=MAX_DATAGRAM)
        except (OSError, UnicodeError) as error:
            log.warning("statsd host does not resolve", host=self._host, error=str(error))
        finally:
            self._resolved = time.monotonic()


def _is_address(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


_emitter: Emitter | None = None
_batch: ContextVar[Batch | None] = ContextVar("batch", default=None)


def install(emitter: Emitter) -> None:
    """Make `emitter` the process's one way out."""
    global _emitter
    _emitter = emitter


def after_fork() -> None:
    """To be called in a forked child before it emits."""
    if _emitter is not None:
        _emitter.after_fork()


def refresh() -> None:
    """To be called by a process that forks children, so that they inherit an address to send to."""
    if _emitter is not None:
        _emitter.refresh()


@contextmanager
def batch() -> Iterator[Batch]:
    """Collect what the block measures; it leaves when the block ends, however it ends."""
    current = Batch()
    token = _batch.set(current)
    try:
        yield current
    finally:
        _batch.reset(token)
        flush(current)


def current() -> Batch | None:
    """The batch of the request or job that is running."""
    return _batch.get()


def emit(*measures: Measure) -> None:
    """Add measures to the current batch; outside of one they leave at once."""
    current = _batch.get()
    if current is not None:
        current.add(measures)
    else:
        alone = Batch()
        alone.add(measures)
        flush(alone)


def flush(waiting: Batch | None = None) -> None:
    """Send a batch, by default the current one, now."""
    waiting = waiting if waiting is not None else _batch.get()
    if waiting is not None and _emitter is not None:
        _emitter.send(waiting)
