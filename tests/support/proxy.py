"""A small reverse proxy with a path prefix, which it removes and reports in `X-Forwarded-*`, as nginx would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

KEPT = ("Authorization", "Content-Type", "Accept", "Idempotency-Key")


class Proxy(ThreadingHTTPServer):
    """Forwards `<prefix>/…` to `<upstream>/…`."""

    request_queue_size = 128  # a browser opens more connections at once than the standard library's 5

    def __init__(self, upstream: str, prefix: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.prefix = upstream, prefix
        self.client = httpx.Client(
            timeout=60,
            limits=httpx.Limits(max_connections=None),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # it keeps none for anybody
        )
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}{prefix}"
        self.misses: list[str] = []
        """Paths outside of the prefix that were asked for."""


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _forward(self) -> None:
        server = self.server
        if not self.path.startswith(f"{server.prefix}/"):
            server.misses.append(self.path)
            self.send_error(404)
            return
        headers = {name: value for name, value in self.headers.items() if name in KEPT} | {
            "X-Forwarded-For": self.client_address[0],
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": server.host,
            "X-Forwarded-Prefix": server.prefix,
        }
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = self.path.removeprefix(server.prefix)
        answer = server.client.request(self.command, server.upstream + path, headers=headers, content=body)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-encoding", "content-length", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def do_GET(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@contextmanager
def proxy(upstream: str, prefix: str = "/fleet/eucora") -> Iterator[Proxy]:
    """A running one."""
    server = Proxy(upstream, prefix)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    server.client.close()
