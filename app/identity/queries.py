"""What the API and the commands return about tokens and subjects; never a secret or a hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, not_, select

from app import clock
from app.db import db
from app.http.pagination import PageQuery, page, paged
from app.identity.errors import NoSuchToken
from app.identity.models import Subject, Token
from app.identity.schemas import TokenQuery, TokenState
from app.identity.scopes import Scopes
from app.identity.subjects import Caller, usable
from app.spelling import folded

_TOKEN = select(
    Token.id,
    Token.prefix,
    Token.subject_id,
    Subject.name.label("subject"),
    Subject.kind,
    Token.role,
    Token.description,
    Token.scopes,
    Token.created_at,
    Token.created_by,
    Token.expires_at,
    Token.rotated_at,
    Token.previous_until,
    Token.last_used_at,
    Token.revoked_at,
    Token.revoked_by,
    Token.revoke_reason,
    Token.is_session,
).join(Subject, Subject.id == Token.subject_id)
_SUBJECT = select(
    Subject.id,
    Subject.name,
    Subject.kind,
    Subject.roles,
    Subject.blocked,
    Subject.logged_in_at,
    Subject.created_at,
)


def tokens(query: TokenQuery) -> dict[str, Any]:
    """A page of tokens."""
    statement = paged(_TOKEN, Token.id, query)
    if query.subject is not None:
        statement = statement.where(Subject.key == folded(query.subject))
    if query.role is not None:
        statement = statement.where(Token.role == query.role.value)
    if query.is_session is not None:
        statement = statement.where(Token.is_session.is_(query.is_session))
    if query.state is not None:
        statement = statement.where(_in_state(query.state))
    now = clock.now()
    return page([_shown(row, now) for row in db.session.execute(statement).mappings()], query)


def token(token_id: int) -> dict[str, Any]:
    """One token. Raises NoSuchToken."""
    row = db.session.execute(_TOKEN.where(Token.id == token_id)).mappings().first()
    if row is None:
        raise NoSuchToken(token_id)
    return _shown(row, clock.now())


def whoami(caller: Caller, csrf_token: str | None = None) -> dict[str, Any]:
    """The caller: the subject, its kind, the role and the limits it acts with, and its token or session."""
    own = token(caller.token_id)
    return {
        "subject": caller.subject,
        "kind": own["kind"],
        "role": caller.role.value,
        "scopes": own["scopes"],
        "token": own,
        "csrf_token": csrf_token,
    }


def subjects(query: PageQuery) -> dict[str, Any]:
    """A page of subjects."""
    statement = paged(_SUBJECT, Subject.id, query)
    return page([dict(row) for row in db.session.execute(statement).mappings()], query)


def subject(subject_id: int) -> dict[str, Any]:
    """One subject, which exists."""
    return dict(db.session.execute(_SUBJECT.where(Subject.id == subject_id)).mappings().one())


def _in_state(state: TokenState) -> ColumnElement[bool]:
    if state is TokenState.USABLE:
        return usable()
    revoked = Token.revoked_at.is_not(None)
    return revoked if state is TokenState.REVOKED else and_(not_(revoked), not_(usable()))


def _shown(row: RowMapping, now: datetime) -> dict[str, Any]:
    expires_at, previous_until = row["expires_at"], row["previous_until"]
    has_expired = expires_at is not None and expires_at <= now
    state = TokenState.EXPIRED if has_expired else TokenState.USABLE
    return {
        **row,
        "scopes": Scopes.from_json(row["scopes"]).as_shown(),
        "state": TokenState.REVOKED if row["revoked_at"] is not None else state,
        "previous_until": previous_until if previous_until is not None and previous_until > now else None,
    }
