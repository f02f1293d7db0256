"""Request bodies and list filters of tokens and subjects."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.http.fields import ONE_LINE, WORD, Body, Line, Name, Sentence, example
from app.http.pagination import PageQuery
from app.identity.models import SubjectKind
from app.identity.roles import Role
from app.identity.scopes import Scopes

LONGEST_OVERLAP_HOURS = 7 * 24
LONGEST_DAYS = 730

SubjectName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    ONE_LINE,
    Field(description="The person or service, 1 to 200 visible characters; compared without regard to case."),
]
AnyRole = Annotated[Role, WORD]
AnyKind = Annotated[SubjectKind, WORD]
Days = Annotated[int, Field(strict=True, ge=1, le=LONGEST_DAYS)]


class TokenState(StrEnum):
    """What has become of a token."""

    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ScopesIn(Body):
    """What the token is limited to; whatever is left out is no limit."""

    business_units: list[Annotated[str, StringConstraints(min_length=1, max_length=100), ONE_LINE]] = Field(
        default=[], max_length=100
    )
    applications: list[Name] = Field(default=[], max_length=100)
    connector: Annotated[str, StringConstraints(min_length=1, max_length=100), ONE_LINE] | None = None
    device: Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE] | None = None

    def as_scopes(self) -> Scopes:
        """The limits, each value once."""
        given: dict[str, Any] = self.model_dump()
        lists = {name: tuple(dict.fromkeys(given[name])) for name in ("business_units", "applications")}
        return Scopes(**lists, connector=self.connector, device=self.device)


class TokenIn(Body):
    """A token to create. A subject that does not exist yet is created with the token's role."""

    model_config = example(
        {
            "subject": "salt-master-1",
            "role": "reporter",
            "description": "Reports of the Salt master in Berlin.",
            "scopes": {"connector": "salt-berlin"},
        }
    )

    subject: SubjectName
    role: AnyRole
    kind: AnyKind | None = None
    """Of a new subject: a person unless the role is `reporter`."""
    description: Line = ""
    """Never put a secret here: everybody who may read events reads it."""
    expires_in_days: Days | None = None
    """Default 90 for people, at most 365; 365 for services, at most 730."""
    scopes: ScopesIn = ScopesIn()
    grant_role: bool = False
    """Also give an existing subject the role, if it does not have it."""


class RevocationIn(Body):
    """Why a token is revoked."""

    model_config = example({"reason": "The laptop was stolen.", "compromised": True})

    reason: Sentence
    compromised: bool = False
    """Whether others may have used it: then what its subject approved is also asked for again."""


class RotationIn(Body):
    """How a token gets a new secret."""

    model_config = example({"overlap_hours": 24})

    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=LONGEST_OVERLAP_HOURS)] = 0
    """For so long the old secret works too, but not longer than it would have without the rotation."""
    expires_in_days: Days | None = None
    """As for a new token."""


class RolesIn(Body):
    """All roles of a subject from now on; none: it may do nothing."""

    model_config = example({"roles": ["viewer"], "reason": "Works in another department now."})

    roles: Annotated[list[AnyRole], Field(max_length=len(Role))]
    reason: Sentence


class TokenQuery(PageQuery):
    """Tokens that match every given value."""

    subject: Line | None = None
    """Only tokens of this person or service; its name is compared without regard to case."""
    role: AnyRole | None = None
    """Only tokens of this role."""
    state: Annotated[TokenState, WORD] | None = None
    """Only tokens in this state."""
    is_session: bool | None = None
    """Only sessions of people who have logged in, or only other tokens."""
