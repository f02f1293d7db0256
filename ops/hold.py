"""Holds the API's listening socket while gunicorn is replaced, so that a restart refuses no connection.

    python -m ops.hold HOST PORT gunicorn -c gunicorn.conf.py wsgi:app

The server takes the socket over as from systemd (`LISTEN_FDS`) and reports that it is ready as to systemd
(`NOTIFY_SOCKET`), so systemd can take this program's place. SIGHUP starts a new server, waits until it is ready, and
stops the old one. A server that ends by itself is started again. Meanwhile connections wait in the socket's queue.
SIGTERM stops everything.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app.addresses import authority, to_listen_on

BACKLOG = 2048
READY_SECONDS = 120.0
FREED_SECONDS = 25.0
"""How long an address may stay in use: a little longer than gunicorn's `graceful_timeout`."""
PR_SET_PDEATHSIG = 1
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
# `LISTEN_PID` must be the server's own pid, which the shell has until `exec`.
TAKE_OVER = 'LISTEN_PID=$$ exec "$@" 3<&"$0"'


def listen(host: str, port: int, seconds: float) -> socket.socket:
    """Open the socket; of a name with addresses of both families, on the IPv4 one. Raises OSError.

    Waits for an address in use: the server of a holder that was killed keeps it until its last request is answered.
    """
    address = to_listen_on(host)
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    until, told = time.monotonic() + seconds, False
    while True:
        try:
            listener.bind((address, port))
            listener.listen(BACKLOG)
            return listener
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
        if not told:
            print(f"Waiting for {authority(host, port)}, which is in use.", file=sys.stderr, flush=True)
            told = True
        time.sleep(0.05)


class Holder:
    """One socket, and the servers that accept its connections: one, or two while one replaces the other."""

    def __init__(self, listener: socket.socket, command: Sequence[str], folder: Path) -> None:
        self._listener, self._command = listener, command
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(folder / "notify"))
        self._notices.settimeout(0.2)
        self._server: subprocess.Popen[bytes] | None = None
        self._leaving: list[subprocess.Popen[bytes]] = []

    def run(self) -> int:
        """Serve until stopped; returns the exit code. A server that does not become ready ends everything."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._server = self._started()
        while self._server is not None:
            number = signal.sigwait(SIGNALS)
            self._leaving = [server for server in self._leaving if server.poll() is None]
            if number in (signal.SIGTERM, signal.SIGINT):
                return self._stop(self._server)
            if number == signal.SIGHUP:
                self._replace(self._server)
            elif self._server.poll() is not None:
                self._server = self._started()
        return 1

    def _replace(self, server: subprocess.Popen[bytes]) -> None:
        """Start a new server and stop the old one; if the new one does not become ready, keep the old one."""
        replacement = self._started()
        if replacement is None:
            print("the new server did not become ready; the old one stays", file=sys.stderr, flush=True)
            return
        server.terminate()
        self._leaving.append(server)
        self._server = replacement

    def _started(self) -> subprocess.Popen[bytes] | None:
        """A new server that is ready, or None."""
        descriptor = self._listener.fileno()
        environment = os.environ | {"LISTEN_FDS": "1", "NOTIFY_SOCKET": str(self._notices.getsockname())}
        server = subprocess.Popen(
            ["/bin/sh", "-c", TAKE_OVER, str(descriptor), *self._command],
            env=environment,
            pass_fds=[descriptor],
            preexec_fn=_in_the_server,
        )
        until = time.monotonic() + READY_SECONDS
        while server.poll() is None and time.monotonic() < until:
            try:
                if self._notices.recv(4096).startswith(b"READY=1"):
                    return server
            except TimeoutError:
                if signal.sigpending() & {signal.SIGTERM, signal.SIGINT}:
                    break
        server.terminate()
        server.wait()
        return None

    def _stop(self, server: subprocess.Popen[bytes]) -> int:
        servers = [*self._leaving, server]
        for each in servers:
            each.terminate()
        return max(abs(each.wait()) for each in servers)


def _in_the_server() -> None:
    """Unblock the signals, and on Linux end with the holder, whose socket nobody else could open otherwise."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Hold the socket at HOST PORT for the command that follows."""
    host, port, *command = arguments
    try:
        listener = listen(host, int(port), FREED_SECONDS)
    except OSError as error:
        print(f"Cannot listen on {authority(host, int(port))}: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="eucora-hold-") as folder, listener:
        return Holder(listener, command, Path(folder)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
