"""Fixtures of the tests of connectors."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.connectors.web import ca, fake_time, make_client
from tests.support.vendor import Vendor

__all__ = ["ca", "fake_time", "make_client"]


@pytest.fixture
def vendor(database: Flask) -> Vendor:
    return Vendor()
