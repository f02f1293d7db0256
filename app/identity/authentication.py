"""Authentication of requests: every view needs a caller whose role allows the request, unless it is open to all.

An authenticator is one way to identify a caller. They are tried in order; the first that finds its kind of credentials
in the request decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import structlog
from flask import Flask, Request, current_app, g, request

from app import addresses
from app.errors import TooManyFailures, Unauthenticated
from app.events import unit
from app.http.callers import is_open, may_outlive
from app.identity import attempts, lookup, scopes
from app.identity.errors import BadCredentials, Failure
from app.identity.roles import CHANGING, READING, Role, require
from app.identity.scopes import Limit, Scopes
from app.identity.subjects import Caller

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., object])
Authenticator = Callable[[Request], Caller | None]
"""Returns the caller, None without credentials of its kind. Raises Unauthenticated for bad credentials."""
FailureObserver = Callable[[str], None]
TargetCheck = Callable[[Any, Scopes], None]

_observers: list[FailureObserver] = []
_targets: dict[str, tuple[frozenset[Limit], TargetCheck]] = {}


def install_observer(observer: FailureObserver) -> None:
    """Call `observer(reason)` for every request whose credentials were not accepted (`errors.Failure`)."""
    if observer not in _observers:
        _observers.append(observer)


def install_target(argument: str, limits: frozenset[Limit], check: TargetCheck) -> None:
    """Let tokens with these limits use the paths with this argument, if `check(value, scopes)` raises no OutOfScope."""
    _targets[argument] = (limits, check)


def by_bearer_token(received: Request) -> Caller | None:
    """The caller of `Authorization: Bearer <token>`. Raises BadCredentials, TooManyFailures."""
    scheme, _, secret = received.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    secret, source = secret.strip(), addresses.source(received.remote_addr)
    seconds = attempts.seconds_limited(source)
    if seconds and not lookup.was_accepted_lately(secret):
        _note_failure(Failure.LIMITED)
        raise TooManyFailures(f"Send a token that is accepted, or try again in {seconds} seconds.", seconds)
    try:
        outlives = may_outlive(current_app.view_functions[received.endpoint or ""])
        return lookup.caller_of(secret, outlives_database=outlives)
    except BadCredentials as error:
        _note_failure(error.failure)
        log.info("authentication failed", reason=error.failure.value, source=source)
        attempts.note_failure(source)
        raise


AUTHENTICATORS: tuple[Authenticator, ...] = (by_bearer_token,)


def allowed(*roles: Role) -> Callable[[View], View]:
    """Mark a view with the roles that may call it, in place of `CHANGING`; admins may call everything."""

    def mark(view: View) -> View:
        view.allowed_roles = frozenset({*roles, Role.ADMIN})  # type: ignore[attr-defined]  # read in `_authenticate`
        return view

    return mark


def readable_by(*roles: Role) -> Callable[[View], View]:
    """Mark a view that only reads with the roles that may, in place of all; admins may read everything."""

    def mark(view: View) -> View:
        view.reading_roles = frozenset({*roles, Role.ADMIN})  # type: ignore[attr-defined]  # read in `_authenticate`
        return view

    return mark


def roles_of(view: Callable[..., object], method: str) -> tuple[str, ...]:
    """The roles that may call a view with a method, in the order of `Role`."""
    roles = _roles_of(view, method)
    return tuple(role.value for role in Role if role in roles)


def limits_of(view: Callable[..., object], arguments: Iterable[str]) -> frozenset[Limit]:
    """The limits that are checked for a view with these arguments in its path."""
    return scopes.checked_by(view).union(*(_targets[name][0] for name in arguments if name in _targets))


def caller() -> Caller:
    """The authenticated caller of this request."""
    present: Caller = g.caller
    return present


def _note_failure(failure: Failure) -> None:
    for observer in _observers:
        observer(failure.value)


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
    require(identified.role, _roles_of(view, request.method))
    if identified.scopes.limits:
        _require_in_scope(view, identified.scopes)


def _roles_of(view: Callable[..., object], method: str) -> frozenset[Role]:
    if method in READING:
        return frozenset(Role if method == "OPTIONS" else getattr(view, "reading_roles", Role))
    return frozenset(getattr(view, "allowed_roles", CHANGING))


def _require_in_scope(view: Callable[..., object], limits: Scopes) -> None:
    """Raise OutOfScope unless the view, or what its path names, is within the limits of the token."""
    arguments = request.view_args or {}
    scopes.require_checked(limits, limits_of(view, arguments))
    for name, value in arguments.items():
        if name in _targets:
            _, check = _targets[name]
            check(value, limits)


def install(app: Flask) -> None:
    """Authenticate before every view."""
    app.before_request(_authenticate)
    unit.install_listener(lookup.forget_ended)
