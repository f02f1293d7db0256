"""Deployment 1 with the plan `small`, to devices that say only what a test reports for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.approval import EVIDENCE
from tests.support.http import Client

PATH = "/deployments/1"


def roll_out(client: Client, wanted: Any) -> None:
    """Start deployment 1 with this plan."""
    answer = client.raw("PUT", "/ring-plans/small", json=wanted)
    assert answer.status_code == 201, answer.text
    client.deploy(plan="small", evidence=EVIDENCE)


def told(client: Client, ring: str = "lab", deployment: int = 1) -> list[str]:
    """The ring's devices that were dispatched to."""
    found = client.get(f"/deployments/{deployment}/assignments?order=oldest&ring={ring}&limit=500")["items"]
    return [str(it["external_id"]) for it in found if it["dispatched_at"] is not None]


def report(client: Client, devices: Sequence[str], outcome: str) -> None:
    """Let each of these devices report this."""
    body = [{"deployment_id": 1, "external_id": it, "sequence": 1, "outcome": outcome} for it in devices]
    assert client.post("/reports", body)[0] == 200


def rings(client: Client) -> list[str]:
    """The rings' states."""
    return [ring["state"] for ring in client.get(f"{PATH}/rings")["items"]]
