"""`flask demo`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext
from rich.console import Console

from app.demo import history, proof, run
from app.demo.calling import api_url
from app.demo.errors import DemoFailed
from app.errors import ControlPlaneError
from app.events.unit import unit_of_work
from app.identity.roles import Role
from app.identity.tokens import create_token
from app.settings import Settings, load_settings
from app.terminal import console as open_console


@click.command()
@click.option(
    "--devices", type=click.IntRange(min=10_000), default=10_000, show_default=True, help="Size of the fleet."
)
@click.option(
    "--exit", "ends", is_flag=True, envvar="DEMO_EXIT", help="Exit when done; 0 only if it completed and totals agree."
)
@click.option("--report", type=click.Path(path_type=Path), envvar="DEMO_REPORT", help="Write the result as Markdown.")
@click.option("--totals", "every_total", is_flag=True, envvar="DEMO_TOTALS", help="Print every total that is compared.")
@click.option(
    "--history",
    "count",
    type=click.IntRange(min=1),
    metavar="N",
    help="Instead, fill the dashboards with history: run N small deployments with all kinds of outcomes.",
)
@with_appcontext
def demo(devices: int, ends: bool, report: Path | None, every_total: bool, count: int | None) -> None:
    """Roll one release through five rings over REST and compare the totals of the database and Graphite."""
    console, settings, since = open_console(), load_settings(), proof.now()
    if count is not None:
        _play_history(console, settings, count, every_total)
    with unit_of_work("cli"):
        token = create_token("demo", Role.OPERATOR)
    try:
        result = run.run(console, settings, token, devices)
    except (DemoFailed, ControlPlaneError) as error:
        raise click.ClickException(str(error)) from error
    run.show(console, result, every_total=every_total)
    if report is not None:
        run.write_report(report, result, since)
        console.print(f"Wrote the report to {report}.")
    if ends:
        raise SystemExit(0 if result.agreed else 1)
    _addresses(console, settings, token)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("Stopped.")


def _addresses(console: Console, settings: Settings, token: str) -> None:
    api = api_url(settings)
    console.print(f"\nDashboards  {api}/dashboards#token={token}", soft_wrap=True)
    console.print(f"API         {api}/docs", soft_wrap=True)
    console.print(f"Graphite    {settings.graphite_url}", soft_wrap=True)
    console.print("Serving until Ctrl-C.")


def _play_history(console: Console, settings: Settings, count: int, every_total: bool) -> NoReturn:
    """Exit with 0 only if every deployment ended as expected and the totals agree."""

    def token(subject: str, role: Role) -> str:
        with unit_of_work("cli"):
            return create_token(subject, role)

    try:
        result = history.play(console, settings, token, count)
    except (DemoFailed, ControlPlaneError) as error:
        raise click.ClickException(str(error)) from error
    history.show(console, result, every_total=every_total)
    raise SystemExit(0 if result.agreed else 1)
