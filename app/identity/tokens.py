"""Bearer tokens: created once, stored as a hash, looked up by their secret."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeout

from app import clock
from app.db import db
from app.errors import Invalid
from app.identity.lately import LatelyVerified
from app.identity.models import Token
from app.identity.roles import Role
from app.identity.subjects import Caller
from app.spelling import one_line

_lately = LatelyVerified()


def create_token(subject: str, role: Role) -> str:
    """Create a token for `subject`: the secret is returned once and stored only as its hash."""
    try:
        subject = one_line(subject)  # else one person could have two spellings, and approve twice
    except ValueError as error:
        raise Invalid(f"The subject {error}.") from error
    if not subject:
        raise Invalid("A token needs a subject: the person or service that it identifies.")
    secret = f"eucora_{secrets.token_urlsafe(32)}"
    db.session.add(Token(hash=_digest(secret), subject=subject, role=role.value, created_at=clock.now()))
    return secret


def caller_of(secret: str, *, outlives_database: bool = False) -> Caller | None:
    """The caller that a secret identifies; None if it is unknown or revoked.

    With `outlives_database`, a caller who was verified lately is known while the database does not respond.
    """
    token, now = _digest(secret), clock.now()
    known = select(Token.id, Token.subject, Token.role).where(Token.hash == token, Token.revoked_at.is_(None))
    try:
        row = db.session.execute(known).first()
    except (OperationalError, InterfaceError, PoolTimeout):
        caller = _lately.find(token, now) if outlives_database else None
        if caller is None:
            raise
        return caller
    found = None if row is None else Caller(row.id, row.subject, Role(row.role))
    _lately.note(token, found, now)
    return found


def _digest(secret: str) -> bytes:
    # A token has 256 random bits, so a fast hash is as strong as a slow one and adds no time to a request.
    return hashlib.sha256(secret.encode()).digest()
