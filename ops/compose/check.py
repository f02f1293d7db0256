"""Tests the production setup with real containers: `make compose-test`. It requires Docker with Compose.

It starts the stack in its own Compose project, on free ports and with new secrets. It rolls out a release over HTTP and
compares Graphite's counters with the API's. Then it rolls out a second release while it kills a worker and Redis. At
the end it removes everything it created.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from ops.compose.env import secret_values, write

CHECKOUT = Path(__file__).resolve().parents[2]
PORTS = ("API", "STATSD", "STATSD_EXTERNAL", "STATSD_ADMIN", "GRAPHITE", "GRAFANA")
# Enough for every ring of the plan to pass its gate, although some devices stay silent.
DEVICES = 6000
MINUTES = 60.0
START_SECONDS = 15 * MINUTES
ROLLOUT_SECONDS = 8 * MINUTES
# A container's program is the only child of its init process.
KILL_MAIN = "import os; os.kill(int(open('/proc/1/task/1/children').read().split()[0]), 9)"


class Failed(Exception):
    """The check failed; the message says why."""


class Compose:
    """One project of docker-compose.yml."""

    def __init__(self, env_file: Path) -> None:
        self._project = f"eucora-check-{secrets.token_hex(3)}"
        self._command = ("docker", "compose", "--project-name", self._project, "--env-file", str(env_file))

    def show(self, *arguments: str) -> None:
        """Run a Compose command and show its output. Raises Failed."""
        if subprocess.run((*self._command, *arguments), cwd=CHECKOUT, check=False).returncode:
            raise Failed(f"docker compose {' '.join(arguments)} failed")

    def read(self, *arguments: str) -> str:
        """Run a Compose command and return its output. Raises Failed."""
        return output_of(*self._command, *arguments)

    def explain(self) -> None:
        """Show the containers and the end of their logs."""
        for arguments in (("ps", "--all"), ("logs", "--tail", "30")):
            subprocess.run((*self._command, *arguments), cwd=CHECKOUT, check=False)

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
        return int(self.post("/deployments", {**body, "artifact_hash": "sha256:" + "5e" * 32, "risk": risk})["id"])

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

    def counted(self, *series: str) -> int:
        """Return the sum of counters in Graphite over the last half hour."""
        targets = [f"stats.counters.eucora.{name}.count" for name in series]
        response = self._graphite.get("/render", params={"target": targets, "from": "-30min", "format": "json"})
        response.raise_for_status()
        return int(sum(value or 0 for result in response.json() for value, _ in result["datapoints"]))

    def compare(self, deployment: dict[str, Any]) -> None:
        """Compare the API's counters with Graphite's, which may be a few flushes behind. Raises Failed."""
        installed = sum(ring["succeeded"] for ring in deployment["rings"])
        failed = sum(ring["failed"] for ring in deployment["rings"])
        rows = (
            ("devices registered", DEVICES, ("device.registered.simulated.created",)),
            ("succeeded", installed, ("assignment.*.simulated.succeeded", "assignment.*.simulated.already_compliant")),
            ("failed", failed, ("assignment.*.simulated.failed",)),
            ("rings passed", len(deployment["rings"]), ("deployment.total.*.passed",)),
        )
        print("                      API  Graphite")
        for name, expected, series in rows:
            deadline = time.monotonic() + 20
            while (counted := self.counted(*series)) != expected and time.monotonic() < deadline:
                time.sleep(1)
            print(f"  {name:18} {expected:5}  {counted:8}")
            if counted != expected:
                raise Failed(f"Graphite counts {counted} {name}, the API {expected}")


def check_rollout(rollout: Rollout) -> None:
    """Roll out undisturbed: everything is ready, the deployment completes, the counters agree."""
    if set(rollout.ready().values()) != {"ok"}:
        raise Failed(f"/readyz reports {rollout.ready()}")
    rollout.register()
    rollout.compare(rollout.finish(rollout.start("undisturbed")))


def restarted(compose: Compose, service: str, before: int) -> bool:
    """Return whether the service was restarted more than `before` times."""
    return compose.restarts(service) > before


def check_kills(compose: Compose, rollout: Rollout) -> None:
    """Kill a worker and Redis during a rollout: both restart, everything is healthy, the deployment completes."""
    number = rollout.start("disturbed")
    wait_for(
        "the second ring",
        lambda: sum(ring["succeeded"] > 0 for ring in rollout.deployment(number)["rings"]) > 1,
        ROLLOUT_SECONDS,
    )
    kills = (("worker", ("python", "-c", KILL_MAIN)), ("redis", ("sh", "-c", "kill 1")))
    before = {service: compose.restarts(service) for service, _ in kills}
    for service, kill in kills:
        compose.read("exec", "--no-TTY", "--index", "1", service, *kill)
    for service, count in before.items():
        again = partial(restarted, compose, service, count)
        seconds = wait_for(f"the restart of {service}", again, MINUTES)
        print(f"Killed {service}: restarted {seconds:.0f} s later.")
    rollout.finish(number)
    seconds = wait_for("every service healthy again", lambda: not compose.unhealthy(), 3 * MINUTES)
    print(f"Every service is healthy {seconds:.0f} s later.")


def check(compose: Compose, ports: dict[str, str]) -> None:
    """Start the stack and run both rollouts. Raises Failed."""
    start = time.monotonic()
    compose.show("up", "--detach", "--build", "--wait", "--wait-timeout", f"{START_SECONDS:.0f}")
    print(f"Every service is healthy after {time.monotonic() - start:.0f} s.")
    create = ("flask", "--app", "wsgi", "tokens", "create", "--subject", "compose-test", "--role", "admin")
    token = compose.read("exec", "--no-TTY", "api", *create).splitlines()[-1]
    rollout = Rollout(
        f"http://127.0.0.1:{ports['EUCORA_API_PORT']}", f"http://127.0.0.1:{ports['EUCORA_GRAPHITE_PORT']}", token
    )
    check_rollout(rollout)
    check_kills(compose, rollout)


def main() -> int:
    """Check, then remove everything. The exit code is 0 only if the check passed."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # keeps the order with Compose's output
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_docker()
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    ports = free_ports()
    # A variable in the caller's environment would override the one in the file.
    for name in (*secret_values(), *ports):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        env_file = Path(folder) / "env"
        write(env_file, {**secret_values(), **ports})
        compose = Compose(env_file)
        try:
            check(compose, ports)
        except (Failed, httpx.HTTPError) as error:
            compose.explain()
            print(f"compose-test failed: {error}", file=sys.stderr)
            return 1
        finally:
            compose.show("down", "--volumes", "--remove-orphans", "--timeout", "30")
    print("compose-test passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
