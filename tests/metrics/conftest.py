"""A StatsD of the tests' own to look at datagrams, and Graphite to look at what became of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.metrics import emitter
from app.metrics.emitter import Emitter
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from tests.support.statsd import Receiver


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
