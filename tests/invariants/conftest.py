"""Devices that behave as a test wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.simulation import Behave, simulation


@pytest.fixture
def behave(app: Flask) -> Iterator[Behave]:
    """Give the simulated devices and their vendor another profile, as often as it is called."""
    with simulation() as change:
        yield change
