"""`flask` commands."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, ClassVar, NoReturn

import click
import psycopg
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from rich.console import Console
from sqlalchemy.exc import InterfaceError, OperationalError

from app import clock
from app.audit.findings import Audit
from app.audit.verify import Fault, verify
from app.demo import history as stories, proof, run
from app.demo.errors import DemoFailed
from app.deployments.replay import replay
from app.devices.importing import RESULTS, Import
from app.doctor import examination
from app.errors import ControlPlaneError, FieldError, Invalid, Unavailable
from app.events.unit import unit_of_work
from app.identity.roles import Role
from app.identity.tokens import create_token
from app.metrics.following import totals
from app.metrics.objectives.formats import FORMATS
from app.metrics.objectives.report import report as report_month
from app.metrics.proof.carbon import Carbon
from app.metrics.proof.outcome import show
from app.metrics.proof.reconcile import reconcile
from app.metrics.reading.graphite import Graphite
from app.settings import Settings, load_settings

tokens = AppGroup("tokens", help="Bearer tokens of the API.")
devices = AppGroup("devices", help="The fleet.")
events = AppGroup("events", help="Proofs of the event log.")
metrics = AppGroup("metrics", help="Proofs of what Graphite says.")
slo = AppGroup("slo", help="The objectives of the service.")

_SHOWN_REFUSALS = 100


@tokens.command("create")
@click.option("--subject", required=True, help="The person or service the token speaks for.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.OPERATOR.value, show_default=True
)
def create(subject: str, role: str) -> None:
    """Make a token and print it; it cannot be shown again."""
    try:
        with unit_of_work("cli"):
            secret = create_token(subject, Role(role))
    except ControlPlaneError as error:
        raise click.ClickException(str(error)) from error
    click.echo(secret)


@devices.command("import")
@click.argument("file", type=click.File("rb"))
def import_devices(file: IO[bytes]) -> None:
    """Register or update the devices of a CSV (`-`: standard input); exit 1 if lines were refused.

    Columns are those of POST /devices. Lines that are wrong are named, the first hundred, and the others stored.
    """
    started = time.monotonic()
    work = Import("cli", lambda number, errors: _refused(work.counts["refused"], number, errors))
    try:
        work.run(file)
    except ControlPlaneError as error:
        raise click.ClickException(error.detail) from error
    except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
        raise click.ClickException(
            f"The database does not answer. {_imported(work)} Import the file again: what is stored is left as it is."
        ) from error
    if work.counts["refused"] > _SHOWN_REFUSALS:
        click.echo(f"... and {work.counts['refused'] - _SHOWN_REFUSALS:,} more lines were refused.", err=True)
    click.echo(f"{_imported(work)} {time.monotonic() - started:.1f} s.")
    if work.counts["refused"]:
        raise SystemExit(1)


def _imported(work: Import) -> str:
    return ", ".join(f"{work.counts[result]:,} {result}" for result in RESULTS) + "."


def _refused(so_far: int, number: int, errors: Sequence[FieldError]) -> None:
    if so_far <= _SHOWN_REFUSALS:
        click.echo(f"line {number}: " + "; ".join(f"{error.field}: {error.message}" for error in errors), err=True)


@events.command("verify")
def verify_events() -> None:
    """Recompute the whole chain and compare it with the heads kept elsewhere; exit 1 on any finding."""
    seen, file = verify(), load_settings().event_heads_file
    heads = f"{seen.heads} heads match" if file else "no heads are kept (EUCORA_EVENT_HEADS_FILE)"
    if seen.checked and seen.kinds[Fault.FORGED] == seen.checked:
        heads += "; is EUCORA_EVENT_KEY the key this log was written with?"
    _conclude(seen, "events", heads)


@events.command("replay-gates")
def replay_gates() -> None:
    """Judge every stored gate evaluation again from its inputs; exit 1 if one comes out otherwise."""
    _conclude(replay(), "gate evaluations", "judged again from their stored inputs")


def _conclude(seen: Audit, what: str, how: str) -> None:
    """Print an audit's findings and its sum; exit 1 if there are any."""
    for finding in seen.findings:
        click.echo(finding.sentence)
    if seen.found > len(seen.findings):
        click.echo(f"... and {seen.found - len(seen.findings):,} more.")
    click.echo(f"{seen.checked:,} {what}, {seen.found:,} findings; {how}.")
    if seen.found:
        raise SystemExit(1)


class _Moment(click.ParamType[datetime]):
    """A time in the past: how long ago (`90s`, `30m`, `6h`, `7d`), or ISO-8601, without an offset in UTC."""

    name = "time"
    _SECONDS: ClassVar[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if value[:-1].isdecimal() and value[-1] in self._SECONDS:
            return clock.now() - timedelta(seconds=int(value[:-1]) * self._SECONDS[value[-1]])
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no time: give how long ago (90s, 30m, 6h, 7d) or 2026-01-31T12:00:00Z.", param, ctx
            )
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@metrics.command("reconcile")
@click.option("--since", type=_Moment(), default="1h", show_default=True, help="From when on: `6h` ago, or ISO-8601.")
@click.option("--until", type=_Moment(), default="0s", help="Up to when; by default the present.")
@click.option("--repair", is_flag=True, help="Add what Graphite has missed, through carbon.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def reconcile_metrics(since: datetime, until: datetime, repair: bool, as_json: bool) -> None:
    """Compare the totals of the event log with those of Graphite; exit 0 if they are equal, or have become so.

    Exit 1: differences remain, or nothing could be compared. Exit 2: the database or Graphite cannot be read.
    """
    settings = load_settings()
    if since >= until:
        raise click.UsageError("--since must be before --until.")
    carbon = Carbon(settings.carbon_host, settings.carbon_port) if repair else None
    try:
        outcome = reconcile(Graphite(settings.graphite_url, timeout=60), since, until, carbon=carbon)
    except (OperationalError, InterfaceError) as error:
        _unread(f"The database cannot be read: {error.orig}")
    except (Invalid, Unavailable) as error:
        _unread(error.detail)
    except ControlPlaneError as error:
        raise click.ClickException(error.detail) from error
    if as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
    else:
        show(_console(), outcome)
    raise SystemExit(0 if outcome.equal else 1)


@slo.command("report")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="YYYY-MM in UTC; by default the present month.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="table", show_default=True)
def report_slos(month: datetime | None, format_name: str) -> None:
    """How well the objectives were kept in a month, from Graphite, with the event log's own figures beside them.

    Exit 2: the database or Graphite cannot be read.
    """
    now = clock.now()
    first = (month or now).date().replace(day=1)
    if first > now.date():
        raise click.UsageError(f"The month {first:%Y-%m} has not begun.")
    try:
        found = report_month(Graphite(load_settings().graphite_url, timeout=60), first, now)
    except (OperationalError, InterfaceError) as error:
        _unread(f"The database cannot be read: {error.orig}")
    except Unavailable as error:
        _unread(error.detail)
    shown = FORMATS[format_name](found)
    if isinstance(shown, str):
        click.echo(shown)
    else:
        _console().print(shown)


def _unread(why: str) -> NoReturn:
    click.echo(f"Error: {why}", err=True)
    raise SystemExit(2)


@metrics.command("recount")
@click.option("--rebuild", is_flag=True, help="Replace the stored totals by the recount.")
def recount(rebuild: bool) -> None:
    """Compare the totals kept for GET /metrics with a recount of all their events; exit 1 if any series differs."""
    if rebuild:
        totals.rebuild()
    kept, different = totals.differences()
    for one in different:
        click.echo(f"{one.series}: {one.stored:,} stored, {one.events:,} in the events")
    click.echo(f"{kept.event_id:,} events counted in {len(kept.totals):,} series, {len(different):,} differ.")
    if kept.behind:
        click.echo(f"{kept.behind:,} events are not counted yet; the job `count_totals` will.")
    if different:
        click.echo("`flask metrics recount --rebuild` counts anew; to Prometheus that is a restart of the counters.")
        raise SystemExit(1)


@click.command()
@click.option(
    "--devices", type=click.IntRange(min=10_000), default=10_000, show_default=True, help="Fleet; rings need a sample."
)
@click.option("--exit", "ends", is_flag=True, envvar="DEMO_EXIT", help="End after the proof; exit 0 only if it holds.")
@click.option("--report", type=click.Path(path_type=Path), envvar="DEMO_REPORT", help="Write the result as Markdown.")
@click.option(
    "--history",
    type=click.IntRange(min=1),
    metavar="N",
    help="Instead, make a past for the dashboards: N small deployments with everything that can become of one.",
)
@with_appcontext
def demo(devices: int, ends: bool, report: Path | None, history: int | None) -> None:
    """Roll one release through five rings over REST and compare the totals of database and Graphite."""
    console, settings, since = _console(), load_settings(), proof.now()
    if history is not None:
        _tell_history(console, settings, history)
    with unit_of_work("cli"):
        token = create_token("demo", Role.OPERATOR)
    try:
        result = run.run(console, settings, token, devices)
    except (DemoFailed, ControlPlaneError) as error:
        raise click.ClickException(str(error)) from error
    run.show(console, result)
    if report is not None:
        run.write_report(report, result, since)
        console.print(f"The report is in {report}.")
    if ends:
        raise SystemExit(0 if result.agreed else 1)
    console.print(f"API and its documentation: http://{settings.api_host}:{settings.api_port}/docs")
    console.print(f"Graphite: {settings.graphite_url}")
    console.print(f"token: {token}", soft_wrap=True)
    console.print("Serving until Ctrl-C.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("Stopped.")


def _tell_history(console: Console, settings: Settings, count: int) -> NoReturn:
    """Exit 0 only if every deployment ended as it should and the totals agree."""

    def token(subject: str, role: Role) -> str:
        with unit_of_work("cli"):
            return create_token(subject, role)

    try:
        result = stories.tell(console, settings, token, count)
    except (DemoFailed, ControlPlaneError) as error:
        raise click.ClickException(str(error)) from error
    stories.show(console, result)
    raise SystemExit(0 if result.agreed else 1)


@click.command()
def doctor() -> None:
    """Look at every part of the way from a measure to a dashboard; exit 1 if there is a fault.

    `python -m app.doctor` does the same, also with settings of which no app can be made.
    """
    raise SystemExit(examination.main(_console()))


def _console() -> Console:
    # Into a file or a pipe, lines may be longer than on the narrowest terminal.
    console = Console()
    return console if console.is_terminal else Console(width=120)


def install(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(tokens)
    app.cli.add_command(devices)
    app.cli.add_command(events)
    app.cli.add_command(metrics)
    app.cli.add_command(slo)
    app.cli.add_command(demo)
    app.cli.add_command(doctor)
