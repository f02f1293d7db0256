"""Subjects in roles."""

from __future__ import annotations

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import Api, As, make_token


@pytest.fixture
def speaking_as(database: Flask) -> As:
    """A client that speaks for a subject in a role."""
    return lambda subject, role="operator": Api(database.test_client(), make_token(subject, Role(role)))
