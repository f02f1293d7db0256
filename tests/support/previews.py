"""Previews, each with the proof that it changed nothing, and the deployments that they are compared with."""

from __future__ import annotations

from typing import Any

from app.deployments import progress
from tests.support.api import Api, deployment
from tests.support.database import nothing_changed

DRY = "/deployments?dry_run=true"
SITES = ("online", "intermittent", "air_gapped")


def mixed(client: Api, count: int = 240) -> None:
    """A fleet of two platforms, three site classes, three units; every tenth device is in the lab, some are retired."""
    devices = [
        {
            "external_id": f"dev-{n:05d}",
            "platform": "linux" if n % 4 == 3 else "windows",
            "connector": "simulated",
            "site_class": SITES[n % 3],
            "business_unit": f"unit-{n % 5}",
            "tags": ["lab"] * (n % 10 == 0) + ["desk"] * (n % 7 == 0),
        }
        for n in range(count)
    ]
    assert client.post("/devices", devices)[0] == 200
    retired = [f"dev-{n:05d}" for n in range(0, count, 12)]
    assert client.post("/devices/retire", {"external_ids": retired})[0] == 200


def previewed(client: Api, **fields: Any) -> Any:
    """The preview of a request, which changes nothing."""
    with nothing_changed():
        status, answer = client.post(DRY, deployment(**fields))
    assert status == 200, answer
    return answer


def of_plan(client: Api, name: str = "standard", query: str = "") -> Any:
    """The preview of a plan, which changes nothing."""
    with nothing_changed():
        return client.get(f"/ring-plans/{name}/preview?{query}")


def planned(client: Api, **fields: Any) -> Any:
    """A real deployment after its planning."""
    created = client.deploy(**fields)
    progress.plan(created["id"])
    return client.get(f"/deployments/{created['id']}")


def put(client: Api, name: str, body: Any) -> None:
    assert client.raw("PUT", f"/ring-plans/{name}", json=body).status_code == 201


def devices_of(answer: Any, counter: str = "devices") -> list[tuple[str, int]]:
    return [(ring["name"], ring[counter]) for ring in answer["rings"]]
