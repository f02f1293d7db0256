"""A StatsD of our own to look at datagrams, and Graphite to look at what became of them."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import pytest
from flask import Flask

from app.metrics import emitter
from app.metrics.emitter import Emitter
from app.metrics.reading.graphite import Graphite


class Receiver:
    """A UDP socket that keeps every datagram."""

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.datagrams: list[bytes] = []

    def lines(self, wanted: int = 1, seconds: float = 3.0) -> list[str]:
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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that is bound."""
    running = Receiver()
    yield running
    running.close()


@pytest.fixture
def keep_emitter() -> Iterator[None]:
    """Give the process its own emitter back afterwards."""
    before = emitter._emitter
    yield
    if before is not None:
        emitter.install(before)


@pytest.fixture
def installed(receiver: Receiver, keep_emitter: None) -> Emitter:
    """An emitter to the receiver, as the process's one."""
    installed = Emitter("127.0.0.1", receiver.port)
    emitter.install(installed)
    return installed


Totals = Callable[[Mapping[str, float]], dict[str, float]]


@pytest.fixture
def graphite(database: Flask) -> Graphite:
    """The real graphite-web."""
    from app.settings import load_settings

    return Graphite(load_settings().graphite_url, timeout=60)


@pytest.fixture
def since(graphite: Graphite) -> int:
    """A second from which on only this test counts: what came before has been flushed."""
    time.sleep(2.1)
    return int(time.time())


@pytest.fixture
def totals(graphite: Graphite, since: int) -> Totals:
    """What series add up to since `since`; asks until it is what is wanted, and once more a flush later."""

    def read(wanted: Mapping[str, float]) -> dict[str, float]:
        return graphite.totals(wanted, since - 1, int(time.time()) + 1)

    def ask(wanted: Mapping[str, float]) -> dict[str, float]:
        until = time.monotonic() + 8
        while read(wanted) != wanted and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(1.1)
        return read(wanted)

    return ask
