"""The life of tokens: create, rotate, revoke; and the roles of subjects. Each decision is one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, not_, select
from sqlalchemy.orm import Session

from app import clock
from app.db import locked
from app.errors import FieldError
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.serialization import timestamp
from app.identity import subjects
from app.identity.credentials import digest, new_secret, prefix
from app.identity.errors import InvalidToken, NoSuchSubject, NoSuchToken, RoleNotGranted, TokenEnded
from app.identity.models import Subject, SubjectKind, Token
from app.identity.roles import APPROVING, Role, is_covered, named
from app.identity.schemas import TokenIn
from app.identity.scopes import Limit, Scopes

CLI = "cli"
"""The actor of the commands."""
RESERVED = frozenset({SYSTEM, CLI})
"""Actors in the log that are no subjects."""
BINDING = frozenset({Limit.CONNECTOR, Limit.DEVICE})


@dataclass(frozen=True)
class Lifetime:
    """Days until a token expires."""

    default: int
    most: int


LIFETIMES: Mapping[SubjectKind, Lifetime] = {
    SubjectKind.PERSON: Lifetime(90, 365),
    SubjectKind.SERVICE: Lifetime(365, 730),
}

RevocationListener = Callable[[Unit, str, str], None]
_revocation_listeners: list[RevocationListener] = []


def install_revocation_listener(listener: RevocationListener) -> None:
    """Call `listener(unit, subject, why)` in the unit of work in which a subject loses its say in approvals."""
    if listener not in _revocation_listeners:
        _revocation_listeners.append(listener)


@dataclass(frozen=True)
class Issued:
    """A token with its secret, which exists nowhere else."""

    token_id: int
    secret: str


def create(actor: str, wanted: TokenIn) -> Issued:
    """Create a token. Raises RoleNotGranted for a role above its subject's, InvalidToken."""
    with unit_of_work(actor) as unit:
        kind = wanted.kind or (SubjectKind.SERVICE if wanted.role is Role.REPORTER else SubjectKind.PERSON)
        subject, is_new = subjects.find_or_add(unit.session, wanted.subject, kind)
        scopes = wanted.scopes.as_scopes()
        _require_valid(wanted, subject, scopes)
        if is_new or wanted.grant_role:
            subjects.grant(subject, wanted.role)
        if not is_covered(wanted.role, map(Role, subject.roles)):
            raise RoleNotGranted(
                f"The roles of {subject.name}: {named(map(Role, subject.roles))}. A token never acts above its "
                f"subject. To also give {subject.name} the role {wanted.role.value}, send `grant_role: true` "
                "(`--grant-role`).",
                fields=[FieldError("role", "is not covered by the subject's roles")],
            )
        token, secret = _add(unit.session, subject, wanted.role, actor)
        token.description, token.scopes = wanted.description, scopes.as_json()
        token.expires_at = _expiry(subject.kind, wanted.expires_in_days, clock.now())
        unit.session.flush()
        record(unit, "token.created", token, subject, roles=subject.roles, expires_at=timestamp(token.expires_at))
        return Issued(token.id, secret)


def create_token(subject: str, role: Role, kind: SubjectKind = SubjectKind.PERSON) -> str:
    """Create a token without limits, and give its subject the role: for programs that are their own admin."""
    wanted = TokenIn(subject=subject, role=role, kind=kind, grant_role=True)
    return create(CLI, wanted).secret


def rotate(actor: str, token_id: int, overlap_hours: int = 0, expires_in_days: int | None = None) -> Issued:
    """Give a token a new secret and a new expiry. Raises NoSuchToken, TokenEnded, InvalidToken."""
    now = clock.now()
    with unit_of_work(actor) as unit:
        subject, token = locked_token(unit.session, token_id)
        if token.is_session:
            raise InvalidToken(f"Token {token_id} is the session of a browser, and nobody could use a new secret.")
        if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
            raise TokenEnded(f"Token {token_id} is revoked or has expired. Create a new one instead.")
        secret, previous_prefix = new_secret(), token.prefix
        until = now + timedelta(hours=overlap_hours)
        until = min(until, token.expires_at) if token.expires_at is not None else until
        token.previous_hash = token.hash if overlap_hours else None
        token.previous_until = until if overlap_hours else None
        token.hash, token.prefix, token.rotated_at = digest(secret), prefix(secret), now
        token.expires_at = _expiry(subject.kind, expires_in_days, now)
        record(
            unit,
            "token.rotated",
            token,
            subject,
            previous_prefix=previous_prefix,
            previous_until=token.previous_until and timestamp(token.previous_until),
            expires_at=timestamp(token.expires_at),
        )
        return Issued(token.id, secret)


def revoke(actor: str, token_id: int, reason: str, compromised: bool = False) -> None:
    """End a token at once. Raises NoSuchToken, TokenEnded.

    If its subject can no longer approve, or the token is compromised, what the subject approved is asked for again
    where the rings have not started.
    """
    with unit_of_work(actor) as unit:
        subject, token = locked_token(unit.session, token_id)
        if token.revoked_at is not None:
            raise TokenEnded(f"Token {token_id} was revoked by {token.revoked_by} at {timestamp(token.revoked_at)}.")
        _revoke(unit, subject, [token], reason, compromised)


def set_roles(actor: str, subject_id: int, roles: Collection[Role], reason: str) -> None:
    """Replace a subject's roles; its tokens above them are revoked, and sessions end. Raises NoSuchSubject.

    Without any role, the subject is also blocked: logging in gives it none until an admin does.
    """
    with unit_of_work(actor) as unit:
        subject = locked_subject(unit.session, subject_id)
        subject.blocked = not roles
        replace_roles(unit, subject, roles, reason)


def replace_roles(unit: Unit, subject: Subject, roles: Collection[Role], reason: str) -> None:
    """Replace the roles of a subject that is locked, and end what is above them."""
    before, subject.roles = subject.roles, [role.value for role in Role if role in roles]
    if before == subject.roles:
        return
    about = {"subject": subject.name, "kind": subject.kind.value, "before": before, "roles": subject.roles}
    unit.record("subject.roles_changed", {**about, "reason": reason})
    is_over = and_(Token.is_session, Token.expires_at <= clock.now())
    active = select(Token).where(Token.subject_id == subject.id, Token.revoked_at.is_(None), not_(is_over))
    tokens = unit.session.execute(locked(active.order_by(Token.id))).scalars()
    above = [token for token in tokens if not is_covered(Role(token.role), roles)]
    lost = {Role(token.role) for token in above}
    if subject.login_role is not None and not is_covered(Role(subject.login_role), roles):
        lost.add(Role(subject.login_role))
        subject.login_role = None
    _revoke(unit, subject, above, reason, lost=lost)


def mark_revoked(unit: Unit, subject: Subject, token: Token, reason: str, compromised: bool = False) -> None:
    """End a token or a session of a subject, both locked."""
    token.revoked_at, token.revoked_by, token.revoke_reason = clock.now(), unit.actor, reason
    token.previous_hash = token.previous_until = None
    if token.is_session:
        record(unit, "session.ended", token, subject, reason=reason, compromised=compromised)
    else:
        record(unit, "token.revoked", token, subject, reason=reason, compromised=compromised)


def _revoke(
    unit: Unit,
    subject: Subject,
    tokens: Collection[Token],
    reason: str,
    compromised: bool = False,
    lost: Collection[Role] = (),
) -> None:
    """`lost`: roles that the subject can no longer act in, if these are not just those of the tokens."""
    for token in tokens:
        mark_revoked(unit, subject, token, reason, compromised)
    if APPROVING.isdisjoint(lost or (Role(token.role) for token in tokens)):
        return
    unit.session.flush()
    if compromised or not subjects.can_still_approve(unit.session, subject):
        what = "is compromised" if compromised else "was revoked"
        for listener in _revocation_listeners:
            listener(unit, subject.name, f"the token of {subject.name} {what}")


def _require_valid(wanted: TokenIn, subject: Subject, scopes: Scopes) -> None:
    """Raise InvalidToken, naming each invalid field."""
    problems = []
    if subject.key in RESERVED:
        problems.append(FieldError("subject", f"must not be {subject.name}, which the event log uses for the program"))
    if wanted.kind not in (None, subject.kind):
        problems.append(FieldError("kind", f"must be {subject.kind.value}, or left out: {subject.name} is one"))
    if wanted.role is Role.REPORTER and not scopes.limits & BINDING:
        problems.append(FieldError("scopes", "must name the connector or the device that the reporter reports for"))
    most = LIFETIMES[subject.kind].most
    if wanted.expires_in_days is not None and wanted.expires_in_days > most:
        problems.append(FieldError("expires_in_days", f"must be at most {most} for a {subject.kind.value}"))
    if problems:
        raise InvalidToken("Nothing was created.", fields=problems)


def _expiry(kind: SubjectKind, days: int | None, now: datetime) -> datetime:
    lifetime = LIFETIMES[kind]
    if days is not None and days > lifetime.most:
        message = f"must be at most {lifetime.most} for a {kind.value}"
        raise InvalidToken("Nothing was changed.", fields=[FieldError("expires_in_days", message)])
    return now + timedelta(days=lifetime.default if days is None else days)


def _add(session: Session, subject: Subject, role: Role, actor: str) -> tuple[Token, str]:
    secret = new_secret()
    token = Token(
        hash=digest(secret),
        prefix=prefix(secret),
        subject_id=subject.id,
        role=role.value,
        created_at=clock.now(),
        created_by=actor,
    )
    session.add(token)
    return token, secret


def locked_token(session: Session, token_id: int) -> tuple[Subject, Token]:
    """The token and its subject, locked in this order. Raises NoSuchToken."""
    subject_id = session.execute(select(Token.subject_id).where(Token.id == token_id)).scalar_one_or_none()
    if subject_id is None:
        raise NoSuchToken(token_id)
    subject = locked_subject(session, subject_id)
    return subject, session.execute(locked(select(Token).where(Token.id == token_id))).scalar_one()


def locked_subject(session: Session, subject_id: int) -> Subject:
    """The subject, locked. Raises NoSuchSubject."""
    subject = session.execute(locked(select(Subject).where(Subject.id == subject_id))).scalar_one_or_none()
    if subject is None:
        raise NoSuchSubject(subject_id)
    return subject


def record(unit: Unit, type: str, token: Token, subject: Subject, **more: Any) -> None:
    """Record an event about a token or a session; never its secret."""
    about = {
        "token_id": token.id,
        "prefix": token.prefix,
        "subject": subject.name,
        "kind": subject.kind.value,
        "role": token.role,
        "scopes": token.scopes,
        "description": token.description,
    }
    unit.record(type, {**about, **more})
