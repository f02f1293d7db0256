"""`flask doctor`."""

from __future__ import annotations

import click

from app.doctor import examination
from app.terminal import console


@click.command()
def doctor() -> None:
    """Check every step from a measure to a dashboard; exit 1 if there is a fault.

    `python -m app.doctor` does the same, and also works with settings the app cannot start with.
    """
    raise SystemExit(examination.main(console()))
