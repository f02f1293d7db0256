"""`flask metrics` and `flask slo`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError

from app import clock
from app.errors import ControlPlaneError, Invalid, Unavailable
from app.metrics.following import totals
from app.metrics.objectives.formats import FORMATS
from app.metrics.objectives.report import report
from app.metrics.proof import whisper
from app.metrics.proof.carbon import Carbon
from app.metrics.proof.outcome import show
from app.metrics.proof.reconcile import reconcile
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings
from app.terminal import PastTime, console, unreadable

cli_group = AppGroup("metrics", help="Compare metrics with the event log, and repair them.")
slo = AppGroup("slo", help="Service level objectives.")


@cli_group.command("reconcile")
@click.option("--since", type=PastTime(), default="1h", show_default=True, help="Start: `6h` (ago) or ISO-8601.")
@click.option("--until", type=PastTime(), default="0s", help="End, in the same form; by default now.")
@click.option("--repair", is_flag=True, help="Add what Graphite missed, through carbon.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def reconcile_metrics(since: datetime, until: datetime, repair: bool, as_json: bool) -> None:
    """Compare the totals of the event log with Graphite's; exit 0 if they are equal, or were repaired.

    Exit 1: some totals still differ, or nothing could be compared. Exit 2: the database or Graphite cannot be read.
    """
    settings = load_settings()
    if since >= until:
        raise click.UsageError("--since must be before --until.")
    carbon = Carbon(settings.carbon_host, settings.carbon_port) if repair else None
    _mention_damaged(Path(settings.whisper_dir) if settings.whisper_dir else None, repair)
    try:
        outcome = reconcile(Graphite(settings.graphite_url, timeout=60), since, until, carbon=carbon)
    except (OperationalError, InterfaceError) as error:
        unreadable(f"The database cannot be read: {error.orig}")
    except (Invalid, Unavailable) as error:
        unreadable(error.detail)
    except ControlPlaneError as error:
        raise click.ClickException(error.detail) from error
    if as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
    else:
        show(console(), outcome)
    raise SystemExit(0 if outcome.equal else 1)


def _mention_damaged(folder: Path | None, repair: bool) -> None:
    """Name whisper files that were cut; a repair moves them aside first, because carbon cannot write to them."""
    for file in whisper.damaged(folder) if folder is not None and folder.is_dir() else ():
        if repair:
            kept = whisper.set_aside(file)
            click.echo(f"{file} was damaged; it is now {kept.name}, and carbon starts a new file.", err=True)
        else:
            click.echo(f"{file} is damaged, so its points are lost. --repair moves it aside and starts anew.", err=True)


@slo.command("report")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="YYYY-MM in UTC; by default the current month.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="table", show_default=True)
def report_slos(month: datetime | None, format_name: str) -> None:
    """Report how well the objectives were met in a month, from Graphite, compared with the event log where possible.

    Exit 2: the database or Graphite cannot be read.
    """
    now = clock.now()
    first = (month or now).date().replace(day=1)
    if first > now.date():
        raise click.UsageError(f"The month {first:%Y-%m} has not started yet.")
    try:
        monthly = report(Graphite(load_settings().graphite_url, timeout=60), first, now)
    except (OperationalError, InterfaceError) as error:
        unreadable(f"The database cannot be read: {error.orig}")
    except Unavailable as error:
        unreadable(error.detail)
    formatted = FORMATS[format_name](monthly)
    if isinstance(formatted, str):
        click.echo(formatted)
    else:
        console().print(formatted)


@cli_group.command("recount")
@click.option("--rebuild", is_flag=True, help="Replace the stored totals with the recount.")
def recount(rebuild: bool) -> None:
    """Compare the stored totals of GET /metrics with a recount of all their events; exit 1 if any series differs."""
    if rebuild:
        totals.rebuild()
    counted, different = totals.differences()
    for difference in different:
        click.echo(f"{difference.series}: {difference.stored:,} stored, {difference.events:,} in the events")
    click.echo(f"{counted.event_id:,} events counted in {len(counted.totals):,} series, {len(different):,} differ.")
    if counted.behind:
        click.echo(f"{counted.behind:,} events are not counted yet; the job `count_totals` will count them.")
    if different:
        click.echo(
            "`flask metrics recount --rebuild` replaces the stored totals; Prometheus sees that as a counter reset."
        )
        raise SystemExit(1)
