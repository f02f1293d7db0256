"""The parked connections of a worker, kept by its main loop: one socket each, no thread.

All methods run in the main loop. Woken requests return to the threads a few at a time, so that a change which wakes
hundreds of them leaves room for ordinary requests.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from app.http import parking
from app.http.parking import Delivery, Guest, Places, Server, Visit, Watch

STALL_SECONDS = 10.0
"""Seconds after which a stream whose client takes nothing is dropped."""
SEND_BUFFER = 64 * 1024
"""Bytes that the system keeps for a stream's client, beside the one batch that this process does."""
_END = b"0\r\n\r\n"


class ParkedConnection(Protocol):
    """A connection, as far as the lot uses it."""

    sock: socket.socket
    request: Any
    visit: Visit | None


class Host(Server, Protocol):
    """The worker, as far as the lot uses it."""

    alive: bool
    poller: selectors.BaseSelector

    def resume(self, conn: Any) -> None:
        """Have a thread handle the request again."""

    def hang_up(self, conn: Any) -> None:
        """Close a connection that nobody watches."""

    def say_goodbye(self, conn: Any) -> None:
        """Close a connection after its client has read everything."""


class Stay:
    """A guest with its connection, and what is still to be sent to it."""

    def __init__(self, conn: Any, now: float) -> None:
        self.conn = conn
        self.is_stream = conn.visit.until is None
        self.is_chunked = conn.request.version > (1, 0)
        self.unsent = bytearray()
        self.accepted = 0
        self.is_ending = False
        self.is_quiet = True
        """Whether the client has sent nothing since, so that its end is what there would be to read."""
        self.events = 0
        self.moved = now


class Lot:
    """The guests of one worker."""

    def __init__(self, host: Host, threads: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.places = Places()
        self._host, self._clock = host, clock
        self._stays: dict[Guest, Stay] = {}
        self._woken: deque[Any] = deque()
        self._resumed, self._most_resumed = 0, max(1, threads // 4)
        self._watch: Watch | None = None

    def park(self, conn: ParkedConnection, guest: Guest) -> None:
        """Keep a connection until the watch delivers something."""
        conn.sock.setblocking(False)
        self._stays[guest] = stay = Stay(conn, self._clock())
        if stay.is_stream:
            with suppress(OSError):
                conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._listen(guest, stay)
        if not self._host.alive:
            self._dismiss(guest)
            return
        if self._watch is None:
            self._watch = parking.open_watch(self._host)
        self._watch.add(guest)

    def carry_out(self, deliveries: Sequence[Delivery]) -> None:
        """Wake guests, and send to streams."""
        for guest, data, is_last in deliveries:
            stay = self._stays.get(guest)
            if stay is None or stay.is_ending:
                continue
            if data is None:
                self._wake(guest, stay)
                continue
            if not stay.unsent:
                stay.moved = self._clock()
            stay.unsent += _chunk(data) if stay.is_chunked else data
            stay.accepted += len(data)
            if is_last:
                stay.unsent += _END if stay.is_chunked else b""
                stay.is_ending = True
            self._send(guest, stay)

    def look_after(self) -> None:
        """Drop streams whose clients take nothing; let everybody go when the worker stops."""
        if not self._host.alive:
            for guest in list(self._stays):
                self._dismiss(guest)
        overdue = self._clock() - STALL_SECONDS
        for guest, stay in [(guest, stay) for guest, stay in self._stays.items() if stay.unsent]:
            if stay.moved < overdue:
                self._drop(guest, stay)

    def has_resumed(self) -> None:
        """A woken request is handled."""
        self._resumed -= 1
        self._resume()

    def _dismiss(self, guest: Guest) -> None:
        """The worker stops: a stream ends, and a request that waits is answered now."""
        stay = self._stays[guest]
        if stay.is_stream:
            self.carry_out([Delivery(guest, b"", is_last=True)])
        else:
            stay.conn.visit.until = self._clock()
            self._wake(guest, stay)

    def _wake(self, guest: Guest, stay: Stay) -> None:
        self._let_go(guest, stay)
        self._woken.append(stay.conn)
        self._resume()

    def _resume(self) -> None:
        while self._woken and self._resumed < self._most_resumed:
            self._resumed += 1
            self._host.resume(self._woken.popleft())

    def _on_event(self, guest: Guest) -> None:
        stay = self._stays[guest]
        if stay.unsent:
            self._send(guest, stay)
        if guest.is_gone or not stay.is_quiet or guest not in self._stays:
            return
        try:
            if stay.conn.sock.recv(1, socket.MSG_PEEK):
                stay.is_quiet = False  # its next request, which is read when this one is answered
                self._listen(guest, stay)
            else:
                self._drop(guest, stay)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(guest, stay)

    def _send(self, guest: Guest, stay: Stay) -> None:
        try:
            while stay.unsent:
                sent = stay.conn.sock.send(stay.unsent)
                del stay.unsent[:sent]
                stay.moved = self._clock()
        except BlockingIOError:
            self._listen(guest, stay)
            return
        except OSError:
            self._drop(guest, stay)
            return
        guest.taken = stay.accepted
        if stay.is_ending:
            self._let_go(guest, stay)
            self._host.say_goodbye(stay.conn)
        else:
            self._listen(guest, stay)

    def _listen(self, guest: Guest, stay: Stay) -> None:
        """Have the loop call when there is something to do."""
        self._set_events(
            stay,
            (selectors.EVENT_READ if stay.is_quiet else 0) | (selectors.EVENT_WRITE if stay.unsent else 0),
            lambda _client: self._on_event(guest),
        )

    def _set_events(self, stay: Stay, events: int, call: Callable[[Any], None] | None = None) -> None:
        poller, client = self._host.poller, stay.conn.sock
        if events == stay.events:
            return
        if not stay.events:
            poller.register(client, events, call)
        elif not events:
            poller.unregister(client)
        else:
            poller.modify(client, events, call)
        stay.events = events

    def _let_go(self, guest: Guest, stay: Stay) -> None:
        self._set_events(stay, 0)
        del self._stays[guest]
        guest.is_gone = True

    def _drop(self, guest: Guest, stay: Stay) -> None:
        self._let_go(guest, stay)
        self._host.hang_up(stay.conn)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
