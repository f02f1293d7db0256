"""Previews of ring plans and of requested deployments: they agree with real ones, and store nothing."""

from __future__ import annotations

from tests.support.api import Api, deployment
from tests.support.jobs import Drive


def test_a_previews_rings_are_those_of_the_deployment_created_afterwards(api: Api, drive: Drive) -> None:
    api.register(300)
    status, preview = api.post("/deployments?dry_run=true", deployment())
    assert status == 200, preview
    created = api.deploy()
    drive(1)
    planned = api.get(f"/deployments/{created['id']}")["rings"]
    assert [(it["name"], it["devices"]) for it in preview["rings"]] == [(it["name"], it["targeted"]) for it in planned]
