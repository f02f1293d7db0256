"""Who a secret identifies: looked up for every request, so revocation, expiry and rotation act at once.

The secrets of tokens and of sessions are in one table, and neither is accepted in place of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select, text, true
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import clock
from app.db import db
from app.events.unit import CommittedEvent
from app.http.serialization import timestamp
from app.identity import sessions, usage
from app.identity.credentials import digest, is_well_formed
from app.identity.errors import BadCredentials, BadSession, Failure
from app.identity.lately import LatelyVerified
from app.identity.models import Subject, Token
from app.identity.roles import Role, is_covered
from app.identity.scopes import Scopes
from app.identity.subjects import Caller

_Row = Row[*tuple[Any, ...]]
_lately = LatelyVerified()
LONGEST = timedelta(days=1)


def statement(secret: str) -> Select[*tuple[Any, ...]]:
    """The query for the token with this secret, whatever has become of it."""
    hash = digest(secret)
    return _tokens(Token.hash == hash).where(or_(Token.hash == hash, Token.previous_hash == hash))


def still_accepted(session: Session, token_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Which of these tokens have neither been revoked nor expired, and still have their role."""
    rows = session.execute(_tokens(true()).where(Token.id.in_(tuple(token_ids)))).all()
    return frozenset(row.id for row in rows if _problem(row, now) is None)


def _tokens(is_current: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(
        Token.id,
        Token.role,
        Token.scopes,
        Token.expires_at,
        Token.revoked_at,
        Token.last_used_at,
        Token.previous_until,
        Token.created_at,
        Token.is_session,
        is_current.label("is_current"),
        Subject.name,
        Subject.roles,
    ).join(Subject, Subject.id == Token.subject_id)


def caller_of(secret: str, *, outlives_database: bool = False) -> Caller:
    """The caller that a secret identifies. Raises BadCredentials, saying why.

    With `outlives_database`, a caller who was verified lately is known while the database does not respond.
    """
    if not is_well_formed(secret):
        raise BadCredentials(
            Failure.MALFORMED, "This is not a token: a token is `eucora_` and 43 characters. Check for a cut-off copy."
        )
    caller, row, now = _caller(secret, False, _problem, outlives_database)
    if row is not None:
        usage.note(row.id, row.last_used_at, now)
    return caller


def caller_of_session(secret: str, idle: timedelta | None, *, outlives_database: bool = False) -> Caller:
    """The same for the secret in a cookie; a session ends when nothing was asked for so long. Raises BadSession."""
    caller, row, now = _caller(secret, True, lambda row, now: _problem_of_session(row, now, idle), outlives_database)
    if row is not None:
        sessions.note_use(row.id, row.last_used_at, now)
    return caller


def _caller(
    secret: str,
    is_session: bool,
    problem: Callable[[_Row | None, datetime], BadCredentials | None],
    outlives_database: bool,
) -> tuple[Caller, _Row | None, datetime]:
    """The caller with this secret; no row while the database does not respond."""
    hash, now, ended = digest(secret), clock.now(), _lately.ended
    try:
        row = db.session.execute(statement(secret)).first()
    except (OperationalError, InterfaceError, PoolTimeout):
        caller = _lately.find(hash, now) if outlives_database else None
        if caller is None:
            raise
        return caller, None, now
    row = row if row is not None and row.is_session is is_session else None
    bad = problem(row, now)
    if row is None or bad is not None:
        _lately.note(hash, None, now)
        raise bad or BadCredentials(
            Failure.UNKNOWN, "This token is unknown. Create one with `flask tokens create`, or ask an admin for one."
        )
    caller = Caller(row.id, row.name, Role(row.role), Scopes.from_json(row.scopes))
    _lately.note(hash, caller, now, row.expires_at if row.is_current else row.previous_until, ended)
    return caller, row, now


ENDED = text(f"""
    SELECT coalesce(sum(hashtextextended(concat_ws(' ', id, revoked_at, rotated_at), 0)), 0)
      FROM {Token.__tablename__} WHERE revoked_at IS NOT NULL OR rotated_at IS NOT NULL
""")
"""A number that changes when a token ends or gets another secret, for who remembers that one was accepted."""


def seconds_left(token_id: int, now: datetime) -> float:
    """How long a token that was accepted now can be remembered to be, unless `ENDED` changes."""
    row = db.session.execute(select(Token.expires_at, Token.previous_until).where(Token.id == token_id)).one()
    return min((at - now for at in row if at is not None and at > now), default=LONGEST).total_seconds()


def was_accepted_lately(secret: str) -> bool:
    """Whether this process has accepted the secret in the last minutes, and knows of no end of it."""
    return _lately.find(digest(secret), clock.now()) is not None


def forget_ended(events: Sequence[CommittedEvent]) -> None:
    """A listener of the unit of work: tokens that ended in this process are not remembered by it."""
    for event in events:
        if event.type in ("token.revoked", "token.rotated", "session.ended"):
            _lately.end(event.payload["token_id"])


def _problem(row: _Row | None, now: datetime) -> BadCredentials | None:
    """Why a token that exists is not accepted. Only who has its secret gets this answer."""
    if row is None:
        return None
    if row.revoked_at is not None:
        detail = f"This token was revoked at {timestamp(row.revoked_at)}. Ask an admin for a new one."
        return BadCredentials(Failure.REVOKED, detail)
    if row.expires_at is not None and row.expires_at <= now:
        detail = f"This token expired at {timestamp(row.expires_at)}. Ask an admin for a new one."
        return BadCredentials(Failure.EXPIRED, detail)
    if not row.is_current and (row.previous_until is None or row.previous_until <= now):
        return BadCredentials(Failure.REVOKED, "This token was rotated. Use its new secret.")
    if not is_covered(Role(row.role), map(Role, row.roles)):
        return BadCredentials(Failure.REVOKED, f"{row.name} no longer has the role {row.role} of this token.")
    return None


def _problem_of_session(row: _Row | None, now: datetime, idle: timedelta | None) -> BadSession | None:
    again = "Log in again."
    if row is None:
        return BadSession(Failure.UNKNOWN, f"This session is over. {again}")
    if row.revoked_at is not None:
        return BadSession(Failure.REVOKED, f"This session was ended at {timestamp(row.revoked_at)}. {again}")
    if row.expires_at <= now:
        return BadSession(Failure.EXPIRED, f"This session expired at {timestamp(row.expires_at)}. {again}")
    if idle is not None and (row.last_used_at or row.created_at) + idle <= now:
        return BadSession(Failure.EXPIRED, f"This session ended because it was not used for a while. {again}")
    if not is_covered(Role(row.role), map(Role, row.roles)):
        return BadSession(Failure.REVOKED, f"{row.name} no longer has the role {row.role} of this session. {again}")
    return None
