from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Api

As = Callable[..., Api]


@pytest.fixture
def speaking_as(database: Flask) -> As:
    """A client that speaks for a subject in a role."""
    from app.events.unit import unit_of_work
    from app.identity.roles import Role
    from app.identity.tokens import create_token

    def make(subject: str, role: str = "operator") -> Api:
        with unit_of_work("test"):
            return Api(database.test_client(), create_token(subject, Role(role)))

    return make
