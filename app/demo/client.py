"""The REST client of the demonstration; it remembers how long each call took."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from app.demo.errors import DemoFailed

LAB_EVERY = 250
RISK = {
    "privilege": 0.2,
    "supply_chain": 0.2,
    "vulnerabilities": 0.1,
    "exploitability": 0.1,
    "data_access": 0.2,
    "operational_complexity": 0.3,
}
"""A well-known application with few rights: nobody needs to sign it off."""


def inventory(devices: int) -> bytes:
    """A CSV inventory of that many simulated devices; the same number gives the same file."""
    chance = random.Random(devices)  # noqa: S311  # an inventory, not a secret
    lines = ["external_id,platform,connector,site_class,business_unit,tags,criticality"]
    for number in range(devices):
        site = chance.choices(("online", "intermittent", "air_gapped"), (80, 17, 3))[0]
        unit = chance.choice(("sales", "plants", "finance", "research", "field"))
        criticality = chance.choices(("normal", "high", "critical"), (90, 8, 2))[0]
        tag = "lab" if number % LAB_EVERY == 0 else ""
        lines.append(f"demo-{number:07d},windows,simulated,{site},{unit},{tag},{criticality}")
    return "\n".join(lines).encode() + b"\n"


class Client:
    """Talks to the API as any caller would."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=120)
        self.milliseconds: list[float] = []

    def register(self, csv: bytes) -> dict[str, int]:
        """Register an inventory; how many lines had which status."""
        answer = self._call("POST", "/devices", content=csv, headers={"Content-Type": "text/csv"})
        counts: dict[str, int] = {}
        for line in answer.iter_lines():
            status = httpx.Response(200, content=line).json()["status"]
            counts[status] = counts.get(status, 0) + 1
        return counts

    def deploy(self, application: str, version: str, artifact_hash: str) -> int:
        """Start a rollout with the plan `demo`; returns the deployment's id."""
        body = {
            "application": application,
            "version": version,
            "platform": "windows",
            "artifact_hash": artifact_hash,
            "plan": "demo",
            "risk": RISK,
        }
        answer = self._call("POST", "/deployments", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        return int(answer.json()["id"])

    def deployment(self, deployment_id: int) -> dict[str, Any]:
        """The deployment as it is now."""
        found: dict[str, Any] = self._call("GET", f"/deployments/{deployment_id}").json()
        return found

    def reported_device(self, deployment_id: int) -> str:
        """The external id of a device that has succeeded."""
        query = {"status": "succeeded", "limit": 1}
        found = self._call("GET", f"/deployments/{deployment_id}/assignments", params=query).json()["items"]
        return str(found[0]["external_id"])

    def report(self, deployment_id: int, device: str) -> None:
        """Report a device's success under one and the same sequence: after the first time a duplicate."""
        body = [{"deployment_id": deployment_id, "external_id": device, "sequence": 1, "outcome": "succeeded"}]
        self._call("POST", "/reports", json=body)

    def watch(self, deployment_id: int, seconds: float, every: float = 0.5) -> Iterator[dict[str, Any]]:
        """The deployment again and again until it has ended. Raises DemoFailed if it takes longer than `seconds`."""
        until = time.monotonic() + seconds
        while True:
            seen = self.deployment(deployment_id)
            yield seen
            if seen["state"] not in ("planning", "running"):
                return
            if time.monotonic() > until:
                raise DemoFailed(f"Deployment {deployment_id} is still {seen['state']} after {seconds:.0f} s.")
            time.sleep(every)

    def ask(self, path: str, **filters: Any) -> Any:
        """What a GET answers."""
        return self._call("GET", path, params=filters).json()

    def tell(self, path: str, body: Any, method: str = "POST") -> Any:
        """What the answer to a change says; a change that is sent twice by the network is made once."""
        return self._call(method, path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}).json()

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        started = time.perf_counter()
        try:
            answer = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise DemoFailed(
                f"The API at {self._http.base_url} does not answer ({error}); `make up` starts it."
            ) from error
        self.milliseconds.append((time.perf_counter() - started) * 1000)
        if answer.is_error:
            raise DemoFailed(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer
