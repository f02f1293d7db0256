"""A rollout of one ring to four devices that say only what a test reports for them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from tests.support.api import Api
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import is_over_at
from tests.support.plans import gate

DEVICES = tuple(f"dev-{n:05d}" for n in range(4))
_numbers = count(1)


class Fleet:
    """Four devices whose connector never says anything, and the calls about them."""

    def __init__(self, api: Api, drive: Drive) -> None:
        self.api, self.drive = api, drive
        assert self.register(*DEVICES) == ["created"] * len(DEVICES)
        plan = {"rings": [{"name": "everyone", "gate": gate(max_wait_seconds=86_400)}]}
        assert api.raw("PUT", "/ring-plans/one", json=plan).status_code == 201

    def register(self, *external_ids: str, **fields: Any) -> list[str]:
        """Register devices; the status of each."""
        device = {"platform": "windows", "connector": "simulated", "tags": ["lab"], **fields}
        status, body = self.api.post("/devices", [{**device, "external_id": it} for it in external_ids])
        assert status == 200, body
        return [item["status"] for item in body["items"]]

    def dispatched(self, version: str, devices: int = len(DEVICES), **fields: Any) -> int:
        """Roll a version out until it is dispatched to that many devices; the deployment's id."""
        deployment = int(self.api.deploy(**{"version": version, "plan": "one", **fields})["id"])
        self.drive(10, until=lambda: self.ring(deployment)["dispatched"] == devices)
        assert self.ring(deployment)["dispatched"] == devices
        return deployment

    def report(self, deployment: int, outcome: str, *external_ids: str, at: datetime | None = None) -> list[str]:
        """Report the same of each device, by default of all; the statuses."""
        body = [
            {
                "deployment_id": deployment,
                "external_id": it,
                "sequence": next(_numbers),
                "outcome": outcome,
                "occurred_at": None if at is None else at.isoformat(),
            }
            for it in external_ids or DEVICES
        ]
        status, answer = self.api.post("/reports", body)
        assert status == 200, answer
        return [item["status"] for item in answer["items"]]

    def roll_back(self, deployment: int) -> int:
        """Request the rollback and let it dispatch, or be rejected; its id."""
        status, created = self.api.post(f"/deployments/{deployment}/rollback")
        assert status == 201, created
        back = int(created["id"])
        self.drive(5, until=lambda: self.state(back) == "rejected" or self.ring(back)["dispatched"] > 0)
        return back

    def half_installed(self) -> int:
        """Everyone has 1.0; 2.0 is dispatched to everyone and installed on two. The deployment of 2.0."""
        first = self.dispatched("1.0")
        self.report(first, "succeeded")
        self.finish(first)
        second = self.dispatched("2.0")
        self.report(second, "succeeded", *DEVICES[:2])
        return second

    def left_behind(self, deployment: int, state: str = "") -> dict[str, tuple[Any, Any]]:
        """Status and reason of each device left behind, page by page."""
        found, cursor, wanted = {}, 0, state and f"&state={state}"
        while cursor is not None:
            page = self.api.get(f"/deployments/{deployment}/left-behind?limit=1&cursor={cursor}{wanted}")
            found.update({item["external_id"]: (item["status"], item["reason"]) for item in page["items"]})
            cursor = page["next"]
        return found

    def finish(self, deployment: int) -> None:
        """Let a deployment whose devices have reported come to its end."""
        self.drive(60, until=lambda: is_over_at(f"/deployments/{deployment}"))
        self.drive(3)  # what follows the end
        assert self.state(deployment) == "completed"

    def state(self, deployment: int) -> str:
        return str(self.api.get(f"/deployments/{deployment}")["state"])

    def ring(self, deployment: int) -> Any:
        return self.api.get(f"/deployments/{deployment}/rings")["items"][0]

    def of(self, deployment: int, external_id: str) -> Any:
        """The device in the deployment, as the API shows it; None if it is not part of it."""
        items = self.api.get(f"/deployments/{deployment}/assignments?limit=500")["items"]
        return next((item for item in items if item["external_id"] == external_id), None)


def events(type: str) -> list[Any]:
    """The payloads of the events of a type, oldest first."""
    return [row.payload for row in rows("SELECT payload FROM events WHERE type = :type ORDER BY id", type=type)]
