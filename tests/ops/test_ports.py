"""The ports of a stack beside other programs."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from dotenv import dotenv_values

from ops.local import paths, ports
from ops.local.paths import Layout, StackError
from ops.local.ports import STEP, Hosts, Ports
from ops.local.stack import INFRASTRUCTURE


@pytest.fixture
def busy() -> Iterator[Ports]:
    """Ports of which the API's and both of StatsD for metrics are in use."""
    found = Ports.free()
    with ExitStack() as opened:
        for port in (found.statsd, found.statsd_external):
            opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
        opened.enter_context(socket.create_server(("127.0.0.1", found.api)))
        yield found


def test_ports_in_use_are_moved_and_the_others_stay(busy: Ports) -> None:
    moved = busy.avoiding(("api", *INFRASTRUCTURE), fixed=())
    moved.check_free(("api", *INFRASTRUCTURE))
    changed = {name for name, port in moved.numbers().items() if port != getattr(busy, name)}
    assert changed == {"api", "statsd", "statsd_external"}
    assert all((getattr(moved, name) - getattr(busy, name)) % STEP == 0 for name in changed)
    assert f"{busy.api} → {moved.api} (the API)" in moved.difference(busy)


def test_a_port_is_not_moved_to_one_that_the_stack_needs_itself(busy: Ports) -> None:
    wanted = replace(busy, graphite=busy.api + STEP)
    moved = wanted.avoiding(("api", "graphite"), fixed=("graphite",))
    assert moved.graphite == wanted.graphite
    assert moved.api not in (busy.api, wanted.graphite)


def test_a_port_that_was_chosen_is_never_moved(busy: Ports) -> None:
    env = {"EUCORA_API_PORT": str(busy.api)}
    assert ports.named(env) == ["api"]
    assert busy.avoiding(("api",), ports.named(env)) == busy


def test_all_ports_in_use_are_named_at_once(busy: Ports) -> None:
    with pytest.raises(StackError) as caught:
        busy.check_free(("api", *INFRASTRUCTURE))
    variables = [line for line in str(caught.value).splitlines() if "is in use" in line]
    assert [line.split("set ")[1].split()[0] for line in variables] == [
        "EUCORA_API_PORT",
        "EUCORA_STATSD_PORT",
        "EUCORA_STATSD_EXTERNAL_PORT",
    ]


def test_the_last_ports_are_kept_unless_the_environment_names_others(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert ports.last_ports(layout) == Ports()
    last = Ports(api=8100, graphite=8180)
    layout.env_file.write_text("".join(f"{name}={value}\n" for name, value in last.environment().items()))
    assert Ports.default({}, ports.last_ports(layout)) == last
    assert Ports.default({"EUCORA_API_PORT": "9000"}, ports.last_ports(layout)) == replace(last, api=9000)


def test_a_port_is_sought_on_the_host_it_is_on(busy: Ports) -> None:
    assert replace(busy, hosts=Hosts(api="127.0.0.2")).avoiding(("api",), fixed=()).api == busy.api
    assert replace(busy, hosts=Hosts(api="0.0.0.0")).avoiding(("api",), fixed=()).api != busy.api


def test_the_hosts_of_the_last_run_are_known_even_if_the_machine_has_lost_them(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    last = Ports(hosts=Hosts(api="203.0.113.7", statsd="::1"))
    layout.env_file.write_text("".join(f"{name}={value}\n" for name, value in last.environment().items()))
    assert ports.last_ports(layout) == Ports.default({}, ports.last_ports(layout)) == last
    chosen = Ports.default({"EUCORA_API_HOST": "127.0.0.1"}, last)
    assert chosen.difference(last) == "203.0.113.7 → 127.0.0.1 (the API's host)"


@pytest.mark.parametrize("value", ["plain", "unix:///tmp/a%20b?x=1", "/tmp/a b/heads", "a # b", '$HOME `x` "y"', ""])
def test_the_file_of_variables_is_read_alike_by_a_shell_and_by_the_settings(tmp_path: Path, value: str) -> None:
    file = tmp_path / "env"
    file.write_text(f"EUCORA_X={paths.quoted(value)}\n")
    assert dotenv_values(file, interpolate=True) == {"EUCORA_X": value}
    script = f'. {shlex.quote(str(file))}; printf %s "$EUCORA_X"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == value
