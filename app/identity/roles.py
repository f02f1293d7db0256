"""Roles, and which requests each role may make. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

COVERS: Mapping[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.REPORTER, Role.VIEWER}),
    Role.APPROVER: frozenset({Role.APPROVER, Role.VIEWER}),
    Role.REPORTER: frozenset({Role.REPORTER}),
    Role.VIEWER: frozenset({Role.VIEWER}),
}
"""The roles that a token may have whose subject has the role on the left."""


def is_covered(role: Role, granted: Iterable[Role]) -> bool:
    """Whether a subject with the granted roles may have a token of this role."""
    return any(role in COVERS[each] for each in granted)


def named(roles: Iterable[Role]) -> str:
    """The roles in a sentence, the most powerful first."""
    given = frozenset(roles)
    return " or ".join(role.value for role in Role if role in given) or "none"


def require(role: Role, roles: Iterable[Role]) -> None:
    """Raise Forbidden unless the role is one of `roles`."""
    allowed = frozenset(roles)
    if role not in allowed:
        raise Forbidden(f"This request needs the role {named(allowed)}; the token has the role {role.value}.")
