"""Devices that pull: polls beside a bare view, which answers the same bytes without asking anything.

Both run under the same gunicorn settings, in turns.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.closed_loop import Answers, request, sending
from bench.stack import CHECKOUT, new_token, whole_stack
from ops.local.stack import Ports, Stack

SECONDS, ROUNDS, CONNECTIONS = 3.0, 5, 16
DEVICES = 2_000
GOAL = "≥ 70 %"
CONNECTORS = '[connectors.edge]\nkind = "pull"\n[connectors.simulated]\nkind = "simulated"\n'
BARE = """
from flask import Flask, Response
app = Flask(__name__)
BODY = '{"config":{"polling":{"sleep":"00:05:00"}},"_links":{}}'

@app.get("/<path:path>")
def show(path):
    return Response(BODY, content_type="application/json")
"""


def measure(stack: Stack) -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    token = new_token("--role", "reporter", "--connector", "edge")
    path = "/ddi/edge/controller/v1/gw-0"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bare_view.py").write_text(BARE)
        port = Ports.free().api
        command = [
            str(Path(sys.executable).parent / "gunicorn"), "--workers", "4", "--threads", "8", "--chdir", folder,
            "--no-control-socket", "--bind", f"127.0.0.1:{port}", "bare_view:app",
        ]  # fmt: skip
        server = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL)
        try:
            wanted = request("GET", path, token).replace(b"Bearer", b"GatewayToken")
            _wait(port)
            _load(stack.ports.api, wanted)  # each process looks the device up once
            idle = _compared("idle polls", stack.ports.api, port, wanted)
            _publish("gw-1")
            due = _compared("idle polls with a ring due", stack.ports.api, port, wanted)
            _publish("gw-0")
            busy = _compared("polls of a device with work", stack.ports.api, port, wanted, "")
        finally:
            server.terminate()
            server.wait()
    return [idle, due, busy]


def _compared(what: str, ours: int, bare: int, wanted: bytes, goal: str = GOAL) -> tuple[str, str, str]:
    """Throughput of both, in turns."""
    pairs = [(_load(ours, wanted), _load(bare, wanted)) for _ in range(ROUNDS)]
    share = statistics.median(one.per_second / other.per_second for one, other in pairs)
    rates = [statistics.median(run.per_second for run in runs) for runs in zip(*pairs, strict=True)]
    return (f"{what}, share of a bare view's", f"{share:.0%} ({rates[0]:,.0f} and {rates[1]:,.0f}/s)", goal)


def _load(port: int, wanted: bytes) -> Answers:
    with sending(port, CONNECTIONS, SECONDS, wanted) as run:
        answers = run.answers()
    assert set(answers.statuses) == {"200"}, answers.statuses
    return answers


def _publish(device: str) -> None:
    """Have the connector offer a release to a device of its own."""
    from app.connectors.protocol import Package, PackageFile, Publication, ReleaseRef
    from app.connectors.registry import connector
    from app.factory import create_app

    file = PackageFile("gateway.swu", 1, "application/octet-stream", "a" * 64, "b" * 40, "c" * 32)
    release = ReleaseRef("gateway", "1.0", "linux", f"sha256:{'a' * 64}", Package(1, {}, [file]))
    with create_app().app_context():
        connector("edge").publish(Publication(f"bench:{device}", "lab", release, [device]))


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/x").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the bare view does not respond")


def rows(stack: Stack) -> list[tuple[str, str, str]]:
    """Register the devices, and measure."""
    client: Any = httpx.Client(base_url=f"http://127.0.0.1:{stack.ports.api}/api/v1", timeout=60)
    client.headers["Authorization"] = f"Bearer {new_token()}"
    devices = [{"external_id": f"gw-{n}", "platform": "linux", "connector": "edge"} for n in range(DEVICES)]
    client.post("/devices", json=devices).raise_for_status()
    return measure(stack)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "connectors.toml")
        file.write_text(CONNECTORS)
        with whole_stack({"EUCORA_CONNECTORS_FILE": str(file)}) as stack:
            for row in rows(stack):
                print(" | ".join(row))


if __name__ == "__main__":
    main()
