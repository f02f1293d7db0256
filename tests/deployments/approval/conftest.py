"""People with roles."""

from __future__ import annotations

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import make_token
from tests.support.approval import Person
from tests.support.http import Client


@pytest.fixture
def person(database: Flask) -> Person:
    """Make a client that speaks for a person in a role."""

    def make(subject: str, role: Role = Role.APPROVER) -> Client:
        return Client(database.test_client(), make_token(subject, role))

    return make


@pytest.fixture
def requester(person: Person) -> Client:
    """Who asks for deployments, and has registered devices to deploy to."""
    asking = person("requester", Role.ADMIN)
    asking.register(30)
    return asking


@pytest.fixture
def approver(person: Person) -> Client:
    """Another person, who may approve."""
    return person("approver")
