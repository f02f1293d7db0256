"""The steps of the demo, its output and its report."""

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
from app.demo.proof import SeriesTotals
from app.metrics.reading.graphite import Graphite
from app.settings import Settings
from client import Client
from client.types import Deployment

APPLICATION = "demo-app"
ARTIFACT = "sha256:" + "5e" * 32
ROLLOUT_SECONDS = 300.0
PROBES = 10
COUNTS: Final = ("eligible", "succeeded", "failed", "silent", "pending")
BAR = 8


@dataclass
class Result:
    """The outcome of a demo: seconds until each probe was visible, milliseconds of each API call, panel values."""

    deployment: Deployment
    registered: Mapping[str, int]
    rollout_seconds: float
    totals: list[SeriesTotals]
    visibility: list[float]
    milliseconds: list[float]
    panels: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def agreed(self) -> bool:
        """Whether the deployment completed and every total of the event log equals Graphite's."""
        return self.deployment["state"] == "completed" and bool(self.totals) and all(each.equal for each in self.totals)


@failing_calls()
def run(console: Console, settings: Settings, token: str, devices: int) -> Result:
    """Run the demo. Raises DemoFailed if it cannot be completed."""
    stopwatch = Stopwatch()
    client = connect(settings, token, stopwatch)
    graphite = Graphite(settings.graphite_url)
    before, since = proof.last_event_id(), proof.now()

    registered = fleet.register(client, devices)
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(registered.items()))
    console.print(f"Registered an inventory of {devices:,} simulated devices: {counts}.")
    version = rollout.next_version(client, APPLICATION)
    started = time.monotonic()
    deployment_id = rollout.begin(client, APPLICATION, version, ARTIFACT)
    console.print(f"POST /api/v1/deployments → {deployment_id}: {APPLICATION} {version}, plan demo, five rings.")
    deployment = _follow(console, client, deployment_id)
    rollout_seconds = time.monotonic() - started
    console.print(f"Deployment {deployment_id} is {deployment['state']} after {rollout_seconds:.1f} s.")

    proof.wait_until_collected(deployment_id)
    device = rollout.reported_device(client, deployment_id)
    rollout.report_success(client, deployment_id, device)
    seconds = proof.visibility(graphite, lambda: rollout.report_success(client, deployment_id, device), PROBES)
    totals = proof.compare(graphite, before, since)
    return Result(
        client.deployments.get(deployment_id),
        registered,
        rollout_seconds,
        totals,
        seconds,
        stopwatch.milliseconds,
        proof.panel_values(graphite, since),
    )


def show_totals(console: Console, totals: Sequence[SeriesTotals], *, every: bool = False) -> None:
    """Print how many totals of the event log and of Graphite are equal, and those that differ, or `every` one."""
    shown = [each for each in totals if every or not each.equal]
    if shown:
        table = Table(title="event-derived metrics: database total and Graphite total", title_justify="left")
        table.add_column("series", overflow="fold")
        for heading in ("database total", "Graphite total", ""):
            table.add_column(heading, justify="right")
        for each in shown:
            table.add_row(each.short_name, f"{each.database:,}", f"{each.graphite:,}", "=" if each.equal else "[red]≠")
        console.print(table)
    equal = sum(each.equal for each in totals)
    color = "green" if equal == len(totals) else "red"
    console.print(f"[{color}]{equal} of {len(totals)} totals equal[/] in PostgreSQL and in Graphite.")


def show(console: Console, result: Result, *, every_total: bool = False) -> None:
    """Print the rings, the latencies and the totals."""
    console.print(_rings(result.deployment))
    console.print("silent: no report in time; never counts as failed. pending: no report yet.\n")
    console.print(f"From a request to its count in Graphite: {_span(result.visibility, 's')} ({PROBES} probes).")
    console.print(f"API calls: {_span(result.milliseconds, 'ms')} ({len(result.milliseconds)} calls).")
    show_totals(console, result.totals, every=every_total)


def write_report(path: Path, result: Result, since: datetime) -> None:
    """Write the result as Markdown, with the rings and the values of the dashboard's panels."""
    counters: Final = ("name", "state", *COUNTS)
    lines = [
        "# Demo report",
        "",
        f"Started {since:%Y-%m-%d %H:%M:%S} UTC. Deployment {result.deployment['id']} ended as "
        f"**{result.deployment['state']}** after {result.rollout_seconds:.1f} s. Totals "
        f"{'agree exactly' if all(each.equal for each in result.totals) else '**differ**'}.",
        "",
        *_markdown(
            (*counters, "success rate", "coverage"),
            [
                (*(ring[name] for name in counters), _rate(ring["success_rate"]), _rate(ring["coverage"]))
                for ring in result.deployment["rings"]
            ],
        ),
        "## Totals",
        "",
        *_markdown(
            ("series", "database total", "Graphite total"),
            [(each.series, each.database, each.graphite) for each in result.totals],
        ),
        "## Latencies",
        "",
        f"- from a request to its count in Graphite: {_span(result.visibility, 's')}, {PROBES} probes",
        f"- API calls as measured by the client: {_span(result.milliseconds, 'ms')}, {len(result.milliseconds)} calls",
        "",
        "## Panels",
        "",
        *_markdown(("panel", "series", "newest value"), result.panels),
    ]
    path.write_text("\n".join(lines))


def _follow(console: Console, client: Client, deployment_id: int) -> Deployment:
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        for deployment in rollout.watch(client, deployment_id, ROLLOUT_SECONDS):
            live.update(_rings(deployment))
    return deployment


def _rings(deployment: Deployment) -> Table:
    title = f"deployment {deployment['id']}: {deployment['state']}"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("ring", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("reported", width=BAR)
    for heading in COUNTS:
        table.add_column(heading, justify="right")
    table.add_column("gate", no_wrap=True)
    for ring in deployment["rings"]:
        reported = ring["succeeded"] + ring["failed"]
        bar = ProgressBar(total=max(ring["eligible"], 1), completed=reported, width=BAR)
        numbers = (f"{ring[name]:,}" for name in COUNTS)
        table.add_row(ring["name"], ring["state"], bar, *numbers, ring["verdict_code"] or "")
    return table


def _span(values: Sequence[float], unit: str) -> str:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.2f} {unit}, p95 {p95:.2f} {unit}, max {ordered[-1]:.2f} {unit}"


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines] + [""]
