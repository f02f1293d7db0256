"""The errors of the domain; `app/http/problems.py` alone maps them to HTTP statuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TYPE_PREFIX = "urn:eucora:problem:"
"""What the types of problem documents start with."""
MOST_ERRORS = 100
"""The most invalid fields that an answer lists."""


@dataclass(frozen=True)
class FieldError:
    """One invalid input field: its path (`rings.0.share`) and what is wrong with it."""

    field: str
    message: str


class ControlPlaneError(Exception):
    """Base of every error that a caller sees. `type` is a stable slug that clients may branch on."""

    type = "error"
    title = "The request failed"

    def __init__(self, detail: str, *, fields: Sequence[FieldError] = (), allowed: Sequence[str] | None = None) -> None:
        """`allowed`: the states in which the request would be possible, if its state is why it is not."""
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)
        self.allowed = allowed


class NotFound(ControlPlaneError):
    type = "not-found"
    title = "The resource does not exist"


class Conflict(ControlPlaneError):
    type = "conflict"
    title = "The request conflicts with the current state"


class Gone(ControlPlaneError):
    type = "gone"
    title = "What the request is about is over"


class Unauthenticated(ControlPlaneError):
    type = "unauthenticated"
    title = "A bearer token is required"


class Forbidden(ControlPlaneError):
    type = "forbidden"
    title = "The token's role does not allow this request"


class OutOfScope(Forbidden):
    """A token that is limited, for a request about something else."""

    type = "out-of-scope"
    title = "The token is limited to something else"


class CrossSite(Forbidden):
    """A change by a session that another site may have sent."""

    type = "csrf"
    title = "The request does not prove that it comes from our own pages"


class TooManyFailures(ControlPlaneError):
    """`retry_after` is in seconds."""

    type = "too-many-failed-logins"
    title = "This address has sent too many tokens that are not accepted"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyRequests(ControlPlaneError):
    """`retry_after` is in seconds."""

    type = "too-many-requests"
    title = "The caller sends too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Invalid(ControlPlaneError):
    type = "invalid"
    title = "The request is invalid"


class Stale(ControlPlaneError):
    type = "stale-version"
    title = "The resource has changed since it was read"


class OutOfRange(ControlPlaneError):
    """`size` is the number of bytes that there are."""

    type = "range-not-satisfiable"
    title = "The range is outside of the content"

    def __init__(self, size: int) -> None:
        super().__init__(f"The content has {size} bytes. Ask for a range within them, or for all of it without Range.")
        self.size = size


class OutOfSpace(ControlPlaneError):
    type = "out-of-space"
    title = "There is no space left for the content; nothing was stored"


class Unavailable(ControlPlaneError):
    type = "unavailable"
    title = "A component that the request needs does not respond"
