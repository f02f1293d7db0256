"""The vendor whose answers a test writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.connectors import registry
from tests.support.connectors import Scripted


@pytest.fixture
def vendor(app: Flask) -> Iterator[Scripted]:
    """In place of the simulated connector."""
    double = Scripted()
    with registry.replaced({"simulated": double}):
        yield double
