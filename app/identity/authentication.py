"""Authentication of requests: every view needs a caller whose role allows the request, unless it is open to all.

An authenticator is one way to identify a caller. They are tried in order; the first that finds its kind of credentials
in the request decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import Flask, Request, Response, current_app, g, request

from app import addresses
from app.errors import CrossSite, TooManyFailures, Unauthenticated
from app.events import unit
from app.http.callers import is_open, may_outlive
from app.identity import attempts, cookies, login, lookup, scopes
from app.identity.errors import BadCredentials, BadSession, Failure
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
    """The caller of `Authorization: Bearer <token>`, or of another scheme that the view accepts.

    Raises BadCredentials, TooManyFailures.
    """
    scheme, _, secret = received.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in _schemes_of(current_app.view_functions[received.endpoint or ""]) or not secret:
        return None
    secret, source = secret.strip(), addresses.source(received.remote_addr)
    if not lookup.was_accepted_lately(secret):
        require_unlimited(source, "Send a token that is accepted")
    try:
        outlives = may_outlive(current_app.view_functions[received.endpoint or ""])
        return lookup.caller_of(secret, outlives_database=outlives)
    except BadCredentials as error:
        note_failure(error.failure, source)
        attempts.note_failure(source)
        raise


def by_session(received: Request) -> Caller | None:
    """The caller whose browser sends the cookie of a session. Raises BadSession, CrossSite, TooManyFailures."""
    logins = login.installed()
    if logins is None or not logins.cookies.has_session(received):
        return None
    secret, source = logins.cookies.session(received), addresses.source(received.remote_addr)
    g.session_is_bad = True
    if secret is None:
        require_unlimited(source, "Log in")
        note_failure(Failure.MALFORMED, source)
        attempts.note_failure(source)
        raise BadSession(Failure.MALFORMED, "This is not the cookie of a session. Log in again.")
    try:
        outlives = may_outlive(current_app.view_functions[received.endpoint or ""])
        found = lookup.caller_of_session(secret, logins.idle, outlives_database=outlives)
    except BadCredentials as error:
        note_failure(error.failure, source)  # it was good once, so the address is not on its way to be limited
        raise
    g.session_is_bad = False
    _require_own_site(received, secret, source)
    g.session_secret = secret
    return found


AUTHENTICATORS: tuple[Authenticator, ...] = (by_bearer_token, by_session)
"""A bearer token wins over a cookie."""


def _require_own_site(received: Request, secret: str, source: str) -> None:
    """Raise CrossSite unless a change comes from a page that can read our answers, which other sites' cannot."""
    if received.method in READING:
        return
    site = received.headers.get("Sec-Fetch-Site", "same-origin")
    if site == "same-origin" and cookies.is_csrf_token(received.headers.get(cookies.CSRF_HEADER, ""), secret):
        return
    note_failure(Failure.CSRF, source)
    raise CrossSite(
        f"A change by a session needs the header {cookies.CSRF_HEADER} with the `csrf_token` of GET /api/v1/whoami, "
        "and must come from our own pages."
    )


def csrf_token() -> str | None:
    """What changes by this request's session have to send; None if it has a bearer token."""
    secret: str | None = g.get("session_secret")
    return cookies.csrf_token(secret) if secret is not None else None


def require_unlimited(source: str, advice: str) -> None:
    """Raise TooManyFailures while an address is limited."""
    if seconds := attempts.seconds_limited(source):
        _observe(Failure.LIMITED)
        raise TooManyFailures(f"{advice}, or try again in {seconds} seconds.", seconds)


def note_failure(failure: Failure, source: str) -> None:
    """Count and log that nobody was authenticated."""
    _observe(failure)
    log.info("authentication failed", reason=failure.value, source=source)


def accepts(*schemes: str) -> Callable[[View], View]:
    """Mark a view that takes a token also under other names than `Bearer`."""

    def mark(view: View) -> View:
        view.token_schemes = frozenset({"bearer", *map(str.lower, schemes)})  # type: ignore[attr-defined]  # a mark
        return view

    return mark


def _schemes_of(view: Callable[..., object]) -> frozenset[str]:
    schemes: frozenset[str] = getattr(view, "token_schemes", frozenset({"bearer"}))
    return schemes


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


def _observe(failure: Failure) -> None:
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
        also = "" if login.installed() is None else " People log in at /login."
        raise Unauthenticated(f"Send `Authorization: Bearer <token>`. Create a token with `flask tokens create`.{also}")
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


def _forget_session(response: Response) -> Response:
    """Browsers drop the cookie of a session that is over."""
    logins = login.installed()
    if logins is not None and g.pop("session_is_bad", False) and response.status_code == HTTPStatus.UNAUTHORIZED:
        logins.cookies.end_session(response)
    return response


def install(app: Flask) -> None:
    """Authenticate before every view."""
    app.before_request(_authenticate)
    app.after_request(_forget_session)
    unit.install_listener(lookup.forget_ended)
