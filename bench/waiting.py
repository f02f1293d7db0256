"""500 requests that wait or stream, on the API with its shipped settings: `python -m bench.waiting`."""

from __future__ import annotations

import json
import os
import resource
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from bench.stack import new_token, whole_stack

WAITS, STREAMS, TOKENS = 350, 150, 4
GETS = 200
PATIENCE = 60.0
ARTIFACT = "sha256:" + "a" * 64
Row = tuple[str, str, str]


class Guests:
    """Connections whose answers are read as they come."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.received: dict[socket.socket, bytearray] = {}
        self._ready = selectors.DefaultSelector()

    def ask(self, path: str, token: str) -> socket.socket:
        """Send a request."""
        connected = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        head = f"GET /api/v1{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
        connected.sendall(head.encode())
        connected.setblocking(False)
        self.received[connected] = bytearray()
        self._ready.register(connected, selectors.EVENT_READ)
        return connected

    def until(self, is_there: Callable[[bytearray], bool], of: list[socket.socket]) -> list[float]:
        """Read until every answer of these is there; seconds after which each was."""
        began, missing, taken = time.monotonic(), set(of), []
        missing -= {each for each in missing if is_there(self.received[each])}
        while missing:
            if time.monotonic() - began > PATIENCE:
                raise RuntimeError(f"{len(missing)} of {len(of)} were not answered")
            for key, _ in self._ready.select(1.0):
                client = key.fileobj
                assert isinstance(client, socket.socket)
                data = client.recv(65_536)
                if not data and client not in missing:
                    self._ready.unregister(client)  # it was answered, and then kept as long as any other
                elif not data:
                    raise RuntimeError(f"A connection ended: {bytes(self.received[client][:300])!r}")
                self.received[client] += data
                if client in missing and is_there(self.received[client]):
                    missing.remove(client)
                    taken.append(time.monotonic() - began)
        return taken

    def close(self) -> None:
        """Close every connection."""
        self._ready.close()
        for connected in self.received:
            connected.close()


def measure(port: int) -> list[Row]:
    """The figures as (what, measured, goal), on the running stack."""
    admin = new_token("--role", "admin")
    headers = {"Authorization": f"Bearer {admin}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=PATIENCE) as client:
        viewer = {"subject": "bench-guest", "role": "viewer", "description": "waits"}
        tokens = [str(client.post("/tokens", json=viewer).raise_for_status().json()["secret"]) for _ in range(TOKENS)]
        number = _deployment(client)
        path = f"/deployments/{number}"
        workers = list(_workers(port))
        _times(client, path)
        before, memory = _times(client, path), sum(map(_memory, workers))
        guests = Guests(port)
        try:
            return _with_guests(client, guests, path, tokens, workers, before, memory)
        finally:
            guests.close()


def _with_guests(
    client: httpx.Client,
    guests: Guests,
    path: str,
    tokens: list[str],
    workers: list[int],
    before: list[float],
    memory: int,
) -> list[Row]:
    version = client.get(path).json()["version"]
    streams = [guests.ask("/events/stream", tokens[each % TOKENS]) for each in range(STREAMS)]
    guests.until(lambda got: b"\nid: " in got, streams)
    waits = [guests.ask(f"{path}?wait=60&version={version}", tokens[each % TOKENS]) for each in range(WAITS)]
    time.sleep(3)  # until all are parked
    threads, grown = max(map(_threads, workers)), sum(map(_memory, workers)) - memory
    during = _times(client, path)
    if any(guests.received[each] for each in waits):
        raise RuntimeError("A request did not wait")
    client.post(f"{path}/abort", json={"reason": "measured"}).raise_for_status()
    seen = guests.until(lambda got: b"deployment.aborted" in got, streams)
    answered = guests.until(lambda got: f'"version":{version + 1}'.encode() in got.replace(b" ", b""), waits)
    longest = max(answered, default=0.0) + max(seen)
    return [
        (f"{WAITS} that wait and {STREAMS} streams: all have the change after", f"{longest:.1f} s", "each is right"),
        ("threads of a process meanwhile", f"{threads}", "8 + 3"),
        ("memory of the processes per guest", f"{grown / (WAITS + STREAMS) / 1024:.0f} KiB", "≤ 64 KiB"),
        (
            "GET one deployment without and with them, p50 / p99",
            f"{_cell(before)} and {_cell(during)}",
            f"p50 × {statistics.median(during) / statistics.median(before):.2f}",
        ),
    ]


def _deployment(client: httpx.Client) -> int:
    device = {"external_id": "waiting-1", "platform": "macos", "connector": "simulated"}
    client.post("/devices", json=[device]).raise_for_status()
    client.post("/freezes", json={"reason": "measuring"}).raise_for_status()
    release = {"application": "waiting", "version": "1", "platform": "macos", "artifact_hash": ARTIFACT}
    body = {**release, "plan": "demo", "scope": {"everyone": True}}
    number = int(client.post("/deployments", json=body).raise_for_status().json()["id"])
    while client.get(f"/deployments/{number}").json()["state"] == "planning":
        time.sleep(0.5)
    return number


def _times(client: httpx.Client, path: str) -> list[float]:
    taken = []
    for _ in range(GETS):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _cell(milliseconds: list[float]) -> str:
    return f"{statistics.median(milliseconds):.1f} / {statistics.quantiles(milliseconds, n=100)[98]:.1f} ms"


def _workers(port: int) -> Iterator[int]:
    """The processes of gunicorn that serve this port."""
    mine = f"EUCORA_API_PORT={port}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_server = b"gunicorn" in (process / "cmdline").read_bytes()
            is_worker = b"gunicorn" in (process.parent / _parent(process) / "cmdline").read_bytes()
            if is_server and is_worker and mine in (process / "environ").read_bytes().split(b"\0"):
                yield int(process.name)
        except OSError:
            continue


def _parent(process: Path) -> str:
    return (process / "stat").read_text().rpartition(")")[2].split()[1]


def _threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Start a stack, measure, print."""
    with whole_stack() as stack:
        for row in measure(stack.ports.api):
            print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
