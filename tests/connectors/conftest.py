"""Fixtures of the tests of connectors."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.connectors.support import Vendor
from tests.http.support import client

__all__ = ["client"]


@pytest.fixture
def vendor(database: Flask) -> Vendor:
    return Vendor()
