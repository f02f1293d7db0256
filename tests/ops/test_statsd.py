"""StatsD with our server module and the committed configuration, flushing into the real carbon."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.clock import SAMPLE_SECONDS
from app.doctor.pipeline import REJECTED
from app.metrics import catalogue as m
from app.metrics.foreign import FOREIGN
from app.metrics.reading.graphite import Graphite
from ops.local import processes, ready
from ops.local.ports import Ports
from ops.local.stack import Stack

PAGE = Path("docs/operations.md")
EXTERNAL = f"{m.PREFIX}.external"


@pytest.fixture(scope="module")
def graphite(stack: Stack) -> Graphite:
    """What is stored."""
    return Graphite(stack.environment()["EUCORA_GRAPHITE_URL"])


@pytest.fixture
def total(graphite: Graphite) -> Callable[[str], float]:
    """The sum of all series of a target, since the test began."""
    began = int(time.time()) - 1

    def asked(target: str) -> float:
        return sum(one.total for one in graphite.render([target], began, int(time.time()) + 2))

    return asked


def send(port: int, *datagrams: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for datagram in datagrams:
            client.sendto(datagram.encode(), ("127.0.0.1", port))


def count(name: str) -> str:
    return f"stats.counters.{name}.count"


# -- the kernel's drops


def test_what_the_kernel_drops_is_counted(stack: Stack, total: Callable[[str], float]) -> None:
    """StatsD stands still, its buffer runs over, it goes on: what it did not get to read is known exactly."""
    name, pid, sent = f"{m.PREFIX}.test.flood", stack.pid("statsd"), 0
    os.kill(pid, signal.SIGSTOP)
    try:
        while not overflown(stack.ports.statsd) and sent < 200_000:
            send(stack.ports.statsd, *[f"{name}:1|c"] * 1_000)
            sent += 1_000
    finally:
        os.kill(pid, signal.SIGCONT)
    dropped = m.STATSD_KERNEL_DROPPED.series("count")
    assert processes.wait_until(lambda: total(count(name)) + total(dropped) == sent, 15)
    assert total(dropped) > 0
    assert stack.pid("statsd") == pid


def overflown(port: int) -> bool:
    """Whether the kernel says that the socket of this port lost something."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and int(row[12]) > 0 for row in rows)


# -- lines with several values


PACKED = {
    "ms:2|ms": (1 + 2, "timers", "sum"),
    "ms|@0.5:3|ms:5|ms": (1 + 3 + 5, "timers", "sum"),
    "c:2|c|@0.5:-1|c": (1 + 4 - 1, "counters", "count"),
    "c:1.5e1|c": (1 + 15, "counters", "count"),
}


@pytest.mark.parametrize("line", PACKED)
@pytest.mark.parametrize("port", ["statsd", "statsd_external"])
def test_packed_lines_pass_on_both_ports(stack: Stack, total: Callable[[str], float], port: str, line: str) -> None:
    value, kind, aspect = PACKED[line]
    name = f"{EXTERNAL}.packed.{port}_{list(PACKED).index(line)}"
    send(getattr(stack.ports, port), f"{name}:1|{line}")
    assert processes.wait_until(lambda: total(f"stats.{kind}.{name}.{aspect}") == value, 5)


def test_a_packed_gauge_gets_below_zero_and_a_set_counts_what_differs(stack: Stack, graphite: Graphite) -> None:
    send(
        stack.ports.statsd_external,
        f"{EXTERNAL}.depth:0|g:-5|g\n{EXTERNAL}.depth:+2|g",
        f"{EXTERNAL}.who:ann|s:bob|s:ann|s",
    )

    def last(series: str) -> list[float]:
        now = int(time.time())
        return [v for one in graphite.render([series], now - 10, now + 2) for v, _ in one.points if v is not None][:1]

    assert processes.wait_until(lambda: last(f"stats.gauges.{EXTERNAL}.depth") == [-3], 5)
    assert processes.wait_until(lambda: last(f"stats.sets.{EXTERNAL}.who.count") == [2], 5)


AS_SENT = {
    "crlf": ("{}.crlf:1|c\r\n", "counters", "count", 1),
    "many": ("{}.many:1|c\r\n{}.many:2|c\r\n \r\n", "counters", "count", 3),
    "blank": ("{}.blank:1|c \n", "counters", "count", 1),
    "decimals": ("{}.decimals:0.0000012345678901234567|ms", "timers", "sum", 0.0000012345678901234567),
    "digits": (f"{{}}.digits:{'1' * 40}|c", "counters", "count", float("1" * 40)),
    "point": ("{}.point:.5|ms", "timers", "sum", 0.5),
    "plus": ("{}.plus:+5.|c", "counters", "count", 5),
    "power": ("{}.power:1E+3|c", "counters", "count", 1_000),
    "within": ("{}.within: 2 |c|@0.5\r\n", "counters", "count", 4),
    "rate": ("{}.rate:1|c|@.25\r", "counters", "count", 4),
    "fine_rate": ("{}.fine_rate:1|c|@0.1000000000000000055511151231257827", "counters", "count", 10),
    "whole": ("{}.whole:1|ms|@1.0", "timers", "count", 1),
}


@pytest.mark.parametrize("what", AS_SENT)
@pytest.mark.parametrize("port", ["statsd", "statsd_external"])
def test_lines_arrive_as_senders_write_them(stack: Stack, total: Callable[[str], float], port: str, what: str) -> None:
    line, kind, aspect, value = AS_SENT[what]
    name = f"{EXTERNAL}.sent.{port}"
    send(getattr(stack.ports, port), line.replace("{}", name))
    series = f"stats.{kind}.{name}.{what}.{aspect}"
    assert processes.wait_until(lambda: total(series) == pytest.approx(value, rel=1e-9), 10), total(series)


def test_nothing_else_passes_the_external_port(stack: Stack, graphite: Graphite, total: Callable[[str], float]) -> None:
    name = f"{EXTERNAL}.refused"
    bad = (
        f"{m.PREFIX}.deployment.total.lab.passed:1|c",
        f"{m.PREFIX}.externally.x:1|c",
        "statsd.packets_received:1|c",
        f"{name}",
        f"{name}:",
        f"{name}:1",
        f"{name}:1|x",
        f"{name}:1|c:",
        f"{name}:1|c:two|c",
        f"{name}:1|c|@0",
        f"{name}:1|c|@0.{'0' * 400}1",
        f"{name}:1e400|c",
        f"{name}:{'9' * 400}|c",
        f"{name}:-1|ms",
        f"{name}:+-1|g",
        f"{name}:1|c|#tag:x",
        f"{name};tag=1:1|c",
        f"{name}..x:1|c",
        f"{name}/../x:1|c",
        f"{name}. x:1|c",
        f"{EXTERNAL}.{'x' * 250}:1|c",
        f"{EXTERNAL}.é:1|c",
        f"{name} :1|c",
        f"{name}:|c",
        f"{name}:1e120|c",
        f"{name}:1|c|@1e-3",
        f"{name}:1|c|@1.5",
        f"{name}:1|g|@0.5",
        "\0" * 20,
    )
    send(stack.ports.statsd_external, *bad, f"{EXTERNAL}.after:1|c")
    dropped = m.STATSD_EXTERNAL_DROPPED.series("count")
    assert processes.wait_until(lambda: total(dropped) == len(bad) and total(count(f"{EXTERNAL}.after")) == 1, 5)
    now = int(time.time())
    assert "refused" not in graphite.find(f"stats.*.{EXTERNAL}.*", 0, now)
    assert graphite.find(f"stats.counters.{m.PREFIX}.externally", 0, now) == []
    assert processes.is_alive(stack.pid("statsd"))


def test_refused_lines_are_kept_as_examples(stack: Stack) -> None:
    refused = {
        f"{EXTERNAL}.example:1|d": "the type is none of c, ms, g, s",
        f"{EXTERNAL}.example:two|c": "the value is not a number",
        f"{EXTERNAL}.\x07é{'x' * 100}:1|c": "the name has other characters than letters",
    }
    for _ in range(2):
        send(stack.ports.statsd_external, *refused)

    def examples() -> list[dict[str, Any]]:
        stats = admin(stack.ports.statsd_admin, "stats").splitlines()
        return [json.loads(line.removeprefix(REJECTED)) for line in stats if line.startswith(REJECTED)]

    def are_those() -> bool:
        reasons = [example["reason"] for example in examples()]
        return all(map(str.startswith, reasons, reversed(refused.values())))

    assert processes.wait_until(are_those, 10), examples()
    newest = examples()[0]
    assert newest["line"] == (f"{EXTERNAL}.\\x07\\xc3\\xa9" + "x" * 100)[: len(newest["line"]) - 3] + "..."
    assert newest["lines"] >= 2
    assert newest["port"] == stack.ports.statsd_external
    assert newest["sender"] == "127.0.0.1"


# -- what is left out


def test_only_the_timer_series_that_are_read_are_made(stack: Stack, graphite: Graphite) -> None:
    send(stack.ports.statsd, f"{m.PREFIX}.test.timer:5|ms:7|ms")
    wanted = {"count", "sum", "mean", "upper", "upper_50", "upper_95", "upper_99"}

    def made() -> set[str]:
        return set(graphite.find(f"stats.timers.{m.PREFIX}.test.timer.*", 0, int(time.time())))

    assert processes.wait_until(lambda: made() == wanted, 10)


def test_every_series_of_the_pipelines_own_is_there(stack: Stack, graphite: Graphite) -> None:
    """After carbon's first ten seconds; that of writes after the first write."""

    def missing() -> list[str]:
        now = int(time.time())
        found = {one.name for one in graphite.render([it.series for it in FOREIGN], now - 120, now + 2)}
        patterns = {it.series: re.compile(re.escape(it.series).replace(r"\*", "[^.]*")) for it in FOREIGN}
        return [series for series, pattern in patterns.items() if not any(map(pattern.fullmatch, found))]

    assert processes.wait_until(lambda: missing() == [], 30)


def admin(port: int, command: str) -> str:
    """Ask StatsD's admin port."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(f"{command}\n".encode())
        with connection.makefile() as answer:
            lines = iter(answer.readline, "END\n")
            return "".join(lines)


def test_idle_series_end_with_the_flush(stack: Stack, graphite: Graphite) -> None:
    send(
        stack.ports.statsd,
        f"{m.PREFIX}.test.idle:1|c",
        f"{m.PREFIX}.test.idle_timer:1|ms",
        "eucora.test.idle_gauge:1|g",
    )
    series = ("gauges.{}.test.idle_gauge", "counters.{}.test.idle.count", "timers.{}.test.idle_timer.count")

    def points() -> list[int]:
        now = int(time.time())
        asked = (graphite.render([f"stats.{one.format(m.PREFIX)}"], now - 60, now + 2) for one in series)
        return [sum(v is not None for one in answer for v, _ in one.points) for answer in asked]

    assert processes.wait_until(lambda: points()[0] >= 3, 10)
    assert points()[1:] == [1, 1]
    assert "test.idle'" not in admin(stack.ports.statsd_admin, "counters")


def test_a_gauge_that_is_not_set_again_ends_after_its_life(stack: Stack, tmp_path: Path) -> None:
    """The committed configuration with a life of three flushes in place of forty, in a StatsD without carbon."""
    text = Path("ops/statsd/config.js").read_text()
    life = f"gaugesMaxTTL: {4 * SAMPLE_SECONDS},"
    assert life in text
    (tmp_path / "config.js").write_text(text.replace(life, "gaugesMaxTTL: 3,"))
    for module in ("udp.js", "lines.js"):
        shutil.copy(f"ops/statsd/{module}", tmp_path)
    ports, home = Ports.free(), stack.layout.home
    command = (home / "bin" / "node", home / "statsd" / "node_modules" / "statsd" / "stats.js", tmp_path / "config.js")
    running = subprocess.Popen([*map(str, command)], env=os.environ | ports.environment(), stdout=subprocess.DEVNULL)
    try:
        assert processes.wait_until(lambda: ready.statsd(ports.statsd_admin), 20)
        name = f"{m.PREFIX}.test.mortal"

        def lives() -> bool:
            return name in admin(ports.statsd_admin, "gauges")

        send(ports.statsd, f"{name}:1|g")
        assert processes.wait_until(lives, 2)
        assert processes.wait_until(lambda: not lives(), 10)
    finally:
        running.terminate()
        assert running.wait(10) == 0


def test_a_line_that_would_crash_statsd_is_counted(stack: Stack, total: Callable[[str], float]) -> None:
    send(stack.ports.statsd, f"{m.PREFIX}.test.never:1|c|@Infinity")
    assert processes.wait_until(lambda: total(m.STATSD_MALFORMED.series("count")) == 1, 10)
    assert total(count(f"{m.PREFIX}.test.never")) == 0


# -- as the page shows it


def examples() -> dict[str, str]:
    """The blocks of the page's section on other programs' metrics, by language."""
    section = PAGE.read_text().split("\n## Other programs' metrics\n")[1].split("\n## ")[0]
    return dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))


def run_example(language: str, text: str) -> None:
    """Run it as a reader would; where `nc` is not installed, a function of the shell takes its place on /dev/udp."""
    if language == "python":
        command = [sys.executable, "-c", text]
    else:
        nc = 'command -v nc >/dev/null || nc() { cat >"/dev/udp/${@: -2:1}/${@: -1}"; }\n'
        command = ["bash", "-euc", nc + text]
    subprocess.run(command, check=True, timeout=20)


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_examples_of_the_page_arrive(stack: Stack, total: Callable[[str], float], language: str) -> None:
    text = examples()[language]
    assert text.count("8127") == 1
    series = re.findall(rf"({EXTERNAL}[\w.]+):(\d+)\|(c|ms)", text)
    assert series
    run_example(language, text.replace("8127", str(stack.ports.statsd_external)))
    wanted = {count(n) if kind == "c" else f"stats.timers.{n}.sum": float(value) for n, value, kind in series}
    assert processes.wait_until(lambda: {target: total(target) for target in wanted} == wanted, 5)


def test_the_script_has_five_lines() -> None:
    assert len(examples()["python"].strip().splitlines()) <= 5
