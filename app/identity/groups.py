"""What the claims of an identity provider say about a person: name and roles. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.identity.roles import Role


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of that name, or else the one at the end of the path (`realm_access.roles`); None if there is none."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def groups_in(value: Any) -> list[str]:
    """The groups that a claim lists; a text is one group, anything else none."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def roles_of(groups: list[str], roles: Mapping[str, str]) -> list[Role]:
    """The roles that groups give, the highest first: the first one is that of the session."""
    given = {Role(roles[group]) for group in groups if group in roles}
    return [role for role in Role if role in given]
