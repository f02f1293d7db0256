"""On everything that `make up` starts: `make up` again, the walk-through of docs/api.md, a short history, an outage.

One stack serves all tests, which run in this order: the first finds nothing deployed, the last takes the metrics away.
"""

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

from app.demo import fleet, rollout
from client import Client
from ops.local import __main__ as commands, ready
from ops.local.paths import CHECKOUT
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack, StackError
from ops.local.supervisor import Supervisor
from tests.support import series

ADDRESS = "http://127.0.0.1:8000"
PROFILE = '{"failure": 0, "silent": 0, "fastest_seconds": 0.1, "slowest_seconds": 0.5}'
PIPELINE = ("statsd", "graphite", "carbon")
TEXT = (CHECKOUT / "docs" / "api.md").read_text()
_, _, REST = TEXT.partition("## Walk-through\n")
WALK, _, _ = REST.partition("\n## ")


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


@pytest.fixture(scope="module")
def token(whole: Stack) -> str:
    done = flask(whole, "tokens", "create", "--subject", "you")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def client(whole: Stack, token: str) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{whole.ports.api}", token) as made:
        yield made


def flask(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=CHECKOUT,
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
def test_the_walk_through_with_curl(whole: Stack, client: Client, token: str, tmp_path: Path) -> None:
    printed = run(["bash", "-euo", "pipefail"], blocks("sh"), whole, token, tmp_path)
    assert '{"line":41,"status":"created"}' in printed.replace(" ", "")
    assert ": completed" in printed
    assert printed.endswith("the rollback is completed\n")
    back, there = client.deployments.list()["items"]
    assert back["rolls_back"] == there["id"]
    assert {back["state"], there["state"]} == {"completed"}


@pytest.mark.e2e
def test_the_walk_through_with_the_client(whole: Stack, token: str, tmp_path: Path) -> None:
    lines = run([sys.executable, "-"], blocks("python"), whole, token, tmp_path).splitlines()
    assert lines[0] == "you"
    assert lines[-1] == "completed"
    assert lines.count("completed") == 2


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


@pytest.mark.e2e
def test_a_rollout_needs_no_metrics_pipeline(whole: Stack, client: Client) -> None:
    """Without StatsD, carbon and graphite-web it completes; only readiness reports that they are missing."""
    supervisor = Supervisor(whole.layout.run / "supervisor.sock")
    for name in PIPELINE:
        supervisor.stop(name)
    for name in ("api", "control-worker", "scheduler"):
        whole.restart(name)  # it starts without the pipeline too
    assert fleet.register(client, 500) == {"created": 500}
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
