"""Several StatsDs before one carbon: each has a prefix of its own, and what reads them adds them up."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.metrics import catalogue as m
from app.metrics.reading.graphite import Graphite
from ops.grafana import build
from ops.local import processes
from ops.local.paths import HOME
from ops.local.ports import Ports
from ops.local.stack import Stack


@pytest.fixture
def graphite(stack: Stack) -> Graphite:
    """What is stored."""
    return Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])


def send(port: int, *datagrams: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for datagram in datagrams:
            client.sendto(datagram.encode(), ("127.0.0.1", port))


@pytest.mark.parametrize(
    ("prefix", "used"),
    [("", "stats"), ("stats_b", "stats_b"), ("stats_ip-10-0-0-1.example.org", "stats_ip-10-0-0-1_example_org")],
)
def test_a_prefix_is_one_node_of_the_names(prefix: str, used: str) -> None:
    """The patterns of carbon's schemas, and of panels, expect one."""
    script = "console.log(eval(require('fs').readFileSync(process.argv[2], 'utf8')).graphite.globalPrefix)"
    done = subprocess.run(
        [str(HOME / "bin" / "node"), "-e", script, "-", "ops/statsd/config.js"],
        env=os.environ | {"EUCORA_STATSD_PREFIX": prefix},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == used


@pytest.fixture
def second(stack: Stack) -> Iterator[Stack]:
    """Another StatsD with a prefix of its own, before the same carbon."""
    ports = replace(Ports.free(), carbon=stack.ports.carbon)
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    overrides = {"EUCORA_STATSD_PREFIX": "stats_second"}
    other = Stack(root, ports, ("statsd",), durable=False, owner=os.getpid(), overrides=overrides)
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("EUCORA_")}
    try:
        other.start()
    finally:
        os.environ.update(before)
    yield other
    other.remove()


def test_a_prefix_that_nothing_reads_is_refused(stack: Stack) -> None:
    home = stack.layout.home
    command = (home / "bin" / "node", home / "statsd" / "node_modules" / "statsd" / "stats.js", "ops/statsd/config.js")
    environment = os.environ | Ports.free().environment() | {"EUCORA_STATSD_PREFIX": "other"}
    ended = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert "EUCORA_STATSD_PREFIX=other must begin with `stats`" in ended.stderr


def test_two_instances_with_prefixes_of_their_own_add_up(stack: Stack, second: Stack, graphite: Graphite) -> None:
    began = int(time.time()) - 1

    def total(target: str) -> float:
        return sum(one.total for one in graphite.render([target], began, int(time.time()) + 2))

    name = f"{m.PREFIX}.test.both"
    for _ in range(3):
        send(stack.ports.statsd, *[f"{name}:1|c"] * 100)
        send(second.ports.statsd, *[f"{name}:2|c"] * 100)
        time.sleep(0.4)
    assert processes.wait_until(lambda: total(f"sumSeries(stats*.counters.{name}.count)") == 900, 10)
    assert total(f"stats.counters.{name}.count") == 300
    assert total(f"stats_second.counters.{name}.count") == 600


def test_panels_and_totals_add_up_what_two_instances_counted(stack: Stack, second: Stack, graphite: Graphite) -> None:
    began, name = int(time.time()) - 1, f"{m.PREFIX}.{m.JOB_RETRIES(job='annotate')}"
    for _ in range(3):
        send(stack.ports.statsd, *[f"{name}:1|c"] * 10)
        send(second.ports.statsd, *[f"{name}:2|c"] * 10)
        time.sleep(0.4)
    series, panel = m.JOB_RETRIES.series("count", job="annotate"), build.panel("eucora-jobs", "Retries by job")
    (query,) = panel["targets"]

    def shown() -> tuple[float, float]:
        now = int(time.time()) + 2
        on_panel = sum(one.total for one in graphite.render([query["target"]], began, now))
        return graphite.totals([series], began, now)[series], on_panel

    assert processes.wait_until(lambda: shown() == (90, 90), 10), shown()
