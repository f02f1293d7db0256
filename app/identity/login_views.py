"""`/login`, `/login/callback` and `/logout`: pages for browsers, which exist only if the settings name an issuer."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, request

from app import addresses, clock
from app.errors import Forbidden
from app.http.callers import open_to_all
from app.identity import attempts, authentication, sessions
from app.identity.authentication import allowed, caller
from app.identity.errors import Failure, LoginFailed, LoginRefused
from app.identity.login import AFTERWARDS, EXTENSION, Logins, installed, own_path
from app.identity.roles import Role
from app.identity.scopes import Limit, checks
from app.settings import Settings

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
@open_to_all
def begin() -> Response:
    """Send the browser to the identity provider; `next` is where it comes back to."""
    logins, target = _logins(), own_path(request.args.get("next", AFTERWARDS))
    url, began = logins.begin(target)
    response = make_response(redirect(url))
    logins.cookies.set_login(response, began, clock.now())
    return response


@blueprint.get("/login/callback")
@open_to_all
def complete() -> Response:
    """Take the identity provider's answer, and begin a new session in place of any that the browser had."""
    logins, now, source = _logins(), clock.now(), addresses.source(request.remote_addr)
    authentication.require_unlimited(source, "Log in later")
    began = logins.cookies.login(request, now)
    try:
        secret = logins.complete(request.args.to_dict(), began, now)
    except (LoginFailed, LoginRefused):
        authentication.note_failure(Failure.LOGIN, source)
        attempts.note_failure(source)
        raise
    target = began["next"] if began else AFTERWARDS
    response = make_response(redirect(request.script_root + target))
    logins.cookies.end_login(response)
    logins.cookies.set_session(response, secret)
    return response


@blueprint.post("/logout")
@allowed(*Role)
@checks(*Limit)
def end() -> Response:
    """End the session of the request, and say where to log out of the identity provider too."""
    if authentication.csrf_token() is None:
        raise Forbidden("A bearer token cannot log out. An admin revokes it with POST /api/v1/tokens/{id}/revoke.")
    logins = _logins()
    sessions.end(caller().subject, caller().token_id)
    response = jsonify(provider_logout=logins.provider.logout_url())
    logins.cookies.end_session(response)
    return response


def _logins() -> Logins:
    found = installed()
    assert found is not None, "there are no routes without it"
    return found


def install(app: Flask, settings: Settings) -> None:
    """Let people log in, if the settings name an identity provider."""
    if settings.oidc_issuer:
        app.extensions[EXTENSION] = Logins.of(settings)
        app.register_blueprint(blueprint)
