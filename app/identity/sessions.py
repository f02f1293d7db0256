"""The life of sessions: a person logs in, uses the session, and logs out. Each decision is one unit of work.

The groups of the identity provider decide the roles of whoever logs in, at each login. What an admin grants or takes in
between holds until the next login; whoever lost every role to an admin cannot log in until an admin gives one back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock
from app.db import db, locked
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.serialization import timestamp
from app.identity import cookies, subjects, tokens
from app.identity.credentials import digest
from app.identity.errors import LoginRefused, Refusal
from app.identity.models import Subject, SubjectKind, Token
from app.identity.roles import Role
from app.spelling import folded, one_line

log = structlog.get_logger()

KEPT = timedelta(days=30)
"""How long sessions that are over stay in the list of tokens."""
NOTED_EVERY = timedelta(seconds=60)
LONGEST_NAME = 200
LOGGED_OUT = "logged out"
GROUPS = "the groups at the identity provider say so"


@dataclass(frozen=True)
class Account:
    """A person as the identity provider knows them: `account` never changes, the name may."""

    issuer: str
    account: str
    name: str


def start(person: Account, roles: Sequence[Role], lifetime: timedelta) -> str:
    """Log a person in, with the first of the roles that their groups give; returns the session's secret.

    Raises LoginRefused.
    """
    secret, now = cookies.new_secret(), clock.now()
    with unit_of_work(_actor(person)) as unit:
        subject, refusal = _admitted(unit, person, roles)
        if refusal is None and subject is not None:
            tokens.replace_roles(unit, subject, roles, GROUPS)
            subject.login_issuer, subject.login_account = person.issuer, person.account
            subject.login_role, subject.logged_in_at = roles[0].value, now
            session = _add(unit.session, subject, secret, now + lifetime)
            until = timestamp(now + lifetime)
            tokens.record(unit, "session.started", session, subject, roles=subject.roles, expires_at=until)
        elif refusal is not None:
            if refusal is Refusal.NO_ROLE and subject is not None and _is_own(subject, person):
                tokens.replace_roles(unit, subject, (), GROUPS)  # who has left the groups loses what they gave
            about = {"subject": person.name, "issuer": person.issuer, "account": person.account}
            unit.record("login.refused", {**about, "reason": refusal.value})
    if refusal is not None:
        raise _refused(person, refusal)
    return secret


def end(actor: str, token_id: int) -> None:
    """Log out. What the person approved stands: only the session is over, not the person's say."""
    with unit_of_work(actor) as unit:
        subject, session = tokens.locked_token(unit.session, token_id)
        if session.revoked_at is None:
            tokens.mark_revoked(unit, subject, session, LOGGED_OUT)


def forget_account(actor: str, subject_id: int) -> None:
    """Let a person log in with another account of the identity provider. Raises NoSuchSubject."""
    with unit_of_work(actor) as unit:
        subject = tokens.locked_subject(unit.session, subject_id)
        about = {"subject": subject.name, "issuer": subject.login_issuer, "account": subject.login_account}
        subject.login_issuer = subject.login_account = None
        unit.record("subject.account_forgotten", about)


def note_use(token_id: int, noted_at: datetime | None, now: datetime) -> None:
    """Note at most once a minute that a session is in use.

    It is written at once, not by way of Redis as for tokens: whether a session is idle is decided by it.
    """
    if noted_at is not None and abs(now - noted_at) < NOTED_EVERY:
        return
    is_due = or_(Token.last_used_at.is_(None), Token.last_used_at <= now - NOTED_EVERY)
    try:
        with unit_of_work(SYSTEM) as unit:
            unit.session.execute(update(Token).where(Token.id == token_id, is_due).values(last_used_at=now))
    except SQLAlchemyError:
        log.warning("use of a session not noted", token_id=token_id, exc_info=True)


def name_of(claim: object) -> str:
    """A person's name in its one spelling; empty if it cannot be the name of a subject."""
    try:
        name = one_line(claim) if isinstance(claim, str) else ""
    except ValueError:
        return ""
    return name if len(name) <= LONGEST_NAME and folded(name) not in tokens.RESERVED else ""


def _actor(person: Account) -> str:
    """The name under which the person acts here; the account keeps the one it came with first."""
    known = select(Subject.name).where(Subject.login_issuer == person.issuer, Subject.login_account == person.account)
    return db.session.execute(known).scalar_one_or_none() or person.name or SYSTEM


def _known(session: Session, person: Account) -> Subject | None:
    """The subject with this account, or else the one with this name, locked."""
    accounts = select(Subject).where(Subject.login_issuer == person.issuer, Subject.login_account == person.account)
    found = session.execute(locked(accounts)).scalar_one_or_none()
    if found is not None:
        return found
    return session.execute(locked(select(Subject).where(Subject.key == folded(person.name)))).scalar_one_or_none()


def _admitted(unit: Unit, person: Account, roles: Sequence[Role]) -> tuple[Subject | None, Refusal | None]:
    """The person's subject, which is made if the person may log in and has none; or why the person may not."""
    subject = _known(unit.session, person)
    refusal = _refusal(person, subject, roles)
    if refusal is None and subject is None:
        subject, _ = subjects.find_or_add(unit.session, person.name, SubjectKind.PERSON)
        refusal = _refusal(person, subject, roles)  # another account may have taken the name meanwhile
    return subject, refusal


def _is_own(subject: Subject, person: Account) -> bool:
    return (subject.login_issuer, subject.login_account) == (person.issuer, person.account)


def _refusal(person: Account, subject: Subject | None, roles: Sequence[Role]) -> Refusal | None:
    """Why a person may not log in."""
    if subject is None:
        if not person.name:
            return Refusal.NAME
        return None if roles else Refusal.NO_ROLE
    if subject.kind is SubjectKind.SERVICE:
        return Refusal.SERVICE
    if subject.login_issuer == person.issuer and not _is_own(subject, person):
        return Refusal.OTHER_ACCOUNT
    if subject.blocked:
        return Refusal.BLOCKED
    return None if roles else Refusal.NO_ROLE


def _refused(person: Account, reason: Refusal) -> LoginRefused:
    name = person.name or "nobody"
    return LoginRefused(
        {
            Refusal.NO_ROLE: f"None of the groups of {name} has a role here. An administrator gives groups roles in "
            "EUCORA_OIDC_ROLES; then log in again.",
            Refusal.BLOCKED: f"An admin took every role of {name}. `flask subjects set-roles` gives one back.",
            Refusal.SERVICE: f"{name} is a service here, and services use tokens.",
            Refusal.OTHER_ACCOUNT: f"{name} has logged in with another account of the identity provider. If both are "
            "one person, an administrator runs `flask subjects forget-account`.",
            Refusal.NAME: "The identity provider gives no name that a subject can have. An administrator chooses the "
            "claim in EUCORA_OIDC_NAME_CLAIM.",
        }[reason]
    )


def _add(session: Session, subject: Subject, secret: str, expires_at: datetime) -> Token:
    now = clock.now()
    session.execute(
        delete(Token).where(Token.subject_id == subject.id, Token.is_session, Token.expires_at < now - KEPT)
    )
    token = Token(
        hash=digest(secret),
        subject_id=subject.id,
        role=subject.login_role,
        created_at=now,
        created_by=subject.name,
        expires_at=expires_at,
        is_session=True,
        description="",
        scopes={},
    )
    session.add(token)
    session.flush()
    return token
