"""Requests that wait without a thread: a view parks its request, and the server keeps the connection meanwhile.

A parked request is a guest of the server. A guest that waits is handled again from its start, by any thread, when there
may be an answer; a guest that is a stream gets pieces of its body. Who decides when is the watch, one thread per
process. Other servers than `worker.py` cannot park; there, a few requests at a time hold their threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from flask import g
from werkzeug.wrappers import Response

from app.errors import ControlPlaneError, Unavailable

GUESTS = 600
"""The most requests that wait or stream in one process. It takes 1,000 connections; the others stay for all else."""
GUESTS_OF_TOKEN = 150
"""The most of one token in one process."""
HELD = 4
"""The most threads of a process that wait where a server cannot park."""
RETRY_AFTER = 5


class TooManyWaiting(Unavailable):
    type = "too-many-waiting"
    title = "Too many requests wait or stream already"


class TooManyOfToken(ControlPlaneError):
    type = "too-many-waiting-of-token"
    title = "Too many requests of this token wait or stream already"
    retry_after = RETRY_AFTER


class Guest:
    """A parked request. The watch sets `given`, the server `taken` and `is_gone`."""

    def __init__(self) -> None:
        self.is_gone = False
        self.given = self.taken = 0
        """Bytes of a stream: handed to the server, and sent by it."""


class Delivery(NamedTuple):
    """What becomes of a guest: `data` for a stream, None for one that is to be handled again; `is_last` ends it."""

    guest: Guest
    data: bytes | None = None
    is_last: bool = False


class Server(Protocol):
    """What the watch needs of a server."""

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Carry these out; called from any thread."""


class Watch(Protocol):
    """What the server needs of the watch."""

    def add(self, guest: Guest) -> None:
        """Look after a guest until it is delivered or gone; called from any thread."""


class Parked(BaseException):  # no error, so that nothing on the way handles it as one
    """Raised where the server asks for more of the body: the request is parked here."""

    def __init__(self, guest: Guest) -> None:
        super().__init__()
        self.guest = guest


class Places:
    """How many guests a process has, in all and by token."""

    def __init__(self, most: int = GUESTS, most_of_token: int = GUESTS_OF_TOKEN) -> None:
        self._most, self._most_of_token = most, most_of_token
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, token_id: int) -> None:
        """Take a place. Raises TooManyOfToken, TooManyWaiting."""
        with self._lock:
            if self._taken[token_id] >= self._most_of_token:
                raise TooManyOfToken(
                    f"{self._most_of_token} requests of this token wait or stream in this process. End some of them, "
                    f"or try again in {RETRY_AFTER} seconds."
                )
            if self._taken.total() >= self._most:
                raise TooManyWaiting(
                    f"{self._most} requests wait or stream in this process. Try again in {RETRY_AFTER} seconds, or "
                    "ask without `wait`."
                )
            self._taken[token_id] += 1

    def leave(self, token_id: int) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[token_id] -= 1
            if not self._taken[token_id]:
                del self._taken[token_id]


class Visit:
    """One request, however often it is handled: its place, and until when it waits (monotonic)."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._token_id: int | None = None
        self.until: float | None = None

    def take_place(self, token_id: int) -> None:
        """Take a place, once. Raises TooManyOfToken, TooManyWaiting."""
        if self._token_id is None:
            self._places.take(token_id)
            self._token_id = token_id

    def leave(self) -> None:
        """Give the place back, if it has one."""
        if self._token_id is not None:
            self._places.leave(self._token_id)
            self._token_id = None


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)
_held = threading.BoundedSemaphore(HELD)
_open_watch: Callable[[Server], Watch] | None = None


def install_watch(open_watch: Callable[[Server], Watch]) -> None:
    """Have this open the watch of a process, when its first guest comes."""
    global _open_watch
    _open_watch = open_watch


def open_watch(server: Server) -> Watch:
    """The watch of this process."""
    assert _open_watch is not None, "nothing is watched"
    return _open_watch(server)


@contextmanager
def visiting(visit: Visit) -> Iterator[None]:
    """Handle a request in this thread for a server that can park it."""
    token = _visit.set(visit)
    try:
        yield
    finally:
        _visit.reset(token)


def visit() -> Visit | None:
    """The visit of this request; None if the server cannot park it."""
    return _visit.get()


def is_resumed() -> bool:
    """Whether this request was parked and is handled again; what counts requests has counted it."""
    return (present := _visit.get()) is not None and present.until is not None


def parked(guest: Guest, first: bytes = b"") -> Response:
    """The response of a view that parks its request, after it has sent `first`; without that, nothing is sent yet.

    It is werkzeug's: spectree reads the body of one of Flask's, which only the server may do.
    """
    g.is_parked = not first

    def pieces() -> Iterator[bytes]:
        if first:
            yield first
        raise Parked(guest)

    return Response(pieces())


@contextmanager
def holding() -> Iterator[None]:
    """Hold this thread while the request waits. Raises TooManyWaiting if others do already."""
    if not _held.acquire(blocking=False):
        raise TooManyWaiting(f"This server lets {HELD} requests wait at once. Try again in {RETRY_AFTER} seconds.")
    try:
        yield
    finally:
        _held.release()
