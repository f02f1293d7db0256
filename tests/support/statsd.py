"""A StatsD of the tests' own, which keeps every datagram."""

from __future__ import annotations

import socket
import time
from collections import Counter
from contextlib import suppress

from ops.local.ports import Ports
from tests.support.waiting import PATIENCE


class Receiver:
    """A UDP socket on a numeric address that keeps every datagram."""

    def __init__(self, port: int | None = None, address: str = "127.0.0.1") -> None:
        # Not one that the kernel hands out: what closes it and opens it again must find it free.
        self.port = port or Ports.free().statsd
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, self.port))
        self.datagrams: list[bytes] = []

    def lines(self, wanted: int = 1, seconds: float = PATIENCE) -> list[str]:
        """Every line so far, once there are as many as wanted, or time is up."""
        until = time.monotonic() + seconds
        while len(found := self._lines()) < wanted and (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with suppress(TimeoutError):
                self.datagrams.append(self._socket.recv(65536))
        return found

    def _lines(self) -> list[str]:
        return b"\n".join(self.datagrams).decode().splitlines()

    def counters(self, wanted: int = 1) -> Counter[str]:
        """The counters so far, summed, without the prefix; `wanted` lines are waited for."""
        sums: Counter[str] = Counter()
        for line in self.lines(wanted):
            name, _, value = line.partition(":")
            number, _, kind = value.partition("|")
            if kind == "c":
                sums[name.removeprefix("eucora.")] += int(number)
        return sums

    def forget(self) -> None:
        """As if nothing had come yet."""
        self.datagrams.clear()

    def close(self) -> None:
        self._socket.close()
