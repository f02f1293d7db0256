"""Sends measures to StatsD: aggregated while a request or job runs, packed into few datagrams, sent by UDP.

Nothing here raises or blocks: a StatsD that is down costs no time, a name that does not resolve is tried again later,
and measures that could not be sent are counted and reported with the next batch.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar, Token
from types import TracebackType

import structlog
from statsd import StatsClient

from app import addresses
from app.metrics.catalogue import EMITTER_DROPPED, PREFIX, Kind
from app.metrics.projection import Measure

log = structlog.get_logger()

MAX_DATAGRAM = 1432
"""Bytes that fit into an Ethernet frame without fragmentation."""
RESOLVE_EVERY = 30.0
"""Seconds after which the host's name is resolved again."""
_LARGEST = 1e300
_VALUE = ":%.3f|ms"
_COUNTER, _TIMER = Kind.COUNTER, Kind.TIMER
_BEGIN, _NEXT = f"{PREFIX}.", f"\n{PREFIX}."
_UNKNOWN_DATAGRAM = (b"|", 0)
"""Stands for a datagram that another process sent through the same socket: one measure."""


class Batch:
    """The measures of one request or job, as a context manager: they are sent when it ends, even by an exception.

    `add` takes any measure; the other methods are cheaper, for callers that know the kind of their metric.
    """

    __slots__ = ("_token", "counters", "gauges", "lost", "peaks", "started", "timings")

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.timings: dict[str, list[float]] = {}
        self.peaks: dict[str, float] = {}
        self.gauges: dict[str, float] = {}
        self.lost = 0
        """Measures that StatsD could not parse."""
        self.started = time.monotonic()
        self._token: Token[Batch | None] | None = None

    def __enter__(self) -> Batch:
        self._token = _batch.set(self)
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            try:
                _batch.reset(self._token)
            except ValueError:  # it ends in a different context than it started in
                _batch.set(None)
            self._token = None
        if self.peaks:
            for path, value in self.peaks.items():
                self.time(path, value)
            self.peaks = {}
        flush(self)

    def add(self, measures: Iterable[Measure]) -> None:
        """Add measures: counters are summed, all values of timers are kept, and the last value of gauges."""
        counters = self.counters
        for metric, path, value in measures:
            kind = metric.kind
            try:
                if kind is _COUNTER:
                    counters[path] = counters.get(path, 0) + int(value)
                elif kind is _TIMER:
                    self.time(path, value)
                elif -_LARGEST < value < _LARGEST:
                    self.gauges[path] = value
                else:
                    self.lost += 1
            except (TypeError, ValueError, OverflowError):
                self.lost += 1

    def time(self, path: str, milliseconds: float) -> None:
        """Add one value of a timer."""
        try:
            if 0 <= milliseconds < _LARGEST:
                self.timings[path].append(milliseconds)
            else:  # StatsD would reject it
                self.lost += 1
        except KeyError:
            self.timings[path] = [milliseconds]
        except TypeError:
            self.lost += 1

    def peak(self, path: str, value: float) -> None:
        """Add a sample of a level; when the batch ends, the highest sample becomes one value of a timer."""
        try:
            if value > self.peaks.get(path, -1):
                self.peaks[path] = value
        except TypeError:
            self.lost += 1

    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not (self.timings or self.counters or self.gauges or self.lost)

    def datagrams(self, dropped: int) -> Iterable[bytes]:
        """The batch as datagrams, as few as possible; the first reports `dropped` measures that were lost earlier.

        Lines that are not ASCII are left out and counted as lost.
        """
        lines = [f"{path}:{count}|c" for path, count in self.counters.items()]
        if dropped:
            lines.insert(0, f"{EMITTER_DROPPED()}:{dropped}|c")
        for path, values in self.timings.items():
            if len(values) == 1:
                lines.append(f"{path}:{values[0]:.3f}|ms")
            else:  # `name:1|ms:2|ms` is one line of several values to StatsD
                lines.append(path + _VALUE * len(values) % tuple(values))
        for path, value in self.gauges.items():
            # StatsD reads a signed value as a change of the gauge, so a negative one is set to zero first.
            lines.append(f"{path}:{value}|g" if value >= 0 else f"{path}:0|g:{value}|g")
        if not lines:
            return ()
        text = _BEGIN + _NEXT.join(lines)
        if len(text) <= MAX_DATAGRAM and text.isascii():
            return (text.encode("ascii"),)
        return self._packed(text.split("\n"))

    def _packed(self, lines: Iterable[str]) -> list[bytes]:
        packed: list[bytes] = []
        for line in lines:
            if not line.isascii():
                self.lost += line.count("|")
                continue
            for piece in _pieces(line):
                encoded = piece.encode("ascii")
                if packed and len(packed[-1]) + 1 + len(encoded) <= MAX_DATAGRAM:
                    packed[-1] += b"\n" + encoded
                else:
                    packed.append(encoded)
        return packed

    def clear(self) -> None:
        """Drop what was sent; peaks stay until the batch ends."""
        self.counters, self.timings, self.gauges, self.lost = {}, {}, {}, 0


def _pieces(line: str) -> Iterator[str]:
    """A line split into lines that fit into a datagram, since a timer may have too many values for one."""
    name, *values = line.split(":")
    piece = name
    for value in values:
        if len(piece) + 1 + len(value) > MAX_DATAGRAM and piece is not name:
            yield piece
            piece = name
        piece += f":{value}"
    yield piece


class PackedClient(StatsClient):  # type: ignore[misc]  # the library has no types
    """The `statsd` library's client, which sends packed datagrams and raises if it cannot.

    Its socket is connected, so the kernel reports a closed port, with the first send after the one that was lost.
    """

    def __init__(self, host: str, port: int) -> None:
        """Resolve the host. Raises OSError or UnicodeError if there is no address, or no route to it."""
        numeric = addresses.to_send_to(host)
        super().__init__(numeric, port, prefix=PREFIX, maxudpsize=MAX_DATAGRAM, ipv6=":" in numeric)
        self._numeric = numeric
        try:
            self._sock.setblocking(False)
            self._sock.connect(self._addr)
        except OSError:
            self.close()
            raise

    @property
    def address(self) -> tuple[str, int]:
        """The numeric address and the port it sends to."""
        return self._numeric, self._addr[1]

    def send_packed(self, datagram: bytes) -> None:
        """Send without waiting. Raises OSError."""
        self._sock.send(datagram)


class Emitter:
    """Sends batches to one StatsD."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._client: PackedClient | None = None
        self._resolved = -RESOLVE_EVERY
        self._resolving = threading.Lock()
        self._counting = threading.Lock()
        self._dropped = 0
        self._latest: tuple[bytes, int] | None = None
        self._current_client()  # resolve the address now, for the first batch

    def send(self, batch: Batch) -> None:
        """Send and empty the batch."""
        if batch.is_empty():
            return
        try:
            client = self._current_client()
            dropped = self._take_dropped() if self._dropped and client is not None else 0
            for datagram in batch.datagrams(dropped):
                self._send(client, datagram, dropped)
                dropped = 0
            if dropped:  # no datagram was left to report it with
                self._count_dropped(dropped)
            if batch.lost:
                self._count_dropped(batch.lost)
        except Exception:
            self._count_dropped(1)
            log.warning("metrics were dropped", exc_info=True)
        finally:
            batch.clear()

    def after_fork(self, keep_socket: bool = False) -> None:
        """Give the child its own locks and its own socket, so that each process gets the errors of its own sends.

        The only child of its parent may keep the socket: a new one costs as much as many measures.
        """
        self._resolving, self._counting = threading.Lock(), threading.Lock()
        self._dropped, self._latest = 0, None  # these belong to the parent, which reports them
        if self._client is None:
            self._resolved = -RESOLVE_EVERY
            self._current_client()
        elif not keep_socket:
            try:
                self._client = PackedClient(*self._client.address)
            except OSError:
                log.warning("a forked process sends metrics through its parent's socket", exc_info=True)

    def refresh(self) -> None:
        """Resolve the host's name if it is due, and wait for the result; for a process that is about to fork."""
        with self._resolving:
            if time.monotonic() - self._resolved >= RESOLVE_EVERY:
                self._resolve()

    def _send(self, client: PackedClient | None, datagram: bytes, dropped: int) -> None:
        """Send a datagram that reports `dropped` earlier losses."""
        if client is None:
            self._count_lost(datagram, dropped)
            return
        try:
            client.send_packed(datagram)
        except ConnectionRefusedError:  # the previous datagram was lost; this one was not sent yet
            self._count_lost(*self._latest or _UNKNOWN_DATAGRAM)
            try:
                client.send_packed(datagram)
            except OSError:
                self._count_lost(datagram, dropped)
                self._latest = None
                return
        except OSError:
            self._count_lost(datagram, dropped)
            return
        self._latest = (datagram, dropped)

    def _count_lost(self, datagram: bytes, dropped: int) -> None:
        """Count a datagram's measures (one `|` each) as lost, and the losses that it reported as still unreported."""
        self._count_dropped(datagram.count(b"|") - bool(dropped) + dropped)

    def _count_dropped(self, measures: int) -> None:
        with self._counting:
            self._dropped += measures

    def _take_dropped(self) -> int:
        with self._counting:
            dropped, self._dropped = self._dropped, 0
        return dropped

    def _current_client(self) -> PackedClient | None:
        if time.monotonic() - self._resolved >= RESOLVE_EVERY and self._resolving.acquire(blocking=False):
            if _is_address(self._host):
                self._resolve_and_release()
            else:  # the resolver may take seconds, which a request must not wait for
                threading.Thread(target=self._resolve_and_release, name="statsd-resolver", daemon=True).start()
        return self._client

    def _resolve_and_release(self) -> None:
        try:
            self._resolve()
        finally:
            self._resolving.release()

    def _resolve(self) -> None:
        try:
            client = PackedClient(self._host, self._port)
            if self._client is None or client.address != self._client.address:
                self._client = client
            else:
                client.close()
        except (OSError, UnicodeError) as error:
            log.warning(
                "metrics cannot be sent: check EUCORA_STATSD_HOST, which has no usable address",
                host=self._host,
                error=str(error),
            )
        finally:
            self._resolved = time.monotonic()


def _is_address(host: str) -> bool:
    if ":" in host:
        return True
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


_emitter: Emitter | None = None
_batch: ContextVar[Batch | None] = ContextVar("batch", default=None)


def install(emitter: Emitter) -> None:
    """Make `emitter` the emitter of this process."""
    global _emitter
    _emitter = emitter


def after_fork(keep_socket: bool = False) -> None:
    """Call this in a forked child before it emits; the only child of its parent may keep the socket."""
    if _emitter is not None:
        _emitter.after_fork(keep_socket)


def refresh() -> None:
    """Call this in a process that forks children, so that they inherit a resolved address."""
    if _emitter is not None:
        _emitter.refresh()


def batch() -> Batch:
    """A batch that collects the measures of a `with` block and sends them when the block ends."""
    return Batch()


def current() -> Batch | None:
    """The batch of the current request or job."""
    return _batch.get()


def emit(*measures: Measure) -> None:
    """Add measures to the current batch; without one, send them at once."""
    current = _batch.get()
    if current is not None:
        current.add(measures)
    else:
        alone = Batch()
        alone.add(measures)
        flush(alone)


def emit_time(path: str, milliseconds: float) -> None:
    """Like `emit`, for one value of a timer whose path the caller already has."""
    current = _batch.get()
    if current is not None:
        current.time(path, milliseconds)
    else:
        alone = Batch()
        alone.time(path, milliseconds)
        flush(alone)


def emit_peak(path: str, value: float) -> None:
    """Sample a level: the highest of the current batch becomes one value of a timer; without a batch, each does."""
    current = _batch.get()
    if current is not None:
        current.peak(path, value)
    else:
        emit_time(path, value)


def flush(waiting: Batch | None = None) -> None:
    """Send a batch now, by default the current one."""
    waiting = waiting if waiting is not None else _batch.get()
    if waiting is not None and _emitter is not None:
        _emitter.send(waiting)
