"""On a whole stack: `make up` again, and a short history that ends as expected with equal totals."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from client import Client
from ops.local import __main__ as commands, ready
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack, StackError
from ops.local.supervisor import Supervisor
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
def test_up_on_a_running_stack_starts_what_is_missing_and_prints_the_addresses(
    whole: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped, others = "scheduler", {name: whole.pid(name) for name in whole.names if name != "scheduler"}
    Supervisor(whole.layout.run / "supervisor.sock").stop(stopped)
    printed = []
    for _ in range(2):
        commands.up(whole)
        printed.append(capsys.readouterr().out)
        assert ready.scheduler(whole.layout.redis_url, whole.layout.run / f"{stopped}.pid")
    assert {name: whole.pid(name) for name in others} == others
    assert printed[0] == printed[1]
    page, token = re.findall(r"(http://\S+)/dashboards#token=(\S+)", printed[0])[0]
    with Client(page, token) as client:
        assert list(client.deployments.each()) == []


@pytest.mark.e2e
def test_up_refuses_to_move_the_ports_of_a_running_stack(whole: Stack) -> None:
    with pytest.raises(StackError, match="make down"):
        commands.up(whole.with_ports(replace(whole.ports, api=whole.ports.api + 1)))


@pytest.mark.e2e
def test_a_short_history_ends_as_expected_and_adds_up(whole: Stack) -> None:
    done = flask(whole, "demo", "--history", "4", "--totals")
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "is approved",
        "fails and rolls back",
        "is promoted",
        "is rejected",
        "totals equal",
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
