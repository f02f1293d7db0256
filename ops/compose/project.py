"""Drives a Compose project, and the stack in it over HTTP, for the tests of the production setup."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

CHECKOUT = Path(__file__).resolve().parents[2]
PORTS = ("API", "STATSD", "STATSD_EXTERNAL", "STATSD_ADMIN", "GRAPHITE", "GRAFANA", "B_API", "B_GRAPHITE")
ONE_HOST = ("docker-compose.yml",)
TWO_HOSTS = (*ONE_HOST, "docker-compose.scale.yml")
# Enough for every ring of the plan to pass its gate, although some devices stay silent.
DEVICES = 6000
MINUTES = 60.0
START_SECONDS = 15 * MINUTES
ROLLOUT_SECONDS = 8 * MINUTES


class Failed(Exception):
    """The check failed; the message says why."""


class Compose:
    """One project of docker-compose.yml, or of several files."""

    def __init__(self, env_file: Path, files: tuple[str, ...]) -> None:
        self._project = f"eucora-check-{secrets.token_hex(3)}"
        options = [word for file in files for word in ("--file", file)]
        self._command = ("docker", "compose", "--project-name", self._project, "--env-file", str(env_file), *options)

    def show(self, *arguments: str) -> None:
        """Run a Compose command and show its output. Raises Failed."""
        if subprocess.run((*self._command, *arguments), cwd=CHECKOUT, check=False).returncode:
            raise Failed(f"docker compose {' '.join(arguments)} failed")

    def read(self, *arguments: str) -> str:
        """Run a Compose command and return its output. Raises Failed."""
        return output_of(*self._command, *arguments)

    def attempt(self, *arguments: str) -> tuple[int, str]:
        """Run a Compose command that may fail; return its exit code and its output."""
        done = subprocess.run((*self._command, *arguments), cwd=CHECKOUT, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def explain(self) -> None:
        """Show the containers and the end of their logs."""
        for arguments in (("ps", "--all"), ("logs", "--tail", "30")):
            subprocess.run((*self._command, *arguments), cwd=CHECKOUT, check=False)

    def token(self) -> str:
        """Create an administrator's token."""
        create = ("flask", "--app", "wsgi", "tokens", "create", "--subject", "compose-test", "--role", "admin")
        return self.read("exec", "--no-TTY", "api", *create).splitlines()[-1]

    def restarts(self, service: str) -> int:
        """Return how often the restart policy has restarted the service's first container."""
        return int(output_of("docker", "inspect", "--format", "{{.RestartCount}}", f"{self._project}-{service}-1"))

    def unhealthy(self) -> list[str]:
        """Return the services that are not healthy, except migrate, which has ended."""
        rows = [json.loads(line) for line in self.read("ps", "--all", "--format", "json").splitlines()]
        return sorted({row["Service"] for row in rows if row["Service"] != "migrate" and row["Health"] != "healthy"})


def output_of(*command: str) -> str:
    """Return a command's standard output. Raises Failed with its standard error."""
    done = subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def require_docker() -> None:
    """Raise Failed if Docker with Compose is not available."""
    try:
        output_of("docker", "info", "--format", "{{.ServerVersion}}")
        output_of("docker", "compose", "version")
    except (OSError, Failed) as error:
        reason = " ".join(str(error).split())[:200]
        raise Failed(f"Docker with Compose 2 is required, but is not running ({reason}).") from error


def free_ports() -> dict[str, str]:
    """Return variables that set every published port to a port that is free now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    numbers = [str(server.getsockname()[1]) for server in sockets]
    for server in sockets:
        server.close()
    return {f"EUCORA_{name}_PORT": number for name, number in zip(PORTS, numbers, strict=True)}


def wait_for(what: str, condition: Callable[[], bool], seconds: float) -> float:
    """Wait for a condition and return the seconds it took. Raises Failed after `seconds`."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise Failed(f"{what}: did not happen within {seconds:.0f} s")
        time.sleep(1)
    return time.monotonic() - start


class Rollout:
    """Drives the stack over HTTP, as its users do."""

    def __init__(self, api: str, graphite: str, token: str) -> None:
        self._api = httpx.Client(base_url=api, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self._graphite = httpx.Client(base_url=graphite, timeout=30)

    def ready(self) -> dict[str, str]:
        """Return the states in /readyz, empty while the API does not respond."""
        try:
            states: dict[str, str] = self._api.get("/readyz").json()
        except httpx.HTTPError:
            return {}
        return states

    def post(self, path: str, body: Any) -> Any:
        """Return the body of the response to a POST. Raises Failed with the API's error."""
        response = self._api.post(f"/api/v1{path}", json=body)
        if response.is_error:
            raise Failed(f"POST {path}: {response.status_code} {response.text}")
        return response.json()

    def register(self) -> None:
        """Register the devices, one in thirty of them in the lab."""
        self.post(
            "/devices",
            [
                {
                    "external_id": f"device-{number}",
                    "platform": "linux",
                    "connector": "simulated",
                    "tags": ["lab"] if number % 30 == 0 else [],
                }
                for number in range(DEVICES)
            ],
        )

    def start(self, application: str) -> int:
        """Start a deployment to all devices and return its id."""
        body = {"application": application, "version": "1.0", "platform": "linux", "plan": "demo"}
        risk = {"privilege": 0.1, "supply_chain": 0.1, "vulnerabilities": 0.1}  # so low that it needs no approval
        asked = {"artifact_hash": "sha256:" + "5e" * 32, "scope": {"everyone": True}, "risk": risk}
        return int(self.post("/deployments", {**body, **asked})["id"])

    def reach_second_ring(self, number: int) -> None:
        """Wait until a second ring has devices that succeeded. Raises Failed."""

        def reached() -> bool:
            return len([ring for ring in self.deployment(number)["rings"] if ring["succeeded"]]) > 1

        wait_for("the second ring", reached, ROLLOUT_SECONDS)

    def deployment(self, number: int) -> dict[str, Any]:
        """Return the deployment, with the state `unknown` while the API does not respond."""
        try:
            response = self._api.get(f"/api/v1/deployments/{number}")
            deployment: dict[str, Any] = response.raise_for_status().json()
        except httpx.HTTPError:
            return {"state": "unknown", "rings": []}
        return deployment

    def finish(self, number: int) -> dict[str, Any]:
        """Wait until the deployment ends, and print its rings. Raises Failed unless it completed."""
        start = time.monotonic()
        while (deployment := self.deployment(number))["state"] in ("planning", "running", "unknown"):
            if time.monotonic() - start > ROLLOUT_SECONDS:
                break
            time.sleep(1)
        print(f"Deployment {number} is {deployment['state']} after {time.monotonic() - start:.0f} s:")
        for ring in deployment["rings"]:
            print(
                "  {key:11} {state:9} eligible {eligible:5}  succeeded {succeeded:5}  failed {failed:3}  "
                "silent {silent:3}  pending {pending:5}".format(**ring)
            )
        if deployment["state"] != "completed":
            raise Failed(f"deployment {number} did not complete: {deployment}")
        return deployment

    def counted(self, *series: str, statsd: str = "stats*", alone: bool = False) -> int:
        """Return the sum of counters in Graphite over the last half hour, by default those of every StatsD.

        `alone`: those that this graphite-web's own carbon has.
        """
        targets = [f"{statsd}.counters.eucora.{name}.count" for name in series]
        query: dict[str, Any] = {"target": targets, "from": "-30min", "format": "json", "local": int(alone)}
        response = self._graphite.get("/render", params=query)
        response.raise_for_status()
        return int(sum(value or 0 for result in response.json() for value, _ in result["datapoints"]))

    def compare(self, *deployments: dict[str, Any], alone: bool = False) -> None:
        """Compare the API's counters with Graphite's, which may be a few flushes behind. Raises Failed."""
        rings = [ring for deployment in deployments for ring in deployment["rings"]]
        installed = sum(ring["succeeded"] for ring in rings)
        failed = sum(ring["failed"] for ring in rings)
        rows = (
            ("devices registered", DEVICES, ("device.registered.simulated.created",)),
            ("succeeded", installed, ("assignment.*.simulated.succeeded", "assignment.*.simulated.already_compliant")),
            ("failed", failed, ("assignment.*.simulated.failed",)),
            ("rings passed", len(rings), ("deployment.total.*.passed",)),
        )
        print("                      API  Graphite")
        for name, expected, series in rows:
            deadline = time.monotonic() + 20
            while (counted := self.counted(*series, alone=alone)) != expected and time.monotonic() < deadline:
                time.sleep(1)
            print(f"  {name:18} {expected:5}  {counted:8}")
            if counted != expected:
                raise Failed(f"Graphite counts {counted} {name}, the API {expected}")


def restarted(compose: Compose, service: str, before: int) -> bool:
    """Return whether the service was restarted more than `before` times."""
    return compose.restarts(service) > before


def start(compose: Compose) -> None:
    """Start every service and wait until all are healthy. Raises Failed."""
    began = time.monotonic()
    compose.show("up", "--detach", "--build", "--wait", "--wait-timeout", f"{START_SECONDS:.0f}")
    print(f"Every service is healthy after {time.monotonic() - began:.0f} s.")


def address(ports: dict[str, str], name: str) -> str:
    """Return the URL of a published port."""
    return f"http://127.0.0.1:{ports[f'EUCORA_{name}_PORT']}"
