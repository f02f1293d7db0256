"""Authentication of requests: every view needs a caller whose role allows the request, unless it is open to all.

An authenticator is one way to identify a caller. They are tried in order; the first that finds its kind of credentials
in the request decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request, current_app, g, request

from app.errors import Unauthenticated
from app.http.callers import is_open, may_outlive
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
    outlives = may_outlive(current_app.view_functions[received.endpoint or ""])
    owner = tokens.caller_of(secret.strip(), outlives_database=outlives)
    if owner is None:
        raise Unauthenticated("This token is unknown or was revoked. Create a new one with `flask tokens create`.")
    return owner


AUTHENTICATORS: tuple[Authenticator, ...] = (by_bearer_token,)


def allowed(*roles: Role) -> Callable[[View], View]:
    """Mark a view with the roles that may call it, in place of `CHANGING`; admins may call everything."""

    def mark(view: View) -> View:
        view.allowed_roles = frozenset({*roles, Role.ADMIN})  # type: ignore[attr-defined]  # read in `_authenticate`
        return view

    return mark


def roles_of(view: Callable[..., object], method: str) -> tuple[str, ...]:
    """The roles that may call a view with a method, in the order of `Role`."""
    roles = frozenset(Role) if method in READING else getattr(view, "allowed_roles", CHANGING)
    return tuple(role.value for role in Role if role in roles)


def caller() -> Caller:
    """The authenticated caller of this request."""
    present: Caller = g.caller
    return present


def _authenticate() -> None:
    if request.endpoint is None:
        return  # an unknown path: the 404 reveals nothing
    view = current_app.view_functions[request.endpoint]
    if is_open(view):
        return
    identities = (authenticate(request) for authenticate in AUTHENTICATORS)
    identified = next((identity for identity in identities if identity is not None), None)
    if identified is None:
        raise Unauthenticated("Send `Authorization: Bearer <token>`. Create a token with `flask tokens create`.")
    g.caller = identified
    if request.method not in READING:
        require(identified.role, getattr(view, "allowed_roles", CHANGING))


def install(app: Flask) -> None:
    """Authenticate before every view."""
    app.before_request(_authenticate)
