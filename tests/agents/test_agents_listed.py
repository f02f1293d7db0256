"""The list of the devices that have asked their connector for work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.agents.seen import seen
from app.db import db
from app.identity.roles import Role
from app.identity.scopes import Scopes
from tests.support.agents import EDGE, Agent, configured, packaged
from tests.support.api import deployment, make_token
from tests.support.http import Client, refused
from tests.support.jobs import Drive

ONE_RING = {"target": 0.5, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 0, "error_ceiling": 0.6}


@pytest.fixture(autouse=True)
def edge(database: Flask, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path, 'unknown_devices = "quarantine"'):
        yield


def listed(client: Client, query: str = "") -> list[dict[str, object]]:
    seen.flush(db.engine)
    items: list[dict[str, object]] = client.get(f"/connectors/{EDGE}/agents{query}")["items"]
    return items


def test_a_device_is_listed_with_what_it_said(database: Flask, client: Client, drive: Drive) -> None:
    gateway = make_token("edge-gateway", Role.REPORTER, Scopes(connector=EDGE))
    known, stranger = (Agent(database.test_client(), gateway, name) for name in ("gw-1", "gw-2"))
    client.post("/devices", [{"external_id": "gw-1", "platform": "linux", "connector": EDGE}])
    assert client.raw("PUT", "/ring-plans/one", json={"rings": [{"name": "all", "gate": ONE_RING}]}).status_code == 201
    release = packaged(client)
    asked = deployment(application="gateway", version="1.0", platform="linux", artifact_hash=release, plan="one")
    assert client.post("/deployments", asked)[0] == 201
    drive(5)
    assert stranger.poll()["_links"] == {}
    assert known.raw("PUT", "/configData", json={"data": {"os": "debian"}}).status_code == 200
    work = known.work()
    assert work is not None
    assert known.say(work["id"], "closed", "failure", "unpacking", "no space left on device") == 200
    other, one = listed(client)
    assert (one["external_id"], one["registered"], one["attributes"]) == ("gw-1", True, {"os": "debian"})
    action = one["action"]
    assert isinstance(action, dict)
    assert (action["state"], action["outcome"], action["release"]) == ("over", "failed", "1.0")
    assert action["detail"] == "unpacking\nno space left on device"
    assert (other["external_id"], other["registered"], other["action"]) == ("gw-2", False, None)
    assert listed(client, "?registered=false") == [other]
    assert listed(client, "?registered=true&external_id=gw-1") == [one]
    drive(5)
    (assignment,) = client.get(_of_newest(client))["items"]
    assert (assignment["status"], assignment["reason"]) == ("failed", "disk_full")


def _of_newest(client: Client) -> str:
    return f"/deployments/{client.get('/deployments')['items'][0]['id']}/assignments"


def test_a_connector_that_does_not_exist_has_no_list(client: Client) -> None:
    refused(client.raw("GET", "/connectors/nowhere/agents"), 404, "no-such-connector")
