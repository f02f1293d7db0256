"""Why a token or a subject cannot be created or changed, why a caller is not known, and why nobody is logged in."""

from __future__ import annotations

from enum import StrEnum

from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable


class Failure(StrEnum):
    """Why a request with credentials was refused before its view; a label of metrics."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    LIMITED = "limited"
    CSRF = "csrf"
    LOGIN = "login"


class BadCredentials(Unauthenticated):
    """A request whose token is not accepted."""

    title = "The bearer token is not accepted"

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


class BadSession(BadCredentials):
    """A request whose session is not accepted."""

    title = "The session is not accepted"


class LoginFailed(Unauthenticated):
    """Nobody is logged in, because the identity provider's answer proves nothing."""

    type = "login-failed"
    title = "The login did not succeed"


class Refusal(StrEnum):
    """Why a person whom the identity provider knows is not logged in."""

    NO_ROLE = "no_role"
    BLOCKED = "blocked"
    SERVICE = "service"
    OTHER_ACCOUNT = "other_account"
    NAME = "name"


class LoginRefused(Forbidden):
    """The identity provider knows the person, who may not log in here."""

    type = "login-refused"
    title = "You may not log in here"


class ProviderUnavailable(Unavailable):
    type = "provider-unavailable"
    title = "The identity provider does not respond"


class NoSuchToken(NotFound):
    type = "no-such-token"
    title = "The token does not exist"

    def __init__(self, token_id: int) -> None:
        super().__init__(f"Token {token_id} does not exist; GET /api/v1/tokens lists all tokens.")


class NoSuchSubject(NotFound):
    type = "no-such-subject"
    title = "The subject does not exist"

    def __init__(self, subject_id: int) -> None:
        super().__init__(f"Subject {subject_id} does not exist; GET /api/v1/subjects lists all subjects.")


class TokenEnded(Conflict):
    type = "token-ended"
    title = "The token is revoked or has expired"


class RoleNotGranted(Conflict):
    type = "role-not-granted"
    title = "The subject does not have this role"


class InvalidToken(Invalid):
    type = "invalid-token"
    title = "The token would not be usable or not be safe"
