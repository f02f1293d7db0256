"""`flask doctor`."""

from __future__ import annotations

import click

from app.doctor import examination
from app.terminal import console


@click.command()
def doctor() -> None:
    """Look at every part of the way from a measure to a dashboard; exit 1 if there is a fault.

    `python -m app.doctor` does the same, also with settings of which no app can be made.
    """
    raise SystemExit(examination.main(console()))
