"""The setting of a story: its people, its application and platform, and the conditions that it waits for."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.demo.errors import DemoFailed
from app.demo.rollout import RISK
from client import Client
from client.types import Deployment, Evidence, Platform, RingState, Risk, Scope

PATIENCE = 180.0
"""Seconds to wait for something that usually takes two or three; the machine may be busy."""
POLL = 0.4
FLEET = "history"
"""The tag of the devices that the stories use; no other device is touched."""
LAB = "history-lab"
PLATFORMS: tuple[Platform, ...] = ("linux", "macos")
STORED = "stored with the release"
EVIDENCE: Evidence = {
    "sbom": STORED,
    "scan_result": STORED,
    "install": STORED,
    "uninstall": STORED,
    "detection": STORED,
    "rollout_plan": STORED,
    "rollback_plan": STORED,
    "test_results": STORED,
}
SCOPE: Scope = {"tags": [FLEET]}


@dataclass(frozen=True)
class People:
    """The people of a story, each a client with a token: two operators, two approvers and an administrator."""

    requester: Client
    colleague: Client
    approver: Client
    board: Client
    admin: Client


@dataclass(frozen=True)
class Scene:
    """The setting of one story: meanwhile no other story deploys this application on this platform."""

    people: People
    application: str
    platform: Platform
    version: str

    def deploy(self, plan: str, *, version: str = "", scope: Scope = SCOPE, risk: Risk = RISK) -> int:
        """Create a deployment with the plan `history-<plan>`, superseding one that an earlier run left live; its id."""
        version = version or self.version
        created = self.people.requester.deployments.create(
            application=self.application,
            version=version,
            platform=self.platform,
            artifact_hash="sha256:" + hashlib.sha256(f"{self.application} {version}".encode()).hexdigest(),
            plan=f"history-{plan}",
            supersede=True,
            scope=scope,
            risk=risk,
            evidence=EVIDENCE,
        )
        return created["id"]

    def wait_until(
        self, number: int, what: str, condition: Callable[[Deployment], bool], seconds: float = PATIENCE
    ) -> Deployment:
        """The deployment, once the condition holds. Raises DemoFailed if it ends before that, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition(deployment := self.people.requester.deployments.get(number)):
            if time.monotonic() > deadline or deployment["finished_at"]:
                raise DemoFailed(f"deployment {number} is {deployment['state']} ({deployment['reason']}), not {what}")
            time.sleep(POLL)
        return deployment

    def wait_planned(self, number: int) -> Deployment:
        """The deployment, once every device is assigned to a ring."""
        return self.wait_until(number, "planned", lambda deployment: deployment["state"] != "planning")

    def wait_state(self, number: int, state: str) -> Deployment:
        """The deployment, once it is in this state."""
        return self.wait_until(number, state, lambda deployment: deployment["state"] == state)

    def wait_held(self, number: int, hold: str, seconds: float = PATIENCE) -> None:
        """Return when the deployment has this hold, and a tick has counted it."""

        def held(deployment: Deployment) -> bool:
            return hold in [each["hold"] for each in deployment["holds"]]

        self.wait_until(number, f"held by {hold}", held, seconds)
        time.sleep(2.5)

    def wait_ring(self, number: int, name: str, state: RingState) -> None:
        """Return when a ring is in this state."""

        def reached(deployment: Deployment) -> bool:
            return any((ring["name"], ring["state"]) == (name, state) for ring in deployment["rings"])

        self.wait_until(number, f"{state} in {name}", reached)

    def report_failures(self, number: int, ring: str, share: float = 0.9) -> None:
        """Report a failure for a share (0 to 1) of a ring's devices, before the release is dispatched to them."""
        self.wait_planned(number)
        assignments = list(self.people.requester.deployments.each_assignment(number, ring=ring))
        sequence = time.time_ns() // 1_000
        self.people.requester.reports.submit(
            [
                {
                    "deployment_id": number,
                    "external_id": assignment["external_id"],
                    "sequence": sequence,
                    "outcome": "failed",
                }
                for assignment in assignments[: max(round(share * len(assignments)), 1)]
            ]
        )

    def wait_rolled_back(self, number: int) -> None:
        """Return when the rollback of the deployment has completed. Raises DemoFailed if it has none."""
        later = self.people.requester.deployments.each(application=self.application, cursor=number)
        rollback = next((each["id"] for each in later if each["rolls_back"] == number), None)
        if rollback is None:
            raise DemoFailed(f"deployment {number} has no rollback")
        self.wait_state(rollback, "completed")
