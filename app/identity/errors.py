"""Why a token or a subject cannot be created or changed, and why a caller is not known."""

from __future__ import annotations

from enum import StrEnum

from app.errors import Conflict, Invalid, NotFound, Unauthenticated


class Failure(StrEnum):
    """Why a request with credentials was refused before its view; a label of metrics."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    LIMITED = "limited"


class BadCredentials(Unauthenticated):
    """A request whose token is not accepted."""

    title = "The bearer token is not accepted"

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


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
