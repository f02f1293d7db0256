"""An HTTP server in graphite-web's place, which answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Imposter(ThreadingHTTPServer):
    """Answers each POST with `status` and `body`, after `meanwhile`; if it `hangs` or `hangs_up`, not at all."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status, self.body = 200, b"[]"
        self.hangs = self.hangs_up = False
        self.meanwhile: Callable[[], object] = lambda: None
        self.asked: list[str] = []
        """The paths of the requests so far."""
        self.taken: list[bytes] = []
        """Their bodies."""
        self.over = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Imposter

    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append(self.path)
        server.taken.append(body)
        server.meanwhile()
        if server.hangs:
            server.over.wait()
        if server.hangs or server.hangs_up:
            return
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@contextmanager
def imposter() -> Iterator[Imposter]:
    """A running one."""
    server = Imposter()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
