"""A StatsD of the tests' own to look at datagrams, and Graphite to look at what became of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from app.metrics import emitter
from app.metrics.emitter import Emitter
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from tests.support.statsd import Receiver, Totals


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


@pytest.fixture
def graphite(database: Flask) -> Graphite:
    """The real graphite-web."""
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
