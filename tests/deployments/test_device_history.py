"""One device: what it has, and the ring that it is in."""

from __future__ import annotations

from app.deployments import progress
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.moments import state_at


def test_a_device_shows_its_releases_and_its_deployments(client: Client, drive: Drive) -> None:
    client.register(100)
    first = client.deploy(application="vpn")["id"]
    drive(600, until=lambda: state_at(f"/deployments/{first}") == "completed")
    second = client.deploy(application="mail", version="7.1")["id"]
    progress.plan(second)
    listed = client.get("/devices?external_id=dev-00000")["items"][0]
    shown = client.get(f"/devices/{listed['id']}")
    assert {name: shown[name] for name in listed} == listed
    now, then = shown["deployments"]
    assert (now["deployment_id"], now["release"], now["status"], now["ring"]) == (second, "7.1", "pending", "lab")
    assert (then["deployment_id"], then["state"], then["ring_state"]) == (first, "completed", "passed")
    item = client.get(f"/deployments/{first}/assignments?external_id=dev-00000")["items"][0]
    assert {name: then[name] for name in ("status", "reason", "reported_at")} == {
        name: item[name] for name in ("status", "reason", "reported_at")
    }
    has_it = item["status"] in ("succeeded", "already_compliant")
    assert shown["installed"] == ([{"application": "vpn", "release": "1.0", "platform": "windows"}] if has_it else [])


def test_a_device_that_is_not_registered(client: Client) -> None:
    problem = refused(client.raw("GET", "/devices/7"), 404, "no-such-device")
    assert "GET /devices?external_id=NAME" in problem["detail"]
