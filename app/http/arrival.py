"""How much of a request has arrived. Standard library only.

A server's thread takes a request once it need not wait for the client: when the head and a body of ordinary size are
here. Until then the bytes are collected in the loop that all connections share, so a slow client costs no thread.
"""

from __future__ import annotations

import re

COLLECTED = 64 * 1024
"""The most bytes collected before a thread reads the rest."""
GRACE = 15.0
"""Seconds that a client may take without regard to its speed."""
SLOWEST = 1024
"""Bytes per second that a client must send on average after that."""
PAUSE = 60.0
"""Seconds without a byte after which a client is given up, however fast it was before."""

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([^\r]*?)[ \t]*(?=\r\n)")
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r]*?)[ \t]*(?=\r\n)")


def patience(received: int) -> float:
    """Seconds that may pass in waiting for a client that has sent so many bytes."""
    return GRACE + received / SLOWEST


class Arrival:
    """The bytes of one request so far."""

    def __init__(self, started: float) -> None:
        self.received = bytearray()
        self.started = started
        self._body: int | None = None
        """Where the body begins; None until the head is here."""
        self._end: int | None = None
        """Where the body ends; None if chunks tell."""
        self._chunk = 0

    def add(self, data: bytes) -> bool:
        """Take more bytes; whether a thread can take the request. What it makes of it is not checked here."""
        seen = max(0, len(self.received) - len(_HEAD_END) + 1)
        self.received += data
        if self._body is None:
            self._find_body(seen)
        if len(self.received) >= COLLECTED:
            return True
        if self._body is None:
            return False
        return len(self.received) >= self._end if self._end is not None else self._has_all_chunks()

    def is_late(self, now: float) -> bool:
        """Whether the client has been too slow."""
        return now - self.started > patience(len(self.received))

    def _find_body(self, seen: int) -> None:
        end = self.received.find(_HEAD_END, seen)
        if end < 0:
            return
        self._body = self._chunk = self._end = end + len(_HEAD_END)
        head = bytes(self.received[: self._body]).lower()
        lengths, codings = _LENGTH.findall(head), _CODING.findall(head)
        if b"\r\nexpect:" in head or len(lengths) + len(codings) != 1:
            return  # the client first waits for an answer, or there is no body, or the server refuses two of them
        if codings == [b"chunked"]:
            self._end = None
        elif lengths and lengths[0].isdigit():
            self._end += min(int(lengths[0][:18]), COLLECTED)

    def _has_all_chunks(self) -> bool:
        """Whether the last chunk is here, or one that is malformed, which the server then refuses."""
        while True:
            line_end = self.received.find(b"\r\n", self._chunk)
            if line_end < 0:
                return False
            try:
                size = int(bytes(self.received[self._chunk : line_end]).split(b";")[0], 16)
            except ValueError:
                return True
            if size == 0:  # trailers may follow
                rest = self.received[line_end : line_end + len(_HEAD_END)]
                return rest == _HEAD_END or self.received.find(_HEAD_END, line_end) >= 0
            following = line_end + 2 + size + 2
            if following > len(self.received):
                return False
            self._chunk = following
