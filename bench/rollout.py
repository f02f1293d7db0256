"""10,000 devices through five rings, the totals on both sides, and the time from a request to its visibility."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from app.demo import proof, run
from app.demo.client import Client
from app.factory import create_app
from app.metrics.graphite import Graphite
from app.settings import load_settings
from bench import graph

Row = tuple[str, str, str]
PROBES = 200


def measure(token: str) -> list[Row]:
    """The figures as (what, measured, goal)."""
    settings, begun = load_settings(), time.time()
    with create_app().app_context():
        result = run.run(Console(quiet=True), settings, token, 10_000)
        client, graphite = (
            Client(f"http://{settings.api_host}:{settings.api_port}", token),
            Graphite(settings.graphite_url),
        )
        deployment = int(result.deployment["id"])
        device = client.reported_device(deployment)
        existing = sorted(proof.visibility(graphite, lambda: client.report(deployment, device), PROBES))
    graph.draw(graphite, int(begun), int(begun + result.rollout_seconds) + 8, Path("docs/rollout.svg"))
    equal = sum(row.equal for row in result.rows)
    return [
        ("rollout of 10,000 devices through five rings", f"{result.rollout_seconds:.0f} s", "≤ 60 s"),
        ("event-born totals equal in Graphite", f"{equal} of {len(result.rows)} series", "all"),
        (f"request → visible in Graphite, p50 of {PROBES}", f"{_at(existing, 0.5):.2f} s", ""),
        (f"request → visible in Graphite, p99 of {PROBES}", f"{_at(existing, 0.99):.2f} s", "≤ 1.2 s"),
    ]


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
