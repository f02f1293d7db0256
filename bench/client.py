"""A client process that sends requests at a steady pace over several connections at once. Standard library only.

`python -m bench.client PORT PACE CONNECTIONS [WRITER]` prints `ready`, reads a token, a start time and a number of
seconds from standard input, and prints how many requests were answered and when the last one was. With WRITER, it
registers devices named after it. It runs on the machine that it measures, so it does little: requests are written by
hand, one on every connection, before the first response is read.
"""

from __future__ import annotations

import json
import socket
import sys
import time


def main(port: int, pace: float, connections: int, writer: str = "") -> None:
    """Send `pace` requests a second, catching up when late."""
    print("ready", flush=True)
    token, start, seconds = json.loads(sys.stdin.readline())
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(connections)]
    sent = 0
    time.sleep(max(start - time.time(), 0))
    while (now := time.time()) < start + seconds:
        if sent >= (now - start) * pace:
            time.sleep((sent + connections) / pace - (now - start))
            continue
        for number, connection in enumerate(sockets, start=sent):
            connection.sendall(_request(token, f"{writer}-{number}" if writer else ""))
        for connection in sockets:
            _read(connection)
        sent += connections
    print(json.dumps([sent, time.time()]))


def _request(token: str, device: str) -> bytes:
    if not device:
        return b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
    body = json.dumps([{"external_id": device, "platform": "macos", "connector": "simulated"}])
    return (
        f"POST /api/v1/devices HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _read(connection: socket.socket) -> None:
    """Read one response from the connection. Ends the process unless its status is 200."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _some(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body)
    while missing > 0:
        missing -= len(_some(connection))
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"The status is not 200: {answer[:500]!r}")


def _some(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise SystemExit("The API closed the connection.")
    return part


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
