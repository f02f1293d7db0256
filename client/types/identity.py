"""Tokens, the subjects they speak for, and the limits of both."""

from __future__ import annotations

from typing import TypedDict

from client.types.bodies import ListFilter
from client.types.values import Role, SubjectKind, TokenState


class TokenScopes(TypedDict, total=False):
    """What a new token is limited to; an empty or omitted field is no limit."""

    business_units: list[str]
    applications: list[str]
    connector: str | None
    device: str | None


class TokenLimits(TypedDict):
    """What a token is limited to; an empty field is no limit."""

    business_units: list[str]
    applications: list[str]
    connector: str | None
    device: str | None


class TokenFilter(ListFilter, total=False):
    """Which tokens are listed; a subject's name is compared without regard to case."""

    subject: str
    role: Role
    state: TokenState
    is_session: bool


class Token(TypedDict):
    """A token without its secret. `prefix` is null for tokens of versions before 0.7.0, and so may be `expires_at`.

    Sessions of people who have logged in are tokens too, without a prefix.

    Until `previous_until`, the secret before the last rotation works too. `last_used_at` is exact to some minutes.
    """

    id: int
    prefix: str | None
    subject_id: int
    subject: str
    kind: SubjectKind
    role: Role
    description: str
    scopes: TokenLimits
    state: TokenState
    created_at: str
    created_by: str
    expires_at: str | None
    rotated_at: str | None
    previous_until: str | None
    last_used_at: str | None
    revoked_at: str | None
    revoked_by: str | None
    revoke_reason: str | None
    is_session: bool


class IssuedToken(Token):
    """A token with its secret, which is null if the request was repeated."""

    secret: str | None


class Subject(TypedDict):
    """A person or a service; a token never has a role that its subject's roles do not cover.

    Who is `blocked` gets no role by logging in.
    """

    id: int
    name: str
    kind: SubjectKind
    roles: list[Role]
    blocked: bool
    logged_in_at: str | None
    created_at: str


class Whoami(TypedDict):
    """Who makes the request. `csrf_token` is null for tokens."""

    subject: str
    kind: SubjectKind
    role: Role
    scopes: TokenLimits
    token: Token
    csrf_token: str | None
