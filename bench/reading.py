"""GET one deployment, and a list of fifty, relative to a bare view with the same SELECTs, at several concurrencies.

The statements are those that the API sends to the database, as recorded from one request of each kind; the bare view
sends them again with the same values and answers with their rows, under the same gunicorn settings.
"""

from __future__ import annotations

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event

from bench.closed_loop import Answers, request, sending
from bench.stack import CHECKOUT

SECONDS, ROUNDS = 3.0, 5
CONCURRENCIES = (1, 8, 32)
PATHS = {"GET one deployment": "/api/v1/deployments/1", "GET a list of 50": "/api/v1/events?limit=50"}
GOAL = "≥ 70 %"
BARE = '''
"""The minimum that a view can do: the same statements, dictionaries, JSON."""
import os, pickle
from flask import Flask, Response, json, request
from sqlalchemy import create_engine
from app.settings import load_settings

with open(os.environ["RECORDED"], "rb") as file:
    STATEMENTS = pickle.load(file)
engine = create_engine(load_settings().database_url, pool_size=8, max_overflow=0, pool_pre_ping=True)
app = Flask(__name__)

@app.get("/<path:path>")
def show(path):
    with engine.connect() as connection:
        found = [
            [dict(row) for row in connection.exec_driver_sql(statement, values).mappings()]
            for statement, values in STATEMENTS["/" + path]
        ]
    return Response(json.dumps(found[-1], default=str), content_type="application/json")
'''


def measure(api_port: int, free_port: int, token: str) -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bare_view.py").write_text(BARE)
        recorded = Path(folder, "recorded")
        statements = {path.partition("?")[0]: _statements(path, token) for path in PATHS.values()}
        recorded.write_bytes(pickle.dumps(statements))
        command = [
            str(Path(sys.executable).parent / "gunicorn"), "--workers", "4", "--threads", "8", "--chdir", folder,
            "--pythonpath", str(CHECKOUT), "--no-control-socket", "--bind", f"127.0.0.1:{free_port}", "bare_view:app",
        ]  # fmt: skip
        environment = {**os.environ, "RECORDED": str(recorded)}
        server = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{free_port}{PATHS['GET one deployment']}")
            return [
                _compared(what, connections, api_port, free_port, request("GET", path, token))
                for what, path in PATHS.items()
                for connections in CONCURRENCIES
            ]
        finally:
            server.terminate()
            server.wait()


def _statements(path: str, token: str) -> list[tuple[str, Any]]:
    """What the API sends to the database for a GET, in order."""
    from app.db import db
    from app.factory import create_app

    found: list[tuple[str, Any]] = []
    app = create_app()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    client.get(path, headers=headers)  # what is read once only
    with app.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        found.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path, headers=headers)
    event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, answer.text
    assert found
    return found


def _compared(what: str, connections: int, ours: int, bare: int, wanted: bytes) -> tuple[str, str, str]:
    """Throughput and latency of both, in turns."""
    pairs = [(_load(ours, connections, wanted), _load(bare, connections, wanted)) for _ in range(ROUNDS)]
    share = statistics.median(one.per_second / other.per_second for one, other in pairs)
    told = f"{_told('ours', [one for one, _ in pairs])}, {_told('bare', [other for _, other in pairs])}"
    return (f"{what}, {connections} at a time, share of a bare view's throughput", f"{share:.0%} ({told})", GOAL)


def _told(name: str, runs: list[Answers]) -> str:
    taken = [second for run in runs for second in run.taken]
    p99 = statistics.quantiles(taken, n=100)[98]
    rate = statistics.median(run.per_second for run in runs)
    return f"{name} {rate:,.0f}/s, p50 {statistics.median(taken) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms"


def _load(port: int, connections: int, wanted: bytes) -> Answers:
    with sending(port, connections, SECONDS, wanted) as run:
        answers = run.answers()
    assert set(answers.statuses) == {"200"}, answers.statuses
    return answers


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not respond")
