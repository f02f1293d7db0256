"""TLS in front of servers that were built without it: a self-made certificate, and a proxy that removes the TLS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""With these bytes a client of PostgreSQL asks for TLS."""


def certificate(folder: Path, name: str = "server") -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and localhost that is its own authority, and its key."""
    chain, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", str(chain), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return chain, key


@contextmanager
def tls(chain: Path, key: Path, upstream: Path, greet: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port that speaks TLS in front of the Unix socket `upstream`; `greet` runs on each connection first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            greet(connection)
            plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            plain.connect(str(upstream))
            with context.wrap_socket(connection, server_side=True) as secure, plain:
                _both_ways(secure, plain)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _both_ways(secure: ssl.SSLSocket, plain: socket.socket) -> None:
    """Pass bytes on until one side ends. Two threads may use one TLS socket, one reading and one writing."""

    def back() -> None:
        with suppress(OSError):
            while received := plain.recv(65536):
                secure.sendall(received)
            secure.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=back, daemon=True).start()
    while received := secure.recv(65536):
        plain.sendall(received)


def at_once(_connection: socket.socket) -> None:
    """Redis: TLS from the first byte."""


def when_asked(connection: socket.socket) -> None:
    """PostgreSQL: the client asks for TLS and is told yes."""
    assert connection.recv(8, socket.MSG_WAITALL) == SSL_REQUEST
    connection.sendall(b"S")
