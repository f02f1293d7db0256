"""The API under the real gunicorn with the committed configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.addresses import authority
from ops.local import ready
from ops.local.ports import Ports
from tests.support.waiting import PATIENCE, eventually

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        address = urlsplit(self.url)
        return ready.http_ok(address.port or 0, "/healthz", address.hostname or "")


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *options, "wsgi:app"]


@contextmanager
def serving(log: Path, *options: str, address: str = "127.0.0.1", **settings: str) -> Iterator[Served]:
    """Serve on a free port with these EUCORA_ variables; `address` is where to ask."""
    port = Ports.free().api
    environment = {**os.environ, "EUCORA_API_PORT": str(port), **settings}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command(*(options or ("--workers", "1"))), cwd=CHECKOUT, env=environment, stdout=stream, stderr=stream
        )
    served = Served(f"http://{authority(address, port)}", process, log)
    try:
        eventually(served.is_up, log.read_text)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
