"""`flask tokens`, `flask subjects`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click
from flask.cli import AppGroup
from pydantic import ValidationError
from rich import box
from rich.table import Table

from app.errors import ControlPlaneError
from app.http.bodies import field_errors
from app.http.pagination import MAX_LIMIT, PageQuery
from app.http.serialization import timestamp
from app.identity import queries, sessions, tokens
from app.identity.models import SubjectKind
from app.identity.roles import Role
from app.identity.schemas import (
    LONGEST_OVERLAP_HOURS,
    RevocationIn,
    RolesIn,
    RotationIn,
    TokenIn,
    TokenQuery,
    TokenState,
)
from app.identity.scopes import Scopes
from app.identity.tokens import CLI, LIFETIMES
from app.terminal import console

Command = TypeVar("Command", bound=Callable[..., Any])

cli_group = AppGroup("tokens", help="Bearer tokens of the API.")
subjects_group = AppGroup("subjects", help="People and services, and the most that their tokens may do.")

_ROLES = click.Choice([role.value for role in Role])
_LIFETIMES = "; ".join(f"{kind.value}: {life.default}, at most {life.most}" for kind, life in LIFETIMES.items())
_expires = click.option("--expires-in-days", type=int, help=f"Days until it expires ({_LIFETIMES}).")


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn what a caller of the API would get into the errors of a command."""
    try:
        yield
    except ValidationError as error:
        raise click.UsageError("; ".join(f"{each.field}: {each.message}" for each in field_errors(error))) from error
    except ControlPlaneError as error:
        raise click.ClickException(
            "\n".join((error.detail, *(f"{each.field}: {each.message}" for each in error.fields)))
        ) from error


@cli_group.command("list")
@click.option("--subject", help="Only this person's or service's.")
@click.option("--role", type=_ROLES, help="Only of this role.")
@click.option("--state", type=click.Choice([state.value for state in TokenState]), help="Only in this state.")
def list_tokens(**filters: str | None) -> None:
    """List tokens, the newest first; secrets are never shown."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("id", "token", "subject", "role", "state", "expires", "last used", "limited to", "description"):
        table.add_column(heading, overflow="fold")
    given = {name: value for name, value in filters.items() if value is not None}
    cursor: int | None = 0
    with _sentences():
        while cursor is not None:
            found = queries.tokens(TokenQuery(**given, cursor=cursor, limit=MAX_LIMIT))
            cursor = found["next"]
            for token in found["items"]:
                table.add_row(*map(_cell, _columns(token)))
    console().print(table)


@cli_group.command("create")
@click.option("--subject", required=True, help="The person or service that the token speaks for.")
@click.option("--role", type=_ROLES, default=Role.OPERATOR.value, show_default=True)
@click.option("--kind", type=click.Choice([kind.value for kind in SubjectKind]), help="Of a new subject.")
@click.option("--description", default="", help="What the token is for.")
@_expires
@click.option("--connector", help="Limit it to one connector.")
@click.option("--device", help="Limit it to one device, by external id.")
@click.option("--application", "applications", multiple=True, help="Limit it to these applications; repeatable.")
@click.option("--business-unit", "business_units", multiple=True, help="Limit it to these; repeatable.")
@click.option("--grant-role", is_flag=True, help="Also give an existing subject the role.")
def create(
    connector: str | None,
    device: str | None,
    applications: tuple[str, ...],
    business_units: tuple[str, ...],
    **fields: Any,
) -> None:
    """Create a token and print its secret. It cannot be shown again."""
    limits = {"connector": connector, "device": device}
    lists = {"applications": list(applications), "business_units": list(business_units)}
    with _sentences():
        wanted = TokenIn.model_validate({**fields, "scopes": {**limits, **lists}})
        click.echo(tokens.create(CLI, wanted).secret)


@cli_group.command("rotate")
@click.argument("token_id", type=int)
@click.option(
    "--overlap-hours",
    type=int,
    default=0,
    show_default=True,
    help=f"For so long the old secret works too; at most {LONGEST_OVERLAP_HOURS}.",
)
@_expires
def rotate(token_id: int, **fields: Any) -> None:
    """Give a token a new secret and a new expiry, and print the secret. It cannot be shown again."""
    with _sentences():
        wanted = RotationIn(**fields)
        click.echo(tokens.rotate(CLI, token_id, wanted.overlap_hours, wanted.expires_in_days).secret)


@cli_group.command("revoke")
@click.argument("token_id", type=int)
@click.option("--reason", required=True, help="Why, for the event log.")
@click.option("--compromised", is_flag=True, help="Others may have used it: what its subject approved is asked again.")
def revoke(token_id: int, **fields: Any) -> None:
    """End a token at once."""
    with _sentences():
        wanted = RevocationIn(**fields)
        tokens.revoke(CLI, token_id, wanted.reason, wanted.compromised)
    click.echo(f"Token {token_id} is revoked.")


@subjects_group.command("list")
def list_subjects() -> None:
    """List people and services with their roles."""
    table = Table("id", "subject", "kind", "roles", box=box.SIMPLE_HEAD)
    cursor: int | None = 0
    while cursor is not None:
        found = queries.subjects(PageQuery(cursor=cursor, limit=MAX_LIMIT))
        cursor = found["next"]
        for subject in found["items"]:
            roles = ", ".join(subject["roles"]) or "none"
            table.add_row(str(subject["id"]), _cell(subject["name"]), subject["kind"].value, roles)
    console().print(table)


@subjects_group.command("set-roles")
@click.argument("subject_id", type=int)
@click.option("--role", "roles", type=_ROLES, multiple=True, help="Repeatable; without any, it may do nothing.")
@click.option("--reason", required=True, help="Why, for the event log.")
def set_roles(subject_id: int, roles: tuple[str, ...], reason: str) -> None:
    """Replace a subject's roles. Its tokens above them are revoked."""
    with _sentences():
        wanted = RolesIn.model_validate({"roles": list(roles), "reason": reason})
        tokens.set_roles(CLI, subject_id, wanted.roles, wanted.reason)
    click.echo(f"Subject {subject_id} has the roles: {', '.join(roles) or 'none'}.")


@subjects_group.command("forget-account")
@click.argument("subject_id", type=int)
def forget_account(subject_id: int) -> None:
    """Let a person log in with another account of the identity provider than before."""
    with _sentences():
        sessions.forget_account(CLI, subject_id)
    click.echo(f"Subject {subject_id} may log in with any account that has the name.")


def _columns(token: dict[str, Any]) -> tuple[Any, ...]:
    limits = Scopes.from_json(token["scopes"])
    shown = [token[name] for name in ("id", "prefix", "subject", "role", "state")]
    return *shown, token["expires_at"] or "never", token["last_used_at"], limits, token["description"]


def _cell(value: Any) -> str:
    """A cell's text; a bracket in it is no markup."""
    text = timestamp(value)[:16].replace("T", " ") if isinstance(value, datetime) else str(value or "-")
    return text.replace("[", r"\[")
