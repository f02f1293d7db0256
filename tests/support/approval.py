"""Deployments that people must approve, and what they answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.deployments import progress, transitions
from app.deployments.approval import service
from app.events.unit import unit_of_work
from tests.support.http import Client

DANGEROUS = dict.fromkeys(
    ("privilege", "supply_chain", "vulnerabilities", "exploitability", "data_access", "operational_complexity"), 0.9
)
EVIDENCE = {
    "sbom": "https://evidence.example/sbom.json",
    "scan_result": "sha256:" + "b" * 64,
    "install": "msiexec /i vpn.msi",
    "uninstall": "msiexec /x vpn.msi",
    "detection": "registry key",
    "rollout_plan": "https://evidence.example/plan",
    "rollback_plan": "https://evidence.example/back",
    "test_results": "https://evidence.example/tests",
}
Person = Callable[..., Client]
"""`person(subject, role=APPROVER)`: a client that speaks for that person."""


def assess(deployment_id: int, devices: int, critical: bool = False) -> dict[str, Any]:
    """Assess the deployment as for that many devices; its score, blast class and need."""
    with unit_of_work("system") as unit:
        deployment = transitions.for_decision(unit.session, deployment_id, None)
        sizes = [0] * (len(deployment.plan["rings"]) - 1) + [devices]
        found = service.assess(unit, deployment, sizes, critical)
        return {"score": found.score, "blast_class": found.blast_class, "needs_approval": found.needs_approval}


def start(client: Client, **fields: Any) -> int:
    """A planned and assessed deployment that needs approval, unless the fields say otherwise."""
    deployment_id = int(client.deploy(**{"risk": DANGEROUS, "evidence": EVIDENCE, **fields})["id"])
    progress.plan(deployment_id)
    assess(deployment_id, 30)
    return deployment_id


def events(client: Client, deployment_id: int, *types: str) -> list[tuple[str, str]]:
    """The deployment's events of these types, in order, with who caused them."""
    found = client.get(f"/deployments/{deployment_id}/events?limit=500")["items"]
    return [(event["type"], event["actor"]) for event in found if event["type"] in types]


def standing(client: Client, deployment_id: int) -> int:
    """How many approvals stand."""
    return int(client.get(f"/deployments/{deployment_id}/approvals")["standing"])
