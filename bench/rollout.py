"""A rollout of 10,000 devices through five rings, and its totals in the database and Graphite."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from app.demo import run
from app.factory import create_app
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from bench import graph

Figure = tuple[str, str, str]


def measure(token: str) -> list[Figure]:
    """The figures as (what, measured, goal)."""
    settings, started = load_settings(), time.time()
    with create_app().app_context():
        result = run.run(Console(quiet=True), settings, token, 10_000)
    graph.draw(
        Graphite(settings.graphite_url),
        int(started),
        int(started + result.rollout_seconds) + 8,
        Path("docs/rollout.svg"),
    )
    equal = sum(each.equal for each in result.totals)
    return [
        ("rollout of 10,000 devices through five rings", f"{result.rollout_seconds:.0f} s", "≤ 60 s"),
        ("event-derived totals equal in Graphite", f"{equal} of {len(result.totals)} series", "all"),
    ]
