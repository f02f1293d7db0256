"""Checks whether a program is ready, by using it."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

SECONDS = 2.0


def _exchange(address: str | tuple[str, int], request: bytes) -> bytes:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(address)
        connection.sendall(request)
        return connection.recv(256)


def redis(path: Path) -> bool:
    """Return whether Redis answers PING. It answers LOADING while it loads its data."""
    try:
        return _exchange(str(path), b"PING\r\n").startswith(b"+PONG")
    except OSError:
        return False


def statsd(port: int) -> bool:
    """Return whether StatsD's admin port reports that it is up."""
    try:
        return b"health: up" in _exchange(("127.0.0.1", port), b"health\n")
    except OSError:
        return False


def listening(*ports: int) -> bool:
    """Return whether every port accepts a TCP connection."""
    try:
        for port in ports:
            socket.create_connection(("127.0.0.1", port), SECONDS).close()
    except OSError:
        return False
    return True


def http_ok(port: int, path: str) -> bool:
    """Return whether GET responds with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
