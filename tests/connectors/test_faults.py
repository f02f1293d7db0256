"""Injected faults: a rollout gets over them, and no device is told twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app.connectors.protocol import ConnectorError
from app.connectors.simulated import SimulatedConnector
from app.settings import SimulatedProfile, load_settings
from tests.conftest import Api, Clock


@pytest.fixture
def faulty(app: Flask) -> Iterator[None]:
    """The profile of a vendor whose calls fail one time in three."""
    before = os.environ["EUCORA_SIMULATED_PROFILE"]
    profile = '{"silent": 0, "failure": 0, "timeouts": 0.12, "throttled": 0.12, "outages": 0.12}'
    os.environ["EUCORA_SIMULATED_PROFILE"] = profile
    load_settings.cache_clear()
    yield
    os.environ["EUCORA_SIMULATED_PROFILE"] = before
    load_settings.cache_clear()


def test_a_rollout_gets_over_a_faulty_vendor(faulty: None, api: Api, drive: Callable[..., None]) -> None:
    from app.db import db

    api.register(500)
    created = api.deploy()
    path = f"/deployments/{created['id']}"
    drive(600, until=lambda: api.get(path)["state"] == "completed")
    assert api.get(path)["state"] == "completed"
    with db.engine.connect() as connection:
        failed = connection.execute(
            text("SELECT count(*) FROM events WHERE type = 'connector.call_failed'")
        ).scalar_one()
        # Without the one lab device that is rolled back and installed again on purpose.
        told = connection.execute(
            text("""
                SELECT count(*), count(DISTINCT device)
                  FROM simulated_publications AS it JOIN commands USING (key), unnest(it.devices) AS device
                 WHERE commands.purpose = 'rollout'
            """)
        ).one()
    assert failed > 0
    assert tuple(told) == (500, 500)


def test_faults_need_to_be_allowed(database: Flask, clock: Clock) -> None:
    always = SimulatedProfile(outages=1.0)
    with pytest.raises(ConnectorError, match="503"):
        SimulatedConnector(always, faults=True).results("1", 0, 10)
    with pytest.raises(ConnectorError, match="nothing was published"):
        SimulatedConnector(always, faults=False).results("1", 0, 10)
