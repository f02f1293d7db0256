"""Roles, and which requests each role may make. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.errors import Forbidden


class Role(StrEnum):
    """What a caller may do."""

    ADMIN = "admin"
    OPERATOR = "operator"
    APPROVER = "approver"
    REPORTER = "reporter"
    VIEWER = "viewer"


READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing: any role may use them."""
CHANGING = frozenset({Role.OPERATOR, Role.ADMIN})
"""The roles that may use all other methods, unless the view declares its own."""
APPROVING = frozenset({Role.APPROVER, Role.ADMIN})
"""The roles that may approve a request of another person."""


def require(role: Role, roles: Iterable[Role]) -> None:
    """Raise Forbidden unless the role is one of `roles`."""
    allowed = frozenset(roles)
    if role not in allowed:
        names = " or ".join(it.value for it in Role if it in allowed)
        raise Forbidden(f"This request needs the role {names}; the token has the role {role.value}.")
