"""`flask devices`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import IO

import click
import psycopg
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError

from app.devices.importing import REJECTED, RESULTS, Import
from app.errors import ControlPlaneError, FieldError

cli_group = AppGroup("devices", help="Manage the fleet.")

_SHOWN_REJECTIONS = 100


@cli_group.command("import")
@click.argument("file", type=click.File("rb"))
def import_devices(file: IO[bytes]) -> None:
    """Register or update the devices in a CSV file (`-`: standard input).

    The columns are those of POST /devices. Valid lines are stored. Invalid lines are rejected: the first hundred are
    printed with their reasons, and the command exits with 1.
    """
    started = time.monotonic()
    work = Import("cli", lambda number, errors: _show_rejected(work.counts[REJECTED], number, errors))
    try:
        work.run(file)
    except ControlPlaneError as error:
        raise click.ClickException("\n".join((error.detail, *map(_shown, error.fields)))) from error
    except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
        raise click.ClickException(
            f"The database does not respond. {_summary(work)} Import the file again; stored devices will be unchanged."
        ) from error
    if work.counts[REJECTED] > _SHOWN_REJECTIONS:
        click.echo(f"... and {work.counts[REJECTED] - _SHOWN_REJECTIONS:,} more lines were rejected.", err=True)
    click.echo(f"{_summary(work)} {time.monotonic() - started:.1f} s.")
    if work.counts[REJECTED]:
        raise SystemExit(1)


def _summary(work: Import) -> str:
    return ", ".join(f"{work.counts[result]:,} {result}" for result in RESULTS) + "."


def _shown(error: FieldError) -> str:
    return f"{error.field}: {error.message}"


def _show_rejected(so_far: int, number: int, errors: Sequence[FieldError]) -> None:
    if so_far <= _SHOWN_REJECTIONS:
        click.echo(f"line {number}: " + "; ".join(map(_shown, errors)), err=True)
