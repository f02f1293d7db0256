"""What the tests of the HTTP client share: scripted loopback servers, with TLS too, and clients that never wait."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from app.connectors.http import HttpSettings, VendorClient
from app.connectors.protocol import ConnectorError

LOOPBACK = "127.0.0.1"
QUICK = HttpSettings(connect=5, read=5, write=5, pool=0.05, retries=2)
IMPATIENT = QUICK.model_copy(update={"read": 0.05})
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")

MakeClient = Callable[..., VendorClient]


@dataclass(frozen=True)
class Reply:
    """What the server does with a request that it has read."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    how: str = "whole"
    """`whole`; `cut`: closes in the middle of the body; `dropped`: closes without an answer; `silent`: never answers;
    `endless`: a body without end."""


@dataclass(frozen=True)
class Seen:
    """A request that reached the server."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A server on a free loopback port. It gives its replies in order and repeats the last one."""

    def __init__(self, *replies: Reply, listening: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self.replies = list(replies) or [Reply()]
        self.seen: list[Seen] = []
        self.closing = Event()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler(self), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that go are no news
        self._server.server_bind()
        self._thread: Thread | None = None
        self._tls = tls
        self.port = self._server.server_port
        self.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{self.port}"
        if listening:
            self.listen()

    def listen(self) -> None:
        """Take connections; before this they are refused."""
        self._server.server_activate()
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            server.seen.append(Seen(self.command, self.path, dict(self.headers), self._body()))
            reply = server.next_reply()
            self.close_connection = reply.how != "whole"
            if reply.how == "silent":
                server.closing.wait()
            if reply.how in ("silent", "dropped"):
                return
            length = len(reply.body) + (100 if reply.how == "cut" else 0)
            if reply.how == "endless":
                length = 10**12
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            with suppress(OSError):  # the client has had enough
                while reply.how == "endless" and not server.closing.is_set():
                    self.wfile.write(b"x" * 1000)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def serve(*replies: Reply, listening: bool = True, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server."""
    server = Server(*replies, listening=listening, tls=tls)
    try:
        yield server
    finally:
        server.close()


class FakeTime:
    """A clock that moves as the client sleeps, and by `tick` seconds whenever the client looks at it."""

    def __init__(self) -> None:
        self.seconds, self.tick, self.slept = 0.0, 0.0, list[float]()

    def monotonic(self) -> float:
        self.seconds += self.tick
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 11, 26, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass(frozen=True)
class Authority:
    """A throw-away CA and a server certificate that it has signed."""

    bundle: Path
    folder: Path
    """Holds the CA under its hash, as SSL_CERT_DIR wants it."""
    server: ssl.SSLContext


def authority(folder: Path) -> Authority:
    """Make both with openssl."""

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Throw-away CA")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=vendor")
    (folder / "names").write_text(f"subjectAltName=IP:{LOOPBACK}\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
    openssl("x509", "-req", "-in", "server.csr", "-out", "server.pem", *signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    (folder / f"{openssl('x509', '-noout', '-hash', '-in', 'ca.pem').strip()}.0").symlink_to("ca.pem")
    return Authority(folder / "ca.pem", folder, context)


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def make_client(fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeClient]:
    """Makes clients whose waits take no time, with the least of chance, in an environment that sets nothing."""
    for name in (*ENVIRONMENT, *map(str.lower, ENVIRONMENT)):
        monkeypatch.delenv(name, raising=False)
    made: list[VendorClient] = []

    def make(url: str, settings: HttpSettings = QUICK, **options: Any) -> VendorClient:
        clocks = {"now": fake_time.now, "monotonic": fake_time.monotonic, "sleep": fake_time.sleep}
        made.append(VendorClient(url, settings, **{**clocks, "random": lambda: 0.0, **options}))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


def failure(client: VendorClient, method: str = "GET", url: str = "things", **options: Any) -> ConnectorError:
    """The error that a request ends in."""
    with pytest.raises(ConnectorError) as caught:
        client.request(method, url, **options)
    return caught.value
