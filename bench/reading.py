"""GET one deployment, relative to a bare view with the same SELECTs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bench.stack import CHECKOUT

REQUESTS, ROUNDS = 400, 5
BARE = '''
"""The minimum that a view can do: the same four SELECTs, a dictionary, JSON."""
from flask import Flask, jsonify, request
from sqlalchemy import create_engine, select
from app.deployments.queries import _DEPLOYMENT, _RING
from app.deployments.models import Deployment, Ring
from app.identity.lookup import statement
from app.settings import load_settings

engine = create_engine(load_settings().database_url, pool_size=8, max_overflow=0, pool_pre_ping=True)
app = Flask(__name__)

@app.get("/<int:number>")
def show(number):
    secret = request.headers["Authorization"].split()[1]
    with engine.connect() as connection:
        connection.execute(statement(secret)).one()
        found = connection.execute(_DEPLOYMENT.where(Deployment.id == number)).mappings().one()
        rings = connection.execute(_RING.where(Ring.deployment_id == number).order_by(Ring.position)).mappings()
        return jsonify({**found, "rings": [dict(ring) for ring in rings]})
'''


def measure(api_port: int, free_port: int, token: str) -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bare_view.py").write_text(BARE)
        command = [
            str(Path(sys.executable).parent / "gunicorn"), "--workers", "4", "--threads", "8", "--chdir", folder,
            "--pythonpath", str(CHECKOUT), "--no-control-socket", "--bind", f"127.0.0.1:{free_port}", "bare_view:app",
        ]  # fmt: skip
        server = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ}, stderr=subprocess.DEVNULL)
        try:
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(headers=headers, transport=httpx.HTTPTransport(retries=20)) as client:
                ours = f"http://127.0.0.1:{api_port}/api/v1/deployments/1"
                bare = f"http://127.0.0.1:{free_port}/1"
                _wait(client, bare)
                pairs = [(_rate(client, ours), _rate(client, bare)) for _ in range(ROUNDS)]
        finally:
            server.terminate()
            server.wait()
    ratio = statistics.median(a / b for a, b in pairs)
    return [("GET one deployment, share of a bare view with the same SELECTs", f"{ratio:.0%}", "≥ 70 %")]


def _wait(client: httpx.Client, url: str) -> None:
    for _ in range(100):
        try:
            if client.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not respond")


def _rate(client: httpx.Client, url: str) -> float:
    """Requests per second, one after the other."""
    client.get(url).raise_for_status()
    started = time.perf_counter()
    for _ in range(REQUESTS):
        client.get(url)
    return REQUESTS / (time.perf_counter() - started)
