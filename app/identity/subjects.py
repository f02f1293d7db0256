"""Subjects: the people and services that act, which of them exist, and in which roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.db import locked
from app.identity.models import Subject, SubjectKind, Token
from app.identity.roles import APPROVING, Role
from app.identity.scopes import UNLIMITED, Scopes
from app.spelling import folded


@dataclass(frozen=True)
class Caller:
    """Who makes a request, with which token, in which role, and within which limits."""

    token_id: int
    subject: str
    role: Role
    scopes: Scopes = UNLIMITED


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one subject: `Anna` and `anna` are. Every rule of two people compares with this."""
    return folded(one) == folded(other)


def is_among(name: str, names: Iterable[str]) -> bool:
    """Whether one of the names is of the same subject."""
    return folded(name) in map(folded, names)


def usable() -> ColumnElement[bool]:
    """The condition of tokens that are neither revoked nor expired."""
    return and_(Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > clock.now()))


def may_approve() -> ColumnElement[bool]:
    """The condition of usable tokens in a role that may approve."""
    return and_(Token.role.in_([role.value for role in APPROVING]), usable())


def approver_names(session: Session) -> list[str]:
    """Every subject that holds a usable token of a role that may approve, by name."""
    statement = select(Subject.name).where(Subject.id.in_(select(Token.subject_id).where(may_approve())))
    return list(session.execute(statement.order_by(Subject.name)).scalars())


def approvers(session: Session, *, excluding: str | None = None) -> int:
    """How many subjects hold such a token; `excluding` leaves out one of them."""
    statement = select(func.count()).where(Subject.id.in_(select(Token.subject_id).where(may_approve())))
    if excluding is not None:
        statement = statement.where(Subject.key != folded(excluding))
    return session.execute(statement).scalar_one()


def still_approves(session: Session, name: str) -> bool:
    """Whether a subject still holds a usable token that may approve; it cannot lose it until the transaction ends.

    Called before the deployment is locked: a revocation locks the subject first, and then what it has approved.
    """
    subject = session.execute(
        locked(select(Subject).where(Subject.key == folded(name)), share=True)
    ).scalar_one_or_none()
    if subject is None:
        return True  # no caller of the API, but a part of the program
    holds = exists().where(may_approve(), Token.subject_id == subject.id)
    return bool(session.execute(select(holds)).scalar_one())


def find_or_add(session: Session, name: str, kind: SubjectKind) -> tuple[Subject, bool]:
    """The subject of that name, locked, and whether it is new; a new one has no roles."""
    added = session.execute(
        insert(Subject)
        .values(key=folded(name), name=name, kind=kind, roles=[], created_at=clock.now())
        .on_conflict_do_nothing(index_elements=[Subject.key])
        .returning(Subject.id)
    ).first()
    subject = session.execute(locked(select(Subject).where(Subject.key == folded(name)))).scalar_one()
    return subject, added is not None


def grant(subject: Subject, role: Role) -> None:
    """Add a role to the subject's."""
    if role.value not in subject.roles:
        subject.roles = [each.value for each in Role if each.value in (*subject.roles, role.value)]
