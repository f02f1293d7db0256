"""Roles: what a token is for, and which requests each may make. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.errors import Forbidden


class Role(StrEnum):
    """What a token is for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    APPROVER = "approver"
    REPORTER = "reporter"
    VIEWER = "viewer"


READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing: any role may use them."""
CHANGING = frozenset({Role.OPERATOR, Role.ADMIN})
"""The roles that may use every other method, unless the view says otherwise."""
APPROVING = frozenset({Role.APPROVER, Role.ADMIN})
"""The roles that may approve what another person asked for."""


def require(present: Role, roles: Iterable[Role]) -> None:
    """Raise Forbidden unless the role is one of these."""
    needed = frozenset(roles)
    if present not in needed:
        names = " or ".join(role.value for role in Role if role in needed)
        raise Forbidden(f"This needs the role {names}; this token has the role {present.value}.")
