"""The steps of the demonstration, and what a person sees of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from app.demo import fleet, proof, rollout
from app.demo.calling import Stopwatch, connect, failing_calls
from app.demo.proof import Row
from app.metrics.reading.graphite import Graphite
from app.settings import Settings
from client import Client
from client.types import Deployment

APPLICATION = "demo-app"
ARTIFACT = "sha256:" + "5e" * 32
ROLLOUT_SECONDS = 300.0
PROBES = 10


@dataclass
class Result:
    """What came out."""

    deployment: Deployment
    registered: Mapping[str, int]
    rollout_seconds: float
    rows: list[Row]
    visibility: list[float]
    milliseconds: list[float]
    panels: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def agreed(self) -> bool:
        """Whether the deployment completed and every total is the same on both sides."""
        return self.deployment["state"] == "completed" and bool(self.rows) and all(row.equal for row in self.rows)


@failing_calls()
def run(console: Console, settings: Settings, token: str, devices: int) -> Result:
    """Carry the demonstration out. Raises DemoFailed with the reason if it cannot be carried to its end."""
    stopwatch = Stopwatch()
    client = connect(settings, token, stopwatch)
    graphite = Graphite(settings.graphite_url)
    before, since = proof.last_event_id(), proof.now()

    registered = fleet.register(client, devices)
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(registered.items()))
    console.print(f"Registered an inventory of {devices:,} simulated devices: {counts}.")
    version = f"1.0.{int(time.time())}"
    started = time.monotonic()
    deployment_id = rollout.begin(client, APPLICATION, version, ARTIFACT)
    console.print(f"POST /api/v1/deployments → {deployment_id}: {APPLICATION} {version}, plan demo, five rings.")
    deployment = _follow(console, client, deployment_id)
    rollout_seconds = time.monotonic() - started
    console.print(f"Deployment {deployment_id} is {deployment['state']} after {rollout_seconds:.1f} s.")

    proof.wait_until_collected(deployment_id)
    device = rollout.reported_device(client, deployment_id)
    _report(client, deployment_id, device)
    seconds = proof.visibility(graphite, lambda: _report(client, deployment_id, device), PROBES)
    rows = proof.compare(graphite, before, since)
    return Result(
        client.deployments.get(deployment_id),
        registered,
        rollout_seconds,
        rows,
        seconds,
        stopwatch.milliseconds,
        proof.panel_values(graphite, since),
    )


def show_totals(console: Console, rows: Sequence[Row]) -> None:
    """Print the totals side by side."""
    table = Table(title="event-born metrics: database total and Graphite total", title_justify="left")
    table.add_column("series", overflow="fold")
    for heading in ("database total", "Graphite total", ""):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(row.short_name, f"{row.database:,}", f"{row.graphite:,}", "=" if row.equal else "[red]≠")
    console.print(table)
    differing = sum(not row.equal for row in rows)
    verdict = f"[red]{differing} of {len(rows)} totals differ" if differing else "[green]all totals agree exactly"
    console.print(f"{verdict}[/]: {len(rows)} series.")


def show(console: Console, result: Result) -> None:
    """Print the totals side by side and the times."""
    show_totals(console, result.rows)
    console.print(f"From a request to its count in Graphite: {_span(result.visibility, 's')} ({PROBES} probes).")
    console.print(f"API calls: {_span(result.milliseconds, 'ms')} ({len(result.milliseconds)} calls).")


def write_report(path: Path, result: Result, since: datetime) -> None:
    """The same as Markdown, with the panels' values."""
    counters: Final = ("key", "state", "eligible", "succeeded", "failed", "pending")
    lines = [
        "# Demonstration report",
        "",
        f"Begun {since:%Y-%m-%d %H:%M:%S} UTC. Deployment {result.deployment['id']} ended as "
        f"**{result.deployment['state']}** after {result.rollout_seconds:.1f} s. Totals "
        f"{'agree exactly' if all(row.equal for row in result.rows) else '**differ**'}.",
        "",
        *_markdown(
            (*counters, "success rate", "coverage"),
            [
                (*(r[name] for name in counters), _rate(r["success_rate"]), _rate(r["coverage"]))
                for r in result.deployment["rings"]
            ],
        ),
        "## Totals",
        "",
        *_markdown(
            ("series", "database total", "Graphite total"), [(r.series, r.database, r.graphite) for r in result.rows]
        ),
        "## Latencies",
        "",
        f"- from a request to its count in Graphite: {_span(result.visibility, 's')}, {PROBES} probes",
        f"- API calls as the client saw them: {_span(result.milliseconds, 'ms')}, {len(result.milliseconds)} calls",
        "",
        "## Panels",
        "",
        *_markdown(("panel", "series", "newest value"), result.panels),
    ]
    path.write_text("\n".join(lines))


def _report(client: Client, deployment_id: int, device: str) -> None:
    """Report a device's success under one and the same sequence: after the first time a duplicate."""
    client.reports.submit(
        [{"deployment_id": deployment_id, "external_id": device, "sequence": 1, "outcome": "succeeded"}]
    )


def _follow(console: Console, client: Client, deployment_id: int) -> Deployment:
    with Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live:
        for seen in rollout.watch(client, deployment_id, ROLLOUT_SECONDS):
            live.update(_rings(seen))
    if not console.is_terminal:
        console.print(_rings(seen))
    return seen


def _rings(deployment: Deployment) -> Table:
    table = Table(title=f"deployment {deployment['id']}: {deployment['state']}", title_justify="left")
    for heading in ("ring", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("reported", width=20)
    for heading in ("eligible", "succeeded", "failed", "pending"):
        table.add_column(heading, justify="right")
    table.add_column("gate", no_wrap=True)
    for ring in deployment["rings"]:
        reported = ring["succeeded"] + ring["failed"]
        numbers = (f"{ring[name]:,}" for name in ("eligible", "succeeded", "failed", "pending"))
        bar = ProgressBar(total=max(ring["eligible"], 1), completed=reported, width=20)
        table.add_row(ring["key"], ring["state"], bar, *numbers, ring["verdict_code"] or "")
    return table


def _span(values: Sequence[float], unit: str) -> str:
    ordered = sorted(values)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.2f} {unit}, p95 {last:.2f} {unit}, max {ordered[-1]:.2f} {unit}"


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines] + [""]
