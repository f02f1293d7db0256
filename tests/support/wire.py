"""Requests as bytes on a socket: what no HTTP library would send."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE


@dataclass(frozen=True)
class Answered:
    """A server's answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """The problem document that it must be."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert int(self.headers["content-length"]) == len(self.body)
        assert self.headers["x-request-id"]
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert document["type"].startswith("urn:eucora:problem:")
        assert document["title"]
        assert document["detail"]
        return document


@dataclass(frozen=True)
class Wire:
    """The address of a server, and the token that requests carry."""

    url: str
    token: str

    def connect(self) -> socket.socket:
        address = urlsplit(self.url)
        return socket.create_connection((address.hostname, address.port), PATIENCE)

    def head(self, method: str, path: str, *headers: str) -> bytes:
        """The head of a request up to its empty line."""
        lines = (f"{method} {path} HTTP/1.1", "Host: eucora", f"Authorization: Bearer {self.token}", *headers, "", "")
        return "\r\n".join(lines).encode("latin-1")

    def send(self, *parts: bytes, end: bool = False) -> Answered:
        """Send bytes, with `end` close that direction, and read the answer."""
        with self.connect() as connected:
            for part in parts:
                connected.sendall(part)
            if end:
                connected.shutdown(socket.SHUT_WR)
            return read(connected)


def read(connected: socket.socket) -> Answered:
    """The next answer on a connection."""
    with connected.makefile("rb") as stream:
        status = stream.readline().split()
        assert len(status) > 1, "closed without an answer"
        headers: dict[str, str] = {}
        while line := stream.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(iter(lambda: _chunk(stream), b""))
        else:
            body = stream.read(int(headers.get("content-length", 0)))
        return Answered(int(status[1]), headers, body)


def _chunk(stream: Any) -> bytes:
    size = int(stream.readline(), 16)
    data: bytes = stream.read(size)
    stream.readline()
    return data


def chunked(*pieces: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    """A chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + last
