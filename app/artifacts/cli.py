"""`flask artifacts`."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError

from app.artifacts import checking, storage
from app.artifacts.errors import StoreFull, StoreUnavailable
from app.db import db
from app.terminal import unreadable

cli_group = AppGroup("artifacts", help="The store of artifacts.")
SHOWN = 20


@cli_group.command("prepare")
def prepare() -> None:
    """Create the folder or the bucket of EUCORA_ARTIFACTS_URL if it does not exist."""
    place = storage.current()
    try:
        place.prepare()
    except (StoreFull, StoreUnavailable) as error:
        unreadable(error.detail)
    click.echo(f"Artifacts are stored in {place}.")


@cli_group.command("check")
@click.option("--read", "reads_all", is_flag=True, help="Read every content and compare its SHA-256 too.")
def check(*, reads_all: bool) -> None:
    """Compare the rows of artifacts with the contents in the store; exit 1 if a content is missing or damaged."""
    place = storage.current()
    try:
        found = checking.compare(place, db.session(), reads_all=reads_all)
    except (StoreFull, StoreUnavailable) as error:
        unreadable(error.detail)
    except (OperationalError, InterfaceError) as error:
        unreadable(f"The database cannot be read: {error.orig}")
    for what, hashes in (("missing", found.missing), ("damaged", found.damaged)):
        for sha256 in hashes[:SHOWN]:
            click.echo(f"{sha256} is {what}: upload it again, or restore it from a backup.")
        if len(hashes) > SHOWN:
            click.echo(f"... and {len(hashes) - SHOWN:,} more are {what}.")
    click.echo(
        f"{found.artifacts:,} artifacts of {found.size / 1e6:,.1f} MB in {place}: {len(found.missing):,} missing, "
        f"{len(found.damaged):,} damaged; {len(found.orphans):,} contents without an artifact, which the job `retain` "
        "deletes a day after they came."
    )
    if found.missing or found.damaged:
        raise SystemExit(1)
