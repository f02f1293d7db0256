"""Devices that behave as a test wants, and people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import make_token
from tests.support.http import Client
from tests.support.simulation import Behave, simulation


@pytest.fixture
def behave(app: Flask) -> Iterator[Behave]:
    """Give the simulated devices and their vendor another profile, as often as it is called."""
    with simulation() as change:
        yield change


@pytest.fixture
def mute(client: Client, behave: Behave) -> Client:
    """Ten devices of a lab and ten others, whose vendor takes every command and whose devices never report."""
    behave(silent=1)
    client.register(20, tags=[])
    client.register(10, tags=["lab"])
    return client


@pytest.fixture
def colleague(client: Client) -> Client:
    """A person who did not ask for the deployment."""
    return Client(client.client, make_token("colleague", Role.ADMIN))
