"""The walk-through of docs/api.md, run as it stands there on everything that `make up` starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Client
from ops.local.paths import CHECKOUT
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack
from tests.support import series

ADDRESS = "http://127.0.0.1:8000"
PROFILE = '{"failure": 0, "silent": 0, "fastest_seconds": 0.1, "slowest_seconds": 0.5}'
TEXT = (CHECKOUT / "docs" / "api.md").read_text()
_, _, REST = TEXT.partition("## Walk-through\n")
WALK, _, _ = REST.partition("\n## ")


@pytest.fixture(scope="module")
def whole() -> Iterator[Stack]:
    root, profile = Path(tempfile.mkdtemp(prefix="eucora-")), {"EUCORA_SIMULATED_PROFILE": PROFILE}
    programs = INFRASTRUCTURE + APPLICATION
    running = Stack(root, Ports.free(), programs, durable=False, owner=os.getpid(), overrides=profile)
    running.start()
    yield running
    series.remember(running)
    running.remove()


@pytest.fixture(scope="module")
def token(whole: Stack) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--subject", "you"]
    environment = os.environ | whole.environment()
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def blocks(language: str) -> str:
    """The walk-through's blocks in a language, one after the other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", WALK, re.DOTALL | re.MULTILINE))


def run(command: list[str], script: str, whole: Stack, token: str, folder: Path) -> str:
    script = script.replace(ADDRESS, f"http://127.0.0.1:{whole.ports.api}").replace("eucora_…", token)
    environment = os.environ | {"TOKEN": token, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        command, input=script, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.e2e
def test_the_walk_through_with_curl(whole: Stack, token: str, tmp_path: Path) -> None:
    printed = run(["bash", "-euo", "pipefail"], blocks("sh"), whole, token, tmp_path)
    assert '{"line":41,"status":"created"}' in printed.replace(" ", "")
    assert ": completed" in printed
    assert printed.endswith("the rollback is completed\n")
    with Client(f"http://127.0.0.1:{whole.ports.api}", token) as client:
        back, there = client.deployments.list()["items"]
    assert back["rolls_back"] == there["id"]
    assert {back["state"], there["state"]} == {"completed"}


@pytest.mark.e2e
def test_the_walk_through_with_the_client(whole: Stack, token: str, tmp_path: Path) -> None:
    lines = run([sys.executable, "-"], blocks("python"), whole, token, tmp_path).splitlines()
    assert lines[0] == "you"
    assert lines[-1] == "completed"
    assert lines.count("completed") == 2
