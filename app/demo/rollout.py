"""One rollout over REST: started with the plan `demo` and watched until it ends."""

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
"""A well-known application with few privileges, so no approval is required."""


def next_version(client: Client, application: str) -> str:
    """The version after the newest deployment of the application: 1.0.0, 1.1.0, 1.2.0 and so on."""
    return f"1.{sum(1 for _ in client.deployments.each(application=application))}.0"


def begin(client: Client, application: str, version: str, artifact_hash: str) -> int:
    """Start a rollout to every Windows device; returns the deployment's id.

    It supersedes the rollout that an interrupted demo left.
    """
    created = client.deployments.create(
        application=application,
        version=version,
        platform="windows",
        artifact_hash=artifact_hash,
        plan="demo",
        supersede=True,
        scope={"everyone": True},
        risk=RISK,
    )
    return created["id"]


def watch(client: Client, deployment_id: int, seconds: float, every: float = 0.5) -> Iterator[Deployment]:
    """Yield the deployment every `every` seconds until it has ended. Raises DemoFailed after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        deployment = client.deployments.get(deployment_id)
        yield deployment
        if deployment["state"] not in ("planning", "running"):
            return
        if time.monotonic() > until:
            raise DemoFailed(f"Deployment {deployment_id} is still {deployment['state']} after {seconds:.0f} s.")
        time.sleep(every)


def reported_device(client: Client, deployment_id: int) -> str:
    """The external id of a device that has reported success."""
    return next(client.deployments.each_assignment(deployment_id, status="succeeded"))["external_id"]


def report_success(client: Client, deployment_id: int, device: str) -> str:
    """Report a device's success, always the same report of this deployment; returns the report's status.

    After the first report, each is a duplicate.
    """
    # A reporter uses a sequence once per device, in whatever deployment; another run of the demo is the same reporter.
    (receipt,) = client.reports.submit(
        [{"deployment_id": deployment_id, "external_id": device, "sequence": deployment_id, "outcome": "succeeded"}]
    )
    return receipt["status"]
