"""Bearer tokens: made once, stored as a hash, found by their secret."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select

from app import clock
from app.db import db
from app.errors import Invalid
from app.identity.models import Token
from app.identity.roles import Role
from app.identity.subjects import Caller


def create_token(subject: str, role: Role) -> str:
    """Create a token for `subject`: the secret is returned once and stored only as its hash."""
    if not subject.strip():
        raise Invalid("A token needs a subject: the person or service it speaks for.")
    secret = f"eucora_{secrets.token_urlsafe(32)}"
    db.session.add(Token(hash=_digest(secret), subject=subject.strip(), role=role.value, created_at=clock.now()))
    return secret


def caller_of(secret: str) -> Caller | None:
    """Whom a secret speaks for; None if it is unknown or was revoked."""
    row = db.session.execute(
        select(Token.id, Token.subject, Token.role).where(Token.hash == _digest(secret), Token.revoked_at.is_(None))
    ).first()
    return None if row is None else Caller(row.id, row.subject, Role(row.role))


def _digest(secret: str) -> bytes:
    # A token is 256 random bits, so a plain hash is as strong as a slow one and costs a request nothing.
    return hashlib.sha256(secret.encode()).digest()
