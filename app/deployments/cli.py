"""`flask plans`, and `flask events replay-gates`."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from pydantic import ValidationError
from rich import box
from rich.table import Table

from app.audit.cli import conclude
from app.deployments import preview
from app.deployments.replay import replay
from app.deployments.rules.durations import spell
from app.deployments.schemas import PreviewQuery
from app.devices.schemas import Platform
from app.errors import ControlPlaneError
from app.http.bodies import field_errors
from app.http.serialization import timestamp
from app.terminal import console
from app.vocabulary import SiteClass

cli_group = AppGroup("plans", help="Ring plans.")


@click.command("replay-gates")
@with_appcontext
def replay_gates() -> None:
    """Evaluate every stored gate evaluation again from its inputs; exit 1 if a verdict differs."""
    conclude(replay(), "gate evaluations", "judged again from their stored inputs")


@cli_group.command("preview")
@click.argument("name")
@click.option("--version", type=int, help="A version of the plan; by default the newest.")
@click.option("--platform", type=click.Choice([each.value for each in Platform]), help="Only devices of this platform.")
@click.option("--business-unit", "business_units", multiple=True, help="Only devices of these; repeatable.")
@click.option("--tag", "tags", multiple=True, help="Only devices with one of these; repeatable.")
@click.option("--exclude-tag", "exclude_tags", multiple=True, help="Only devices without any of these; repeatable.")
@click.option(
    "--site-class",
    "site_classes",
    type=click.Choice([each.value for each in SiteClass]),
    multiple=True,
    help="Only devices of these; repeatable.",
)
@click.option("--application", help="Also show the freezes of this application.")
@click.option("--devices", type=int, help="Count so many devices instead of registered ones.")
@click.option("--tagged", multiple=True, help="How many of --devices have a ring's tag, such as lab:5; repeatable.")
def preview_plan(name: str, **options: Any) -> None:
    """Show what a ring plan would do now; nothing is stored. Without options, all registered devices count."""
    try:
        query = PreviewQuery(**{option: value for option, value in options.items() if value not in (None, ())})
        previewed = preview.of_plan(None, name, query)
    except ValidationError as error:
        problems = "; ".join(f"{each.field}: {each.message}" for each in field_errors(error))
        raise click.UsageError(problems) from error
    except ControlPlaneError as error:
        raise click.ClickException(error.detail) from error
    screen = console()
    screen.print(_table(previewed))
    for sentence in _sentences(previewed):
        screen.print(sentence, markup=False, highlight=False)


def _table(previewed: dict[str, Any]) -> Table:
    """The rings with what each of them forgives, stops and takes."""
    title = f"{previewed['plan']}, version {previewed['plan_version']}: {previewed['devices']:,} devices"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("ring", overflow="fold")
    rates = [chance["failure_rate"] for chance in previewed["rings"][0]["stopped"]]
    of_rates = [f"stopped at {rate * 100:.3g} %" for rate in rates]
    for heading in ("devices", "forgives", *of_rates, "earliest", "typical"):
        table.add_column(heading, justify="right")
    for ring in previewed["rings"]:
        table.add_row(
            ring["name"],
            f"{ring['devices']:,}",
            "-" if ring["forgiven"] is None else f"{ring['forgiven']:,}",
            *(f"{chance['by_ring']:.1%}" for chance in ring["stopped"]),
            spell(ring["earliest"]["seconds"]),
            spell(ring["typical"]["seconds"]),
        )
    return table


def _sentences(previewed: dict[str, Any]) -> list[str]:
    """The end of the rollout, and what a person should know before it."""
    earliest, typical = previewed["earliest"], previewed["typical"]
    return [
        f"earliest end in {spell(earliest['seconds'])} ({_time(earliest)}), "
        f"typical end in {spell(typical['seconds'])} ({_time(typical)})",
        *(f"hold: {each['hold']}, {each['reason']}" for each in previewed["holds"]),
        *(
            f"sign-off before ring {each['ring']} (people: {each['people']}): {each['reason']}"
            for each in previewed["sign_off"]
        ),
        *(f"excluded: {each['devices']:,} devices ({each['reason']})" for each in previewed["excluded"]),
        *(
            f"not installable: {each['devices']:,} devices of connector {each['connector']} ({each['reason']})"
            for each in previewed["not_installable"]
        ),
        *(f"note: {each['note']}" for each in previewed["notes"]),
    ]


def _time(span: dict[str, Any]) -> str:
    return "more than a century ahead" if span["ends_at"] is None else timestamp(span["ends_at"])
