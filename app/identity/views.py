"""`/tokens`, `/subjects`, `/whoami`: parse, call, return."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, url_for

from app.errors import Forbidden
from app.http import exports
from app.http.idempotency import idempotent, idempotent_without
from app.http.operations import created, listed, ok, operation
from app.http.pagination import PageQuery
from app.identity import queries, tokens
from app.identity.authentication import allowed, caller, csrf_token, readable_by
from app.identity.errors import InvalidToken, NoSuchSubject, NoSuchToken, RoleNotGranted, TokenEnded
from app.identity.responses import IssuedToken, Subject, Token, Whoami
from app.identity.schemas import RevocationIn, RolesIn, RotationIn, TokenIn, TokenQuery
from app.identity.scopes import Limit, checks
from app.identity.tokens import Issued

SECRET = "secret"  # the name of a field

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/whoami")
@checks(*Limit)
@operation("get_whoami", "identity", ok(Whoami))
def whoami() -> Response:
    """Show who the token or the session speaks for, its role, its limits and its expiry."""
    return jsonify(queries.whoami(caller(), csrf_token()))


@blueprint.get("/tokens")
@readable_by()
@operation("list_tokens", "identity", listed(Token), errors=(Forbidden,))
def index(query: TokenQuery) -> Response:
    """List tokens. Secrets are never shown."""
    return exports.answer(Token, query, queries.tokens)


@blueprint.get("/tokens/<int:token_id>")
@readable_by()
@operation("get_token", "identity", ok(Token), errors=(Forbidden, NoSuchToken))
def show(token_id: int) -> Response:
    """Show a token."""
    return jsonify(queries.token(token_id))


@blueprint.post("/tokens")
@allowed()
@idempotent_without(SECRET)
@operation("create_token", "identity", created(IssuedToken), errors=(InvalidToken, RoleNotGranted))
def create(json: TokenIn) -> Response:
    """Create a token. The answer has its secret, which is never shown again: a repeated request gets null."""
    issued = tokens.create(caller().subject, json)
    response = jsonify(_with_secret(issued))
    response.status_code = 201
    response.headers["Location"] = url_for("tokens.show", token_id=issued.token_id)
    return response


@blueprint.post("/tokens/<int:token_id>/rotate")
@allowed()
@idempotent_without(SECRET)
@operation("rotate_token", "identity", ok(IssuedToken), errors=(InvalidToken, NoSuchToken, TokenEnded))
def rotate(token_id: int, json: RotationIn) -> Response:
    """Give a token a new secret, which is shown once, and a new expiry. The old one may work on for a while."""
    issued = tokens.rotate(caller().subject, token_id, json.overlap_hours, json.expires_in_days)
    return jsonify(_with_secret(issued))


@blueprint.post("/tokens/<int:token_id>/revoke")
@allowed()
@idempotent
@operation("revoke_token", "identity", ok(Token), errors=(NoSuchToken, TokenEnded))
def revoke(token_id: int, json: RevocationIn) -> Response:
    """End a token at once."""
    tokens.revoke(caller().subject, token_id, json.reason, json.compromised)
    return jsonify(queries.token(token_id))


@blueprint.get("/subjects")
@readable_by()
@operation("list_subjects", "identity", listed(Subject), errors=(Forbidden,))
def index_subjects(query: PageQuery) -> Response:
    """List the people and services that have or had tokens, with their roles."""
    return exports.answer(Subject, query, queries.subjects)


@blueprint.put("/subjects/<int:subject_id>/roles")
@allowed()
@idempotent
@operation("set_roles", "identity", ok(Subject), errors=(NoSuchSubject,))
def set_roles(subject_id: int, json: RolesIn) -> Response:
    """Replace a subject's roles. Its tokens above them are revoked; without any role, all of them are."""
    tokens.set_roles(caller().subject, subject_id, json.roles, json.reason)
    return jsonify(queries.subject(subject_id))


def install(app: Flask) -> None:
    """Register the routes of tokens and subjects."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")


def _with_secret(issued: Issued) -> dict[str, Any]:
    return {**queries.token(issued.token_id), SECRET: issued.secret}
