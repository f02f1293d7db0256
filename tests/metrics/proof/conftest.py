"""A stack of its own for each module: its database, StatsD and Graphite may be hurt."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app.metrics import emitter
from app.metrics.emitter import Emitter
from app.metrics.proof.carbon import Carbon
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from ops.local.stack import Ports, Stack
from tests.support import series


@pytest.fixture(scope="module")
def own() -> Iterator[Stack]:
    """A stack that may be hurt, and whose Graphite has nothing but what these tests do."""
    running = Stack(Path(tempfile.mkdtemp(prefix="eucora-")), Ports.free(), durable=False, owner=os.getpid())
    running.start()
    yield running
    series.remember(running)
    running.remove()


@pytest.fixture(scope="module")
def app_of_its_own(own: Stack) -> Iterator[Flask]:
    from app.factory import create_app

    before = emitter._emitter
    with pytest.MonkeyPatch.context() as environment:
        for name, value in own.environment().items():
            environment.setenv(name, value)
        load_settings.cache_clear()
        made = create_app()
        with made.app_context():
            upgrade()
        yield made
    load_settings.cache_clear()
    if before is not None:
        emitter.install(before)


@pytest.fixture
def here(app_of_its_own: Flask, own: Stack) -> Iterator[Graphite]:
    """Graphite of the module's own stack; the application's context is entered, its metrics go to that stack."""
    emitter.install(Emitter("127.0.0.1", own.ports.statsd))
    with app_of_its_own.app_context():
        yield Graphite(f"http://127.0.0.1:{own.ports.graphite}")


@pytest.fixture
def carbon(own: Stack) -> Carbon:
    return Carbon("127.0.0.1", own.ports.carbon)
