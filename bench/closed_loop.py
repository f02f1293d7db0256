"""A client process with several connections, each of which sends its next request once it has its answer.

`python -m bench.closed_loop PORT CONNECTIONS SECONDS` takes one request as bytes on standard input, prints `sending`,
and at the end the number of answers by status and the seconds of each, as JSON. Standard library only: it runs on the
machine that it measures, so it does little.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
FRESH = b"1000000000000000"
"""In a request: sixteen digits that are replaced by the time in microseconds, so that no two requests are the same."""


@dataclass(frozen=True)
class Answers:
    """What a run was answered."""

    statuses: dict[str, int]
    taken: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.seconds


class Run:
    """A run in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def answers(self) -> Answers:
        """What it was answered, once it has ended. Raises ValueError if it failed."""
        assert self._process.stdout is not None
        return Answers(*json.loads(self._process.stdout.readline()))


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A request as it is sent."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


@contextmanager
def sending(port: int, connections: int, seconds: float, wanted: bytes) -> Iterator[Run]:
    """Send for so many seconds; the block begins when it does."""
    command = [sys.executable, "-m", "bench.closed_loop", str(port), str(connections), str(seconds)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(wanted)
        process.stdin.close()
        process.stdout.readline()
        yield Run(process)


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.answer = b""
        self.sent_at = 0.0

    def send(self, wanted: bytes) -> None:
        self.answer, self.sent_at = b"", time.perf_counter()
        self.socket.sendall(wanted.replace(FRESH, b"%d" % (time.time_ns() // 1000)))

    def status(self) -> str | None:
        """Read some more; the status once the answer is whole."""
        part = self.socket.recv(262_144)
        if not part:
            raise SystemExit("The server closed the connection.")
        self.answer += part
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end:
            return None
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head[9:12].decode() if len(body) >= length else None


def main(port: int, connections: int, seconds: float) -> None:
    """Send, and print what was answered."""
    wanted = sys.stdin.buffer.read()
    statuses: Counter[str] = Counter()
    taken: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(wanted)
        print("sending", flush=True)
        begun = time.perf_counter()
        while (now := time.perf_counter()) < begun + seconds:
            for key, _ in selector.select(timeout=1):
                status = key.data.status()
                if status is not None:
                    statuses[status] += 1
                    taken.append(time.perf_counter() - key.data.sent_at)
                    key.data.send(wanted)
    print(json.dumps([statuses, taken, now - begun]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
