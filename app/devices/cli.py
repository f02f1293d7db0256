"""`flask devices`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import IO

import click
import psycopg
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError

from app.devices.importing import RESULTS, Import
from app.errors import ControlPlaneError, FieldError

cli_group = AppGroup("devices", help="The fleet.")

_SHOWN_REFUSALS = 100


@cli_group.command("import")
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
