"""`flask tokens`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.errors import ControlPlaneError
from app.events.unit import unit_of_work
from app.identity.roles import Role
from app.identity.tokens import create_token

cli_group = AppGroup("tokens", help="Bearer tokens of the API.")


@cli_group.command("create")
@click.option("--subject", required=True, help="The person or service that the token identifies.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.OPERATOR.value, show_default=True
)
def create(subject: str, role: str) -> None:
    """Create a token and print it. It cannot be shown again."""
    try:
        with unit_of_work("cli"):
            secret = create_token(subject, Role(role))
    except ControlPlaneError as error:
        raise click.ClickException(str(error)) from error
    click.echo(secret)
