"""The API and StatsD on addresses as people write them; one that cannot work is named with its setting."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from app.demo.calling import api_url
from app.doctor import addresses, pipeline
from app.doctor.check import CheckContext, CheckResult, CheckState
from app.metrics import emitter
from app.metrics.emitter import Batch, Emitter
from app.settings import Settings
from ops.local import ready
from ops.local.__main__ import up
from ops.local.ports import Hosts, Ports, last_ports, variable
from ops.local.stack import Stack, StackError
from tests.ops.conftest import StackMaker
from tests.support.ipv6 import needs_ipv6
from tests.support.serving import CHECKOUT, command, serving
from tests.support.waiting import eventually

ELSEWHERE = "203.0.113.7"
"""An address for documentation (RFC 5737), which no machine has."""


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), pytest.param("[::1]", "::1", marks=needs_ipv6)],
)
def test_the_api_listens_where_its_setting_says(app: Flask, tmp_path: Path, host: str, address: str) -> None:
    with serving(tmp_path / "log", address=address, EUCORA_API_HOST=host) as api:
        assert httpx.get(f"{api.url}/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("host", [ELSEWHERE, "2001:db8::7", "no-such-host.invalid", "127.0.0.1:8000", "http://x"])
def test_an_api_host_that_cannot_work_is_named(app: Flask, host: str) -> None:
    environment = {**os.environ, "EUCORA_API_HOST": host, "EUCORA_API_PORT": str(Ports.free().api)}
    done = subprocess.run(command(), cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert re.search(rf"EUCORA_API_HOST.*{re.escape(host)}", done.stderr), done.stderr


@pytest.fixture(scope="module")
def statsd(make_stack: StackMaker) -> Iterator[Stack]:
    """A StatsD on IPv6, to which the local stack sends."""
    ports = Ports.default({"EUCORA_STATSD_LISTEN": "[::1]", "EUCORA_API_HOST": "::"})
    free = Ports.free()
    ports = Ports(
        statsd=free.statsd, statsd_external=free.statsd_external, statsd_admin=free.statsd_admin, hosts=ports.hosts
    )
    stack = make_stack("statsd", ports=ports)
    stack.start()
    yield stack
    stack.stop()


@needs_ipv6
def test_statsd_and_what_sends_to_it_use_ipv6(statsd: Stack) -> None:
    """Our own measures, also of a forked process, and the doctor's to the external port."""
    settings = statsd.environment()
    assert settings["EUCORA_STATSD_HOST"] == "::1"
    assert ready.statsd(statsd.ports.statsd_admin, "::1")
    ours = Emitter(settings["EUCORA_STATSD_HOST"], statsd.ports.statsd)
    ours.after_fork()
    batch = Batch()
    batch.gauges["test.over_ipv6"] = 3
    ours.send(batch)
    external = emitter.PackedClient("::1", statsd.ports.statsd_external)
    external.send_packed(b"eucora.external.test.over_ipv6:1|g")
    external.close()

    def gauges() -> str:
        with socket.create_connection(("::1", statsd.ports.statsd_admin), 5) as connection:
            connection.sendall(b"gauges\n")
            with connection.makefile() as answer:
                return "".join(iter(answer.readline, "END\n"))

    expected = ("'eucora.test.over_ipv6': 3", "'eucora.external.test.over_ipv6': 1")
    eventually(lambda: all(gauge in gauges() for gauge in expected), gauges)


@needs_ipv6
def test_make_up_prints_where_programs_listen_and_forgets_hosts_at_the_next_start(
    make_stack: StackMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = make_stack("statsd")
    (stack.root / "token").write_text("for this test")

    def printed() -> str:
        """What `make up` prints of StatsD, with the ports and hosts of the last run."""
        up(stack.with_ports(Ports.default(os.environ, last_ports(stack.layout))))
        return next(line for line in capsys.readouterr().out.splitlines() if line.startswith("StatsD"))

    for name, port in stack.ports.numbers().items():
        monkeypatch.setenv(variable(name), str(port))
    monkeypatch.setenv("EUCORA_STATSD_LISTEN", "[::1]")
    assert f" [::1]:{stack.ports.statsd}/udp" in printed()
    monkeypatch.delenv("EUCORA_STATSD_LISTEN")
    assert f" [::1]:{stack.ports.statsd}/udp" in printed()
    monkeypatch.setenv("EUCORA_STATSD_LISTEN", "127.0.0.1")
    with pytest.raises(StackError, match=r"::1 → 127\.0\.0\.1"):
        printed()
    monkeypatch.delenv("EUCORA_STATSD_LISTEN")
    stack.stop()
    assert f" 127.0.0.1:{stack.ports.statsd}/udp" in printed()


@pytest.mark.parametrize(("host", "url"), [("::", "http://[::1]:8000"), ("0.0.0.0", "http://127.0.0.1:8000")])
def test_the_demo_calls_and_prints_an_address_that_can_be_reached(app: Flask, host: str, url: str) -> None:
    assert api_url(Settings().model_copy(update={"api_host": host, "api_port": 8000})) == url


@pytest.mark.parametrize("host", [ELSEWHERE, "no-such-host.invalid"])
def test_a_statsd_that_cannot_listen_names_the_setting(stack: Stack, host: str) -> None:
    home, free = stack.layout.home, Ports.free()
    argv = (home / "bin" / "node", home / "statsd" / "node_modules" / "statsd" / "stats.js", "ops/statsd/config.js")
    environment = {**os.environ, **free.environment(), "EUCORA_STATSD_LISTEN": host}
    done = subprocess.run([*map(str, argv)], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert f"EUCORA_STATSD_LISTEN={host}" in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["EUCORA_API_HOST", "EUCORA_STATSD_LISTEN"])
@pytest.mark.parametrize("host", [ELSEWHERE, "127.0.0.1:80", "no such host"])
def test_the_local_stack_names_a_host_that_cannot_work(name: str, host: str) -> None:
    with pytest.raises(StackError, match=f"{name} is '{host}'"):
        Hosts.default({name: host})


# -- the doctor


def check(stack: Stack, **changes: object) -> CheckResult:
    return addresses.addresses(CheckContext(Settings().model_copy(update=changes)))


def test_the_doctor_lists_the_hosts(stack: Stack) -> None:
    several = "postgresql+psycopg://eucora_app:hidden@/eucora?host=127.0.0.1,127.0.0.2&port=5432,5433"
    result = check(stack, database_url=several)
    assert result.state is CheckState.OK, result
    for listed in ("EUCORA_API_HOST 127.0.0.1", "EUCORA_DATABASE_URL 127.0.0.2", "EUCORA_GRAPHITE_URL 127.0.0.1"):
        assert listed in result.detail
    assert "hidden" not in result.detail


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("api_host", ELSEWHERE),
        ("statsd_host", "no-such-host.invalid"),
        ("carbon_host", "no-such-host.invalid"),
        ("graphite_url", "http://no-such-host.invalid:8080"),
        ("database_url", "postgresql+psycopg://eucora_app@no-such-host.invalid/eucora"),
        ("database_url", "postgresql+psycopg://eucora_app@/eucora?host=127.0.0.1:1&host=no-such-host.invalid:2"),
    ],
)
def test_the_doctor_names_the_setting_of_an_address_that_cannot_work(stack: Stack, setting: str, value: str) -> None:
    result = check(stack, **{setting: value})
    assert result.state is CheckState.FAIL
    assert f"EUCORA_{setting.upper()}: " in result.detail
    assert result.detail.count("EUCORA_") == 1
    assert result.fix


@needs_ipv6
def test_the_doctors_canaries_go_over_ipv6(statsd: Stack, stack: Stack) -> None:
    """They are sent; this StatsD has no carbon, so they are not found."""
    ports = {
        "statsd_port": statsd.ports.statsd,
        "statsd_external_port": statsd.ports.statsd_external,
        "statsd_admin_port": statsd.ports.statsd_admin,
    }
    context = CheckContext(Settings().model_copy(update={"statsd_host": "::1", **ports}), patience=1)
    for canary in (pipeline.udp_path, pipeline.external_port):
        assert "was sent but not found" in canary(context).detail
    assert f"Is StatsD on [::1]:{statsd.ports.statsd}/udp" in pipeline.udp_path(context).fix
