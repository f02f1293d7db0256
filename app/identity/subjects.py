"""Subjects: the people and services that act, and which of them exist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.models import Token
from app.identity.roles import APPROVING, Role


@dataclass(frozen=True)
class Caller:
    """Who makes a request, with which token and in which role."""

    token_id: int
    subject: str
    role: Role


def approvers(session: Session, *, excluding: str | None = None) -> int:
    """How many subjects hold a role that may approve; `excluding` leaves out one of them."""
    statement = select(func.count(Token.subject.distinct())).where(
        Token.role.in_([role.value for role in APPROVING]), Token.revoked_at.is_(None)
    )
    if excluding is not None:
        statement = statement.where(Token.subject != excluding)
    return session.execute(statement).scalar_one()
