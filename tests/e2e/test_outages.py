"""Without StatsD, carbon and graphite-web a rollout completes; only readiness reports that they are missing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo import fleet, rollout
from client import Client
from ops.local.stack import APPLICATION, Ports, Stack
from tests.support import series

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def blind() -> Iterator[Stack]:
    """The stack without its metrics pipeline."""
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    profile = {"EUCORA_SIMULATED_PROFILE": '{"failure": 0, "silent": 0}'}
    programs = ("postgres", "redis", *APPLICATION)
    running = Stack(root, Ports.free(), programs, durable=False, owner=os.getpid(), overrides=profile)
    running.start()
    yield running
    series.remember(running)
    running.remove()


def test_a_rollout_needs_no_metrics_pipeline(blind: Stack) -> None:
    url = f"http://127.0.0.1:{blind.ports.api}"
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--subject", "tester"],
        cwd=ROOT,
        env={**os.environ, **blind.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    client = Client(url, made.stdout.strip())
    assert fleet.register(client, 1_000) == {"created": 1_000}
    deployment = rollout.begin(client, "blind", "1", "sha256:" + "5e" * 32)
    ended = list(rollout.watch(client, deployment, 400))[-1]
    assert ended["state"] == "completed"
    assert client.health.ready() == {
        "status": "ok",
        "database": "ok",
        "redis": "ok",
        "statsd": "does not answer",
        "graphite": "does not answer",
    }
