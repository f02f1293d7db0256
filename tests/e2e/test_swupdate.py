"""Real swupdate devices through rollouts of two rings, an abort and a rollback, against everything `make up` starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client import Client
from ops.local.paths import CHECKOUT
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack
from tests.support import series
from tests.support.api import HARMLESS
from tests.support.swupdate import MISSING, Device, Signer, image
from tests.support.waiting import eventually, settled

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")]

CONNECTORS = '[connectors.edge]\nkind = "pull"\npoll_seconds = 2\npoll_due_seconds = 1\n'
GATE = {"target": 0.2, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 0, "error_ceiling": 0.9}
RINGS: Any = [{"name": "lab", "tag": "lab", "gate": GATE}, {"name": "everyone", "gate": GATE}]
SCRIPT = """#!/bin/sh
[ "$1" = preinst ] || exit 0
[ ! -e "$DEVICE/broken" ] || exit 1
echo {version} >> "$DEVICE/installed"
"""
LAB, REST = ("lab-1", "lab-2"), ("ok-1", "broken-1", "foreign-1", "silent-1")
SECONDS = 180.0


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="eucora-"))  # short: the paths of sockets have a limit


@pytest.fixture(scope="module")
def whole(folder: Path) -> Iterator[Stack]:
    file = folder / "connectors.toml"
    file.write_text(CONNECTORS)
    overrides = {"EUCORA_CONNECTORS_FILE": str(file), "EUCORA_TOKEN_RATE": ""}
    programs = INFRASTRUCTURE + APPLICATION
    running = Stack(folder / "stack", Ports.free(), programs, durable=False, owner=os.getpid(), overrides=overrides)
    running.start()
    yield running
    series.remember(running)
    running.remove()


def flask(stack: Stack, *arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    environment = os.environ | stack.environment()
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


class Fleet:
    """The devices, who restarts them, and the person who rolls out to them."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._folder = folder
        self._signer, stranger = Signer(folder / "signer"), Signer(folder / "stranger")
        url = f"http://127.0.0.1:{stack.ports.api}"
        self.client = Client(url, flask(stack, "tokens", "create", "--subject", "you"))
        gateway = ("--subject", "gateway", "--role", "reporter", "--connector", "edge")
        token = flask(stack, "tokens", "create", *gateway)
        self.devices = {
            name: Device(folder, name, f"{url}/ddi", token, stranger if name.startswith("foreign") else self._signer)
            for name in LAB + REST
        }
        self._restarted = dict.fromkeys(self.devices, 0)
        self.left_alone: set[str] = set()
        """Devices that nobody restarts after an installation."""

    def roll_out(self, version: str) -> int:
        """Upload an image, package it and start its deployment."""
        file = self._folder / f"gateway-{version}.swu"
        file.write_bytes(image(self._folder / version, version, SCRIPT.format(version=version), self._signer))
        stored = self.client.artifacts.upload(file)
        self.client.packages.put("gateway", version, "edge", {"files": [{"sha256": stored["sha256"]}]})
        created = self.client.deployments.create(
            application="gateway",
            version=version,
            platform="linux",
            artifact_hash=f"sha256:{stored['sha256']}",
            plan="two",
            scope={"everyone": True},
            risk=HARMLESS,  # type: ignore[arg-type]  # a plain dictionary
        )
        return created["id"]

    def installed(self, name: str) -> list[str]:
        """The versions that a device has installed, one after the other."""
        file = self.devices[name].folder / "installed"
        return file.read_text().split() if file.exists() else []

    def status(self, deployment: int) -> dict[str, tuple[str, str]]:
        """What became of each device, after those that have installed something new were restarted."""
        actions = {it["external_id"]: it["action"] for it in self.client.connectors.each_agent("edge")}
        for name, device in self.devices.items():
            action = actions.get(name)
            is_waiting = action is not None and action["state"] == "open" and action["outcome"] == "installing"
            if len(self.installed(name)) > self._restarted[name] and is_waiting and name not in self.left_alone:
                self._restarted[name] = len(self.installed(name))
                device.stop()
                device.start("-c", "2")
        assignments = self.client.deployments.each_assignment(deployment)
        return {it["external_id"]: (it["status"], it["reason"] or "") for it in assignments}


@pytest.fixture(scope="module")
def fleet(whole: Stack, folder: Path) -> Iterator[Fleet]:
    made = Fleet(whole, folder)
    made.client.ring_plans.put("two", {"rings": RINGS})
    made.client.devices.register(
        [
            {"external_id": name, "platform": "linux", "connector": "edge", "tags": ["lab"] if name in LAB else []}
            for name in LAB + REST
        ]
    )
    (made.devices["broken-1"].folder / "broken").touch()
    for name, device in made.devices.items():
        if not name.startswith("silent"):
            device.start()
    yield made
    for device in made.devices.values():
        device.stop()


def test_real_devices_go_through_rollouts_an_abort_and_a_rollback(whole: Stack, fleet: Fleet) -> None:
    def become(deployment: int, expected: dict[str, tuple[str, str]]) -> None:
        def those() -> dict[str, tuple[str, str]]:
            return {name: what for name, what in fleet.status(deployment).items() if name in expected}

        assert settled(those, expected, SECONDS) == expected

    def complete(deployment: int) -> None:
        assert settled(lambda: fleet.client.deployments.get(deployment)["state"], "completed", SECONDS) == "completed"

    good, cancelled = ("succeeded", ""), ("not_applicable", "cancelled")
    first = fleet.roll_out("1.0")
    bad = {"broken-1": ("failed", "script_failed"), "foreign-1": ("failed", "bad_signature")}
    become(first, {**dict.fromkeys((*LAB, "ok-1"), good), **bad, "silent-1": ("dispatched", "")})
    complete(first)
    assert [fleet.installed(name) for name in fleet.devices] == [["1.0"], ["1.0"], ["1.0"], [], [], []]

    fleet.left_alone.add("ok-1")
    second = fleet.roll_out("2.0")
    become(second, {"ok-1": ("installing", "")})
    eventually(lambda: fleet.installed("ok-1") == ["1.0", "2.0"], seconds=SECONDS)
    fleet.client.deployments.abort(second, "It is only a try.")
    become(second, {"ok-1": cancelled, "silent-1": cancelled})
    fleet.devices["silent-1"].start()
    eventually(lambda: fleet.client.connectors.agents("edge", external_id="silent-1")["items"], seconds=SECONDS)

    back = fleet.client.deployments.rollback(second, "It was a try.")["id"]
    become(back, dict.fromkeys(LAB, good))
    complete(back)
    assert [fleet.installed(name) for name in LAB] == [["1.0", "2.0", "1.0"]] * 2
    assert fleet.installed("silent-1") == []
    flask(whole, "metrics", "reconcile", "--since", "1h")
