"""A short history on a whole stack: every scenario ends as expected, and the totals are equal."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack
from tests.support import series

ROOT = Path(__file__).parents[2]
PROFILE = '{"failure": 0, "silent": 0, "fastest_seconds": 0.1, "slowest_seconds": 0.5}'


@pytest.fixture(scope="module")
def whole() -> Iterator[Stack]:
    """Everything that `make up` starts, with devices in a hurry."""
    root, profile = Path(tempfile.mkdtemp(prefix="eucora-")), {"EUCORA_SIMULATED_PROFILE": PROFILE}
    programs = INFRASTRUCTURE + APPLICATION
    running = Stack(root, Ports.free(), programs, durable=False, owner=os.getpid(), overrides=profile)
    running.start()
    yield running
    series.remember(running)
    running.remove()


def flask(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env={**os.environ, **stack.environment()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.e2e
def test_a_short_history_ends_as_expected_and_adds_up(whole: Stack) -> None:
    done = flask(whole, "demo", "--history", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "is approved",
        "fails and rolls back",
        "is promoted",
        "is rejected",
        "all totals agree exactly",
        "counters ring.promotion.lab.canary.manual",
        "counters rollback.total.lab.passed",
        "counters approval.invalidated",
        "counters approval.rejected",
        "Drift was found",
    ):
        assert line in done.stdout
    replayed = flask(whole, "events", "replay-gates")
    assert replayed.returncode == 0, replayed.stdout
    assert ", 0 findings" in replayed.stdout
    report = flask(whole, "slo", "report", "--format", "markdown")
    assert report.returncode == 0, report.stderr
    born = [line for line in report.stdout.splitlines() if line.startswith(("| Deployment success", "| Compliance"))]
    assert len(born) == 2
    assert all(line.endswith(": equal |") for line in born), report.stdout
