"""Subjects: the people and services that act, and which of them exist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.identity.models import Token
from app.identity.roles import APPROVING, Role


@dataclass(frozen=True)
class Caller:
    """Who makes a request, with which token and in which role."""

    token_id: int
    subject: str
    role: Role


_MAY_APPROVE = and_(Token.role.in_([role.value for role in APPROVING]), Token.revoked_at.is_(None))


def approver_names(session: Session) -> list[str]:
    """Every subject that holds a role that may approve, by name."""
    return list(session.execute(select(Token.subject).where(_MAY_APPROVE).distinct().order_by(Token.subject)).scalars())


def approvers(session: Session, *, excluding: str | None = None) -> int:
    """How many subjects hold a role that may approve; `excluding` leaves out one of them."""
    statement = select(func.count(Token.subject.distinct())).where(_MAY_APPROVE)
    if excluding is not None:
        statement = statement.where(Token.subject != excluding)
    return session.execute(statement).scalar_one()
