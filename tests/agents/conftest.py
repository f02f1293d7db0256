"""A connector whose devices pull, a release for it, and a device with work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from app.identity.roles import Role
from app.identity.scopes import Scopes
from tests.support.agents import EDGE, Agent, configured, packaged
from tests.support.api import deployment, make_token
from tests.support.http import Client
from tests.support.jobs import Drive

GATE = {"target": 0.5, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 0, "error_ceiling": 0.6}
Configure = Callable[[str], None]


@pytest.fixture
def configure(database: Flask, tmp_path: Path) -> Iterator[Configure]:
    """More settings of the connector, from now on."""
    with ExitStack() as stack:
        yield lambda extra: stack.enter_context(configured(tmp_path, extra))


@pytest.fixture(autouse=True)
def edge(configure: Configure) -> None:
    configure("")


@pytest.fixture
def gateway(database: Flask) -> str:
    """A token of the connector."""
    return make_token("edge-gateway", Role.REPORTER, Scopes(connector=EDGE))


@pytest.fixture
def agent(database: Flask, client: Client, gateway: str) -> Agent:
    """A registered device."""
    assert client.post("/devices", [{"external_id": "gw-1", "platform": "linux", "connector": EDGE}])[0] == 200
    return Agent(database.test_client(), gateway, "gw-1")


@pytest.fixture
def deployed(client: Client, drive: Drive, agent: Agent) -> int:
    """A deployment that has dispatched to the device."""
    assert client.raw("PUT", "/ring-plans/one", json={"rings": [{"name": "all", "gate": GATE}]}).status_code == 201
    asked = deployment(
        application="gateway", version="1.0", platform="linux", artifact_hash=packaged(client), plan="one"
    )
    status, body = client.post("/deployments", asked)
    assert status == 201, body
    drive(5)
    return int(body["id"])
