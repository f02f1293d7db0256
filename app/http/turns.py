"""Whose request a thread takes next: a caller who sends much waits for its own requests, and nobody else does.

All methods run in the worker's main loop. A request that waits for its turn costs no thread.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from typing import Generic, TypeVar

Request = TypeVar("Request")

_CREDENTIALS = re.compile(rb"\r\n(?:authorization|cookie):[ \t]*([^\r]*)", re.IGNORECASE)
_DEVICE = re.compile(rb"[A-Z]+ [^ ?]*/controller/v1/([^/? ]+)")
"""The beginning of a request of a device that pulls; thousands of them may share a token."""


def caller_of(received: bytes | bytearray, address: str) -> bytes:
    """Who sends a request, before anybody checks it: what it authenticates itself with, or else its address."""
    head, _, _ = received.partition(b"\r\n\r\n")
    found, device = _CREDENTIALS.search(head), _DEVICE.match(head)
    credentials = bytes(found[1]).strip() if found else address.encode()
    return credentials if device is None else b"%s %s" % (credentials, device[1])


class Turns(Generic[Request]):
    """The requests of each caller: at most `most` at once, the others in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: Counter[bytes] = Counter()
        self._waiting: dict[bytes, deque[Request]] = {}

    def begin(self, caller: bytes, request: Request) -> bool:
        """Whether it is the request's turn; if not, a later `end` returns it."""
        if self._begun[caller] < self._most:
            self._begun[caller] += 1
            return True
        self._waiting.setdefault(caller, deque()).append(request)
        return False

    def end(self, caller: bytes) -> Request | None:
        """A request of the caller is over; its next one, whose turn begins now."""
        waiting = self._waiting.get(caller)
        if not waiting:
            self._begun[caller] -= 1
            if not self._begun[caller]:
                del self._begun[caller]
            return None
        request = waiting.popleft()
        if not waiting:
            del self._waiting[caller]
        return request
