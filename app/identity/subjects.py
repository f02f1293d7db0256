"""Subjects: the people and services that act, which of them exist, and in which roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.db import locked
from app.identity.models import Subject, SubjectKind, Token
from app.identity.roles import APPROVING, Role
from app.identity.scopes import UNLIMITED, Scopes
from app.spelling import folded

LOGIN_COUNTS = timedelta(days=90)
"""How long who has logged in counts as somebody who can; as long as a person's token by default."""
_APPROVING = [role.value for role in APPROVING]


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
    return and_(Token.role.in_(_APPROVING), usable())


def has_approving() -> ColumnElement[bool]:
    """The condition of subjects that can approve: with such a token, or by logging in.

    Who has logged in lately can again, so it does not depend on who happens to have a session.
    """
    lately = Subject.logged_in_at > clock.now() - LOGIN_COUNTS
    return or_(
        Subject.id.in_(select(Token.subject_id).where(may_approve())), and_(Subject.login_role.in_(_APPROVING), lately)
    )


def can_still_approve(session: Session, subject: Subject) -> bool:
    """Whether a subject can approve."""
    found = select(exists().where(Subject.id == subject.id, has_approving()))
    return bool(session.execute(found).scalar_one())


def approver_names(session: Session) -> list[str]:
    """Every subject that can approve, by name."""
    return list(session.execute(select(Subject.name).where(has_approving()).order_by(Subject.name)).scalars())


def approvers(session: Session, *, excluding: str | None = None) -> int:
    """How many subjects can approve; `excluding` leaves out one of them."""
    statement = select(func.count()).select_from(Subject).where(has_approving())
    if excluding is not None:
        statement = statement.where(Subject.key != folded(excluding))
    return session.execute(statement).scalar_one()


def still_approves(session: Session, name: str) -> bool:
    """Whether a subject can still approve; it cannot lose that until the transaction ends.

    Called before the deployment is locked: a revocation locks the subject first, and then what it has approved.
    """
    subject = session.execute(
        locked(select(Subject).where(Subject.key == folded(name)), share=True)
    ).scalar_one_or_none()
    if subject is None:
        return True  # no caller of the API, but a part of the program
    return can_still_approve(session, subject)


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
    """Add a role to the subject's, who is then not blocked."""
    subject.blocked = False
    if role.value not in subject.roles:
        subject.roles = [each.value for each in Role if each.value in (*subject.roles, role.value)]
