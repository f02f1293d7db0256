"""One rollout over REST: begun with the plan `demo` and followed to its end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.demo.errors import DemoFailed
from client import Client
from client.types import Deployment, Risk

RISK: Risk = {
    "privilege": 0.2,
    "supply_chain": 0.2,
    "vulnerabilities": 0.1,
    "exploitability": 0.1,
    "data_access": 0.2,
    "operational_complexity": 0.3,
}
"""A well-known application with few rights: nobody needs to sign it off."""


def begin(client: Client, application: str, version: str, artifact_hash: str) -> int:
    """Start a rollout to every Windows device; returns the deployment's id."""
    created = client.deployments.create(
        application=application,
        version=version,
        platform="windows",
        artifact_hash=artifact_hash,
        plan="demo",
        risk=RISK,
    )
    return created["id"]


def watch(client: Client, deployment_id: int, seconds: float, every: float = 0.5) -> Iterator[Deployment]:
    """The deployment again and again until it has ended. Raises DemoFailed if it takes longer than `seconds`."""
    until = time.monotonic() + seconds
    while True:
        seen = client.deployments.get(deployment_id)
        yield seen
        if seen["state"] not in ("planning", "running"):
            return
        if time.monotonic() > until:
            raise DemoFailed(f"Deployment {deployment_id} is still {seen['state']} after {seconds:.0f} s.")
        time.sleep(every)


def reported_device(client: Client, deployment_id: int) -> str:
    """The external id of a device that has succeeded."""
    return next(client.deployments.each_assignment(deployment_id, status="succeeded"))["external_id"]
