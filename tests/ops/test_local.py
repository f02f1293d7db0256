"""The local stack, with its real programs."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from ops.local import paths, patience, processes, programs, stack as stack_module
from ops.local.__main__ import status
from ops.local.stack import INFRASTRUCTURE, Ports, Stack, StackError
from tests.ops.conftest import StackMaker
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def whole(make_stack: StackMaker) -> Stack:
    """All infrastructure programs, running."""
    stack = make_stack(*INFRASTRUCTURE)
    stack.start()
    return stack


def connect(stack: Stack, variable: str) -> psycopg.Connection[tuple[object, ...]]:
    url = urlsplit(stack.environment()[variable].replace("+psycopg", ""))
    host = parse_qs(url.query)["host"][0]
    return psycopg.connect(host=host, user=url.username, dbname="eucora", autocommit=True)


def send(port: int, *lines: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for line in lines:
            client.sendto(line.encode(), ("127.0.0.1", port))


def render(stack: Stack, target: str) -> list[float]:
    url = f"{stack.environment()['EUCORA_GRAPHITE_URL']}/render?target={target}&format=json&from=-1min"
    with urllib.request.urlopen(url, timeout=5) as answer:
        series = json.load(answer)
    return [value for one in series for value, _ in one["datapoints"] if value is not None]


# -- what is started


def test_workers_take_jobs_of_rollouts_first_and_most_never_do_other_work(tmp_path: Path) -> None:
    built = programs.build(paths.Layout(tmp_path), Ports.free(), stack_module.APPLICATION, False, "unix://redis.sock")
    queues = {name: program.argv[3:] for name, program in built.items() if "worker" in name}
    assert queues == {
        "control-worker": ("control",),
        "bulk-worker-1": ("bulk", "control", "drift"),
        "bulk-worker-2": ("bulk", "control"),
        "bulk-worker-3": ("bulk", "control"),
    }


# -- starting


def test_a_busy_port_names_the_port_and_its_variable(make_stack: StackMaker) -> None:
    ports = Ports.free()
    stack = make_stack("statsd", ports=ports)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", ports.statsd_external))
        with pytest.raises(StackError) as caught:
            stack.start()
    assert f"Port {ports.statsd_external}/udp" in str(caught.value)
    assert "EUCORA_STATSD_EXTERNAL_PORT" in str(caught.value)
    assert not stack.is_running()


def test_two_programs_on_one_port_are_refused(make_stack: StackMaker) -> None:
    stack = make_stack("carbon", ports=Ports(carbon=20003, carbon_query=20003))
    with pytest.raises(StackError, match="EUCORA_CARBON_QUERY_PORT"):
        stack.start()


def test_a_port_that_is_no_number_names_its_variable() -> None:
    assert Ports.default({"EUCORA_API_PORT": "9000"}).api == 9000
    with pytest.raises(StackError, match="EUCORA_API_PORT is 'http'"):
        Ports.default({"EUCORA_API_PORT": "http"})


def test_starting_twice_is_an_error_not_a_second_stack(make_stack: StackMaker) -> None:
    stack = make_stack("redis")
    stack.start()
    before = stack.pid("redis")
    with pytest.raises(StackError, match="already running"):
        Stack(stack.root, stack.ports, ("redis",)).start()
    assert stack.pid("redis") == before
    stack.stop()

    # A pid file that by now names somebody else: that process is left alone.
    (stack.layout.run / "redis.pid").write_text(f"{os.getpid()}\n")
    stack.start()
    assert stack.pid("redis") not in (0, before)


def test_a_program_that_does_not_start_is_named_with_the_end_of_its_log(
    make_stack: StackMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "GIVE_UP_SECONDS", 0.5)
    stack = make_stack("redis")
    folder = stack.layout.data / "redis"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "appendonly.aof").write_text("no such format\n")
    with pytest.raises(StackError, match=r"(?s)redis ends again and again.*Bad file format") as error:
        stack.start()
    assert f"delete {folder / 'appendonly.aof'}" in str(error.value)
    assert not stack.is_running()


def test_start_removes_what_a_dead_supervisor_left(make_stack: StackMaker, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("postgres", "redis", "statsd")
    stack = make_stack(*names)
    stack.start()
    key = stack.environment()["EUCORA_EVENT_KEY"]
    left = {name: stack.pid(name) for name in names}
    supervisor = processes.read_pid(stack.layout.run / "supervisord.pid")
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.is_alive(supervisor), 5)
    assert all(processes.is_alive(pid) for pid in left.values())
    assert stack.orphans() == left
    assert status(stack) == 1
    said = capsys.readouterr().out
    assert "The supervisor is gone, but these still run" in said
    assert all(f"{name} ({pid})" in said for name, pid in left.items())

    again = Stack(stack.root, stack.ports, names, durable=False)
    again.start()
    assert not any(processes.is_alive(pid) for pid in left.values())
    assert all(processes.is_alive(again.pid(name)) for name in names)
    assert again.orphans() == {}
    assert again.environment()["EUCORA_EVENT_KEY"] == key
    again.stop()
    assert not again.is_running()


def listening_on(port: int) -> socket.socket | None:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return None


def test_start_waits_for_the_port_of_a_server_that_still_answers(
    make_stack: StackMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed holder's server does: it belongs to nobody, and ends when it has answered."""
    stack = make_stack("redis", "statsd")
    stack.start()
    supervisor, statsd = processes.read_pid(stack.layout.run / "supervisord.pid"), stack.pid("statsd")
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    os.kill(statsd, signal.SIGKILL)
    assert processes.wait_until(lambda: not any(map(processes.is_alive, (supervisor, statsd))), 5)
    answering = eventually(lambda: listening_on(stack.ports.statsd_admin), "StatsD's threads keep its port")
    assert answering is not None
    check_free, refused = Ports.check_free, []

    def check(ports: Ports, names: Iterable[str]) -> None:
        try:
            check_free(ports, names)
        except StackError:
            refused.append(names)
            answering.close()
            raise

    monkeypatch.setattr(Ports, "check_free", check)
    stack.start()
    assert len(refused) == 1
    stack.stop()


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StackError, match="Remove it"):
        paths.own_folder(tmp_path / "link", 0o700)


def test_a_long_root_gets_a_short_run_folder(tmp_path: Path) -> None:
    layout = paths.Layout(tmp_path / ("deep" * 20))
    assert len(str(layout.run)) <= paths.LONGEST_RUN_FOLDER


@pytest.mark.parametrize("name", ["a b", "a=b", "tab\there"])
def test_a_root_that_redis_cannot_list_gets_a_run_folder_that_it_can(tmp_path: Path, name: str) -> None:
    layout = paths.Layout(tmp_path / name)
    assert not paths.UNREADABLE.search(str(layout.run))
    assert layout.run != paths.Layout(tmp_path / "other" / name).run


# -- running


def test_a_killed_program_comes_back(whole: Stack) -> None:
    before = whole.pid("redis")
    os.kill(before, signal.SIGKILL)
    assert processes.wait_until(lambda: whole.pid("redis") not in (0, before), 15)
    whole.restart("redis")
    assert whole.log("redis").exists()


def test_the_app_role_reads_and_writes_what_the_owner_creates_and_owns_nothing(whole: Stack) -> None:
    with connect(whole, "EUCORA_MIGRATION_DATABASE_URL") as owner:
        owner.execute("CREATE TABLE sample (id bigserial PRIMARY KEY, name text)")
    with connect(whole, "EUCORA_DATABASE_URL") as app:
        app.execute("INSERT INTO sample (name) VALUES ('a')")
        assert app.execute("SELECT name FROM sample").fetchall() == [("a",)]
        for statement in ("CREATE TABLE other ()", "DROP TABLE sample", "TRUNCATE sample"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)


def test_every_log_is_rotated(whole: Stack) -> None:
    """The supervisor writes and rotates all of them; no program keeps another log of its own."""
    conf = (whole.layout.conf / "supervisord.conf").read_text()
    programs = conf.count("[program:")
    assert programs >= len(whole.names)
    assert conf.count("stdout_logfile_maxbytes=10MB") == conf.count("stdout_logfile_backups=3") == programs
    assert conf.count("redirect_stderr=true") == programs
    elsewhere = [file for file in whole.root.rglob("*.log*") if file.is_file() and whole.layout.log not in file.parents]
    assert elsewhere == []


def test_a_counter_reaches_graphite_and_its_rate_is_not_stored(whole: Stack) -> None:
    send(whole.ports.statsd, *["eucora.sample:1|c"] * 10)
    seen = processes.wait_until(lambda: sum(render(whole, "stats.counters.eucora.sample.count")) == 10, 10)
    assert seen
    assert render(whole, "stats.counters.eucora.sample.rate") == []


def test_graphite_lists_its_functions(whole: Stack) -> None:
    with urllib.request.urlopen(f"{whole.environment()['EUCORA_GRAPHITE_URL']}/functions", timeout=5) as answer:
        assert "sumSeries" in json.load(answer)


# -- StatsD, with a carbon that only listens


class Carbon:
    """Collects what StatsD flushes."""

    def __init__(self, port: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self._server.settimeout(0.2)
        self.lines: list[str] = []

    def receive(self) -> None:
        """Take one flush, if there is one."""
        try:
            connection, _ = self._server.accept()
        except TimeoutError:
            return
        with connection, connection.makefile() as stream:
            self.lines.extend(stream.read().splitlines())

    def total(self, name: str) -> float:
        """Return the sum of a counter over all flushes."""
        prefix = f"stats.counters.{name}.count "
        return sum(float(line.split()[1]) for line in self.lines if line.startswith(prefix))

    def close(self) -> None:
        """Stop listening."""
        self._server.close()


@pytest.fixture(scope="module")
def statsd(make_stack: StackMaker) -> Stack:
    """StatsD alone, running."""
    stack = make_stack("statsd")
    stack.start()
    return stack


def test_the_external_port_passes_its_own_names_only_and_counts_the_rest(statsd: Stack) -> None:
    carbon = Carbon(statsd.ports.carbon)
    pid = statsd.pid("statsd")
    good = ("eucora.external.shop.orders:3|c", "eucora.external.shop.orders:1|c|@0.5")
    bad = (
        "eucora.deployment.total.lab.completed:1|c",
        "eucora.external.x;tag=1:1|c",
        "eucora.external.x:Infinity|c",
        "eucora.external.x:1|c|@Infinity",
        "eucora.external.x:1|c|@0",
        "eucora.external.:1|c",
    )
    send(statsd.ports.statsd_external, "\n".join((*good, *bad)))
    # On our own port only what would crash StatsD 0.9.0 is dropped.
    send(statsd.ports.statsd, "eucora.own:1|c|@Infinity\neucora.own:2|c\neucora.own:1|c|@0.1")
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline and not carbon.total("eucora.own"):
        carbon.receive()
    carbon.close()
    assert carbon.total("eucora.external.shop.orders") == 5
    assert carbon.total("eucora.statsd.external.dropped") == len(bad)
    assert carbon.total("eucora.own") == 12
    assert carbon.total("eucora.statsd.malformed") == 1
    assert statsd.pid("statsd") == pid
    names = {line.split()[0] for line in carbon.lines}
    assert not any("deployment" in name or "external.x" in name for name in names)


def test_statsd_loses_nothing_when_it_is_stopped(statsd: Stack) -> None:
    carbon = Carbon(statsd.ports.carbon)
    pid = statsd.pid("statsd")
    send(statsd.ports.statsd, *["eucora.last:1|c"] * 100)
    os.kill(pid, signal.SIGTERM)
    while processes.is_alive(pid):
        carbon.receive()
    carbon.receive()
    carbon.close()
    assert carbon.total("eucora.last") == 100
