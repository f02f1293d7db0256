"""Authentication of requests: every path under `/api/v1` needs a caller whose role permits it, unless its view is open.

An authenticator is one way to prove who calls. They are asked in turn; the first that finds its credentials in the
request decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request, current_app, g, request

from app.errors import Unauthenticated
from app.http.callers import is_open
from app.identity import tokens
from app.identity.roles import CHANGING, READING, Role, require
from app.identity.subjects import Caller

View = TypeVar("View", bound=Callable[..., object])
Authenticator = Callable[[Request], Caller | None]
"""Returns the caller, None without credentials of its kind. Raises Unauthenticated for bad credentials."""


def by_bearer_token(received: Request) -> Caller | None:
    """The caller of `Authorization: Bearer <token>`."""
    scheme, _, secret = received.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    found = tokens.caller_of(secret.strip())
    if found is None:
        raise Unauthenticated("This token is unknown or was revoked; `flask tokens create` makes a new one.")
    return found


AUTHENTICATORS: tuple[Authenticator, ...] = (by_bearer_token,)


def allowed(*roles: Role) -> Callable[[View], View]:
    """Mark a view with the roles that may call it instead of `CHANGING`; admins may call everything."""

    def mark(view: View) -> View:
        view.allowed_roles = frozenset({*roles, Role.ADMIN})  # type: ignore[attr-defined]  # read in `_authenticate`
        return view

    return mark


def caller() -> Caller:
    """The authenticated caller of this request."""
    present: Caller = g.caller
    return present


def _authenticate() -> None:
    if request.endpoint is None:
        return  # no such path: the 404 reveals nothing
    view = current_app.view_functions[request.endpoint]
    if is_open(view):
        return
    found = next((who for ask in AUTHENTICATORS if (who := ask(request)) is not None), None)
    if found is None:
        raise Unauthenticated("Send `Authorization: Bearer <token>`; `flask tokens create` makes one.")
    g.caller = found
    if request.method not in READING:
        require(found.role, getattr(view, "allowed_roles", CHANGING))


def install(app: Flask) -> None:
    """Authenticate before every view."""
    app.before_request(_authenticate)
