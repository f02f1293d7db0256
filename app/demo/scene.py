"""Where a story of the demonstration takes place: its people, its application, and what they wait for."""

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
"""Seconds for what usually takes two or three, on a machine that does other things too."""
POLL = 0.4
FLEET = "history"
"""The tag of the devices that these stories are about; nothing else is touched."""
LAB = "history-lab"
PLATFORMS: tuple[Platform, ...] = ("linux", "macos")
KEPT = "kept beside the release"
EVIDENCE: Evidence = {
    "sbom": KEPT,
    "scan_result": KEPT,
    "install": KEPT,
    "uninstall": KEPT,
    "detection": KEPT,
    "rollout_plan": KEPT,
    "rollback_plan": KEPT,
    "test_results": KEPT,
}
SCOPE: Scope = {"tags": [FLEET]}


@dataclass(frozen=True)
class People:
    """Whoever takes part: two who operate, two who sign off, and one who may do everything."""

    requester: Client
    colleague: Client
    approver: Client
    board: Client
    admin: Client


@dataclass(frozen=True)
class Scene:
    """Where a story takes place: nobody else deploys this application on this platform meanwhile."""

    people: People
    application: str
    platform: Platform
    version: str

    def deploy(self, plan: str, *, version: str = "", scope: Scope = SCOPE, risk: Risk = RISK) -> int:
        """Ask for a deployment; one that an earlier run has left behind gives way."""
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

    def until(
        self, number: int, what: str, holds: Callable[[Deployment], bool], seconds: float = PATIENCE
    ) -> Deployment:
        """The deployment, once it is as wanted. Raises DemoFailed if it ends or rests otherwise."""
        deadline = time.monotonic() + seconds
        while not holds(seen := self.people.requester.deployments.get(number)):
            if time.monotonic() > deadline or (seen["finished_at"] and not holds(seen)):
                raise DemoFailed(f"deployment {number} is {seen['state']} ({seen['reason']}), not {what}")
            time.sleep(POLL)
        return seen

    def planned(self, number: int) -> Deployment:
        """The deployment, once every device has its ring."""
        return self.until(number, "planned", lambda it: it["state"] != "planning")

    def becomes(self, number: int, state: str) -> Deployment:
        """The deployment in that state."""
        return self.until(number, state, lambda it: it["state"] == state)

    def held(self, number: int, hold: str, seconds: float = PATIENCE) -> None:
        """Return when the deployment is held by that, and a tick has seen it."""
        self.until(number, f"held by {hold}", lambda it: hold in [each["hold"] for each in it["holds"]], seconds)
        time.sleep(2.5)

    def ring(self, number: int, key: str, state: RingState) -> None:
        """Return when a ring is in that state."""
        wanted = {"key": key, "state": state}
        self.until(number, f"{state} in {key}", lambda it: any(wanted.items() <= ring.items() for ring in it["rings"]))

    def fails(self, number: int, ring: str, share: float = 0.9) -> None:
        """Have devices of a ring report that the release does not work, before it is their turn."""
        self.planned(number)
        found = list(self.people.requester.deployments.each_assignment(number, ring=ring))
        sequence = time.time_ns() // 1_000
        self.people.requester.reports.submit(
            [
                {"deployment_id": number, "external_id": it["external_id"], "sequence": sequence, "outcome": "failed"}
                for it in found[: max(round(share * len(found)), 1)]
            ]
        )

    def rolled_back(self, number: int) -> None:
        """Return when the way back of the deployment is over."""
        later = self.people.requester.deployments.each(application=self.application, cursor=number)
        back = next((it["id"] for it in later if it["rolls_back"] == number), None)
        if back is None:
            raise DemoFailed(f"deployment {number} is not rolled back")
        self.becomes(back, "completed")
