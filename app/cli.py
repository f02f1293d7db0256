"""`flask` commands."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app.events.unit import unit_of_work
from app.http.auth import Role, create_token

tokens = AppGroup("tokens", help="Bearer tokens of the API.")


@tokens.command("create")
@click.option("--subject", required=True, help="The person or service the token speaks for.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.OPERATOR.value, show_default=True
)
def create(subject: str, role: str) -> None:
    """Make a token and print it; it cannot be shown again."""
    with unit_of_work("cli"):
        secret = create_token(subject, Role(role))
    click.echo(secret)


def install(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(tokens)
