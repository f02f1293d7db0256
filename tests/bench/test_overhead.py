"""The server that metrics are compared with sends none, and answers as ours does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from flask import Flask

from tests.support.serving import CHECKOUT

ASK = "from {module} import app; print(app.test_client().get('/healthz').status_code)"


def sent_by(module: str) -> list[bytes]:
    """The datagrams that one request to the app of a module sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.setblocking(False)
        environment = {
            **os.environ,
            "EUCORA_STATSD_HOST": "127.0.0.1",
            "EUCORA_STATSD_PORT": str(statsd.getsockname()[1]),
        }
        command = [sys.executable, "-c", ASK.format(module=module)]
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "200", done.stderr
        datagrams = []
        try:
            while True:
                datagrams.append(statsd.recv(65_536))
        except BlockingIOError:
            return datagrams


def test_only_the_measured_server_sends(app: Flask) -> None:
    assert len(sent_by("wsgi")) == 1
    assert sent_by("bench.unmeasured") == []
