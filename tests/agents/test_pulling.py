"""Devices that pull, through a whole rollout and back."""

from __future__ import annotations

from collections.abc import Iterator
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
RINGS = [{"name": "first", "share": 50, "gate": GATE}, {"name": "all", "gate": GATE}]


@pytest.fixture(autouse=True)
def edge(database: Flask, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path):
        yield


class Fleet:
    """Devices that install what they find, until a deployment is over."""

    def __init__(self, client: Client, drive: Drive, agents: list[Agent]) -> None:
        self._client, self._drive, self._agents = client, drive, agents

    def finish(self, id: int) -> list[bytes]:
        """What each of them installed."""
        installed: list[bytes] = []

        def everybody() -> bool:
            installed.extend(content for agent in self._agents if (content := agent.install()) is not None)
            return bool(self._client.get(f"/deployments/{id}")["state"] == "completed")

        self._drive(300, until=everybody)
        assert self._client.get(f"/deployments/{id}")["state"] == "completed"
        return installed


def test_a_release_goes_out_and_back(database: Flask, client: Client, drive: Drive) -> None:
    gateway = make_token("edge-gateway", Role.REPORTER, Scopes(connector=EDGE))
    names = [f"gw-{n}" for n in range(4)]
    fleet = Fleet(client, drive, [Agent(database.test_client(), gateway, name) for name in names])
    status, body = client.post("/devices", [{"external_id": n, "platform": "linux", "connector": EDGE} for n in names])
    assert status == 200, body
    answer = client.raw("PUT", "/ring-plans/two", json={"rings": RINGS})
    assert answer.status_code == 201, answer.text
    ids = []
    for version in ("1.0", "2.0"):
        release = packaged(client, version)
        asked = deployment(application="gateway", version=version, platform="linux", artifact_hash=release, plan="two")
        status, body = client.post("/deployments", asked)
        assert status == 201, body
        ids.append(body["id"])
        assert fleet.finish(body["id"]) == [f"gateway {version}".encode()] * 4
    status, back = client.post(f"/deployments/{ids[-1]}/rollback", {"reason": "it was a try"})
    assert status == 201, back
    assert fleet.finish(back["id"]) == [b"gateway 1.0"] * 4
