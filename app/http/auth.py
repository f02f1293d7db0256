"""Bearer tokens: every path under `/api/v1` needs one, but for those a view declares open, of a role that may."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import Flask, current_app, g, request
from sqlalchemy import select

from app import clock
from app.db import db
from app.errors import ControlPlaneError, Forbidden, Invalid
from app.http.models import Token

View = TypeVar("View", bound=Callable[..., object])


class Role(StrEnum):
    """What a token is for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    APPROVER = "approver"
    REPORTER = "reporter"
    VIEWER = "viewer"


READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing: any role may use them."""
CHANGING = frozenset({Role.OPERATOR, Role.ADMIN})
"""Who may use every other method, unless the view says otherwise."""


class Unauthenticated(ControlPlaneError):
    type = "unauthenticated"
    title = "A bearer token is needed"


@dataclass(frozen=True)
class Caller:
    """Who is calling."""

    token_id: int
    subject: str
    role: Role


def open_to_all(view: View) -> View:
    """Mark a view that needs no token."""
    view.open_to_all = True  # type: ignore[attr-defined]  # a mark on the function, read in `_authenticate`
    return view


def allowed(*roles: Role) -> Callable[[View], View]:
    """Mark a view with the roles that may call it instead of `CHANGING`; admins may call everything."""

    def mark(view: View) -> View:
        view.allowed_roles = frozenset({*roles, Role.ADMIN})  # type: ignore[attr-defined]  # a mark, as above
        return view

    return mark


def require(present: Role, roles: Iterable[Role]) -> None:
    """Raise Forbidden unless the role is one of these."""
    needed = frozenset(roles)
    if present not in needed:
        names = " or ".join(role.value for role in Role if role in needed)
        raise Forbidden(f"This needs the role {names}; this token has the role {present.value}.")


def caller() -> Caller:
    """The authenticated caller of this request."""
    present: Caller = g.caller
    return present


def create_token(subject: str, role: Role) -> str:
    """A new token for `subject`: returned once, stored only as its hash."""
    if not subject.strip():
        raise Invalid("A token needs a subject: the person or service it speaks for.")
    secret = f"eucora_{secrets.token_urlsafe(32)}"
    db.session.add(Token(hash=_digest(secret), subject=subject.strip(), role=role.value, created_at=clock.now()))
    return secret


def _digest(secret: str) -> bytes:
    # A token is 256 random bits, so a plain hash is as strong as a slow one and costs a request nothing.
    return hashlib.sha256(secret.encode()).digest()


def _authenticate() -> None:
    if request.endpoint is None:
        return  # no such path: the 404 tells no secret
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "open_to_all", False):
        return
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("Send `Authorization: Bearer <token>`; `flask tokens create` makes one.")
    row = db.session.execute(
        select(Token.id, Token.subject, Token.role).where(
            Token.hash == _digest(secret.strip()), Token.revoked_at.is_(None)
        )
    ).first()
    if row is None:
        raise Unauthenticated("This token is unknown or was revoked; `flask tokens create` makes a new one.")
    g.caller = Caller(row.id, row.subject, Role(row.role))
    if request.method not in READING:
        require(g.caller.role, getattr(view, "allowed_roles", CHANGING))


def install(app: Flask) -> None:
    """Check the token before every view."""
    app.before_request(_authenticate)
