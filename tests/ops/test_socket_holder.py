"""The API is restarted under load: no connection is refused, and no answer is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from flask import Flask

from ops import hold
from ops.local import processes
from ops.local.ports import Ports
from tests.ops.conftest import StackMaker
from tests.support.api import make_token
from tests.support.database import empty
from tests.support.serving import CHECKOUT, command
from tests.support.waiting import PATIENCE, eventually

REQUESTS = 30
"""Answers that each client must get around a restart."""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def port() -> int:
    return Ports.free().api


@pytest.fixture
def obstacle(tmp_path: Path) -> Path:
    """While this file exists, no server starts."""
    return tmp_path / "obstacle"


def holding(port: int, obstacle: Path, *server: str) -> list[str]:
    """The command line of a holder, whose servers look for the obstacle first."""
    looks = ("/bin/sh", "-c", 'test ! -e "$0" && exec "$@"', str(obstacle))
    return [sys.executable, "-m", "ops.hold", "127.0.0.1", str(port), *looks, *server]


@contextmanager
def started(port: int, obstacle: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A holder of gunicorn with two workers, which may not be ready yet."""
    with log.open("wb") as stream:
        argv = holding(port, obstacle, *command("--workers", "2"))
        process = subprocess.Popen(argv, cwd=CHECKOUT, env={**os.environ}, stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


@pytest.fixture
def holder(app: Flask, port: int, obstacle: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn with two workers, whose socket is held."""
    empty()
    log = tmp_path / "log"
    with started(port, obstacle, log) as process:
        eventually(lambda: process.poll() is not None or is_up(port), log.read_text)
        assert process.poll() is None, log.read_text()
        yield process
    assert process.returncode == 0, log.read_text()


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


class Load:
    """Clients that open incidents one after the other until told to end; some with a new connection for each."""

    def __init__(self, port: int, token: str) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1/incidents"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.over = threading.Event()
        self.created: list[int] = []
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(4)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _run(self, number: int) -> None:
        keep_alive = httpx.Limits(max_keepalive_connections=None if number % 2 else 0)
        with httpx.Client(headers=self.headers, limits=keep_alive, timeout=PATIENCE) as client:
            sent = 0
            while not self.over.is_set():
                sent += 1
                try:
                    answer = client.post(
                        self.url,
                        json={"severity": "P3", "title": f"{number}-{sent}"},
                        headers={"Idempotency-Key": f"load-{number}-{sent}"},
                    )
                    self.created.append(answer.json()["id"])
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    self.faults.append(repr(error))

    def more(self) -> bool:
        """Whether enough answers came since this was called first."""
        self._before = getattr(self, "_before", len(self.created))
        return len(self.created) >= self._before + REQUESTS or bool(self.faults)

    def wait(self) -> None:
        self.__dict__.pop("_before", None)
        eventually(self.more)


def test_a_restart_refuses_and_loses_nothing(app: Flask, holder: subprocess.Popen[bytes], port: int) -> None:
    """By SIGHUP to the holder, and by SIGTERM to gunicorn itself."""
    with app.app_context():
        token = make_token("tester")
    with Load(port, token) as load:
        load.wait()
        (first,) = children(holder.pid)
        holder.send_signal(signal.SIGHUP)
        eventually(lambda: len(children(holder.pid)) == 1 and children(holder.pid) != [first])
        load.wait()
        (second,) = children(holder.pid)
        os.kill(second, signal.SIGTERM)
        eventually(lambda: children(holder.pid) not in ([], [second]))
        load.wait()
    assert load.faults == []
    listed = httpx.get(load.url, params={"limit": 1}, headers=load.headers)
    assert listed.status_code == 200
    assert sorted(load.created) == list(range(1, len(load.created) + 1))
    stored = httpx.get(f"{load.url}/{max(load.created)}", headers=load.headers)
    assert stored.status_code == 200
    assert httpx.get(f"{load.url}/{max(load.created) + 1}", headers=load.headers).status_code == 404


def test_a_new_server_that_does_not_start_leaves_the_old_one(
    holder: subprocess.Popen[bytes], port: int, obstacle: Path, tmp_path: Path
) -> None:
    (first,) = children(holder.pid)
    obstacle.touch()
    holder.send_signal(signal.SIGHUP)
    eventually(lambda: "the old one stays" in (tmp_path / "log").read_text())
    assert children(holder.pid) == [first]
    assert is_up(port)


def test_without_a_server_the_holder_ends(port: int, obstacle: Path) -> None:
    obstacle.touch()
    done = subprocess.run(holding(port, obstacle, "true"), cwd=CHECKOUT, check=False, timeout=PATIENCE)
    assert done.returncode == 1


def test_an_address_that_stays_in_use_is_named(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hold, "FREED_SECONDS", 0)
    with socket.create_server(("127.0.0.1", port)):
        assert hold.main(["127.0.0.1", str(port), "true"]) == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_a_holder_that_was_killed_is_replaced_when_its_server_has_ended(
    app: Flask, port: int, obstacle: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with started(port, obstacle, first) as killed:
        eventually(lambda: is_up(port), first.read_text)
        (server,) = children(killed.pid)
        os.kill(server, signal.SIGSTOP)  # it keeps the address, as while a request is being answered
        killed.kill()
        killed.wait()
        with started(port, obstacle, second) as replacement:
            eventually(lambda: "Waiting for" in second.read_text() or replacement.poll() is not None, second.read_text)
            os.kill(server, signal.SIGCONT)
            eventually(lambda: children(replacement.pid) and is_up(port), second.read_text)


def test_a_killed_holder_ends_its_server_and_is_started_again(make_stack: StackMaker) -> None:
    """Without its holder, a server would keep the port: the supervisor could not start the next holder."""
    stack = make_stack("postgres", "redis", "api")
    stack.start()
    holder = stack.pid("api")
    (server,) = children(holder)
    served = [server, *children(server)]
    assert len(served) > 1
    os.kill(holder, signal.SIGKILL)
    eventually(lambda: not any(processes.is_alive(pid) for pid in served), stack.log("api").read_text)
    eventually(lambda: stack.pid("api") not in (0, holder) and is_up(stack.ports.api), stack.log("api").read_text)
