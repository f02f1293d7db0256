"""What the API answers about tokens and subjects."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.http.responses import (
    NULL,
    ApplicationName,
    ConnectorName,
    DeviceId,
    Id,
    Reason,
    ResponseBody,
    Subject as Name,
    Time,
)
from app.identity.models import SubjectKind
from app.identity.roles import Role
from app.identity.schemas import TokenState

Prefix = Annotated[str, Field(examples=["eucora_Zk3b9Q"])]


class Limits(ResponseBody):
    """What a token is limited to; an empty field is no limit."""

    business_units: list[Annotated[str, Field(examples=["Berlin"])]]
    applications: list[ApplicationName]
    connector: Annotated[ConnectorName | None, NULL]
    device: Annotated[DeviceId | None, NULL]


class Token(ResponseBody):
    """A token without its secret."""

    id: Id
    prefix: Prefix | None
    """The first characters of the secret, to recognize it; null for sessions and tokens of versions before 0.7.0."""
    subject_id: Id
    subject: Name
    kind: SubjectKind
    role: Role
    description: Annotated[str, Field(examples=["The release pipeline."])]
    scopes: Limits
    state: TokenState
    created_at: Time
    created_by: Name
    expires_at: Time | None
    """Null only for tokens of versions before 0.7.0, which do not expire."""
    rotated_at: Annotated[Time | None, NULL]
    previous_until: Annotated[Time | None, NULL]
    """Until then, the secret before the last rotation works too; null if it does not."""
    last_used_at: Time | None
    """Exact to some minutes; null if it was never used."""
    revoked_at: Annotated[Time | None, NULL]
    revoked_by: Annotated[Name | None, NULL]
    revoke_reason: Annotated[Reason | None, NULL]
    is_session: bool
    """Whether it is the session of a person who has logged in, whose secret only the browser has."""


class IssuedToken(Token):
    """A token with its secret."""

    secret: Annotated[str, Field(examples=["eucora_Zk3b9QmTd0Yx2Vw7Lr5Jh8Nc1Bf4Gs6Pa9Ue3Ki7Qo"])] | None
    """Shown this once; null in the answer to a repeated request."""


class Subject(ResponseBody):
    """A person or a service."""

    id: Id
    name: Name
    kind: SubjectKind
    roles: list[Role]
    """No token of the subject acts above them."""
    blocked: bool
    """Whether an admin took every role: then logging in gives none either."""
    logged_in_at: Annotated[Time | None, NULL]
    """The last login through the identity provider."""
    created_at: Time


class Whoami(ResponseBody):
    """Who makes the request."""

    subject: Name
    kind: SubjectKind
    role: Role
    scopes: Limits
    token: Token
    """The token of the request, or the session."""
    csrf_token: Annotated[str | None, NULL]
    """What changes by this session have to send as `X-CSRF-Token`; null for a bearer token."""
