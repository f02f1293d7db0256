"""What can go wrong, in the words of the domain; HTTP statuses are given once, in `app/http/problems.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One offending input field: where it is (`rings.0.share`) and what is wrong with it."""

    field: str
    message: str


class ControlPlaneError(Exception):
    """Base of every refusal. `type` is a stable slug that clients may branch on."""

    type = "error"
    title = "The request could not be carried out"

    def __init__(self, detail: str, *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)


class NotFound(ControlPlaneError):
    type = "not-found"
    title = "No such resource"


class Conflict(ControlPlaneError):
    type = "conflict"
    title = "The request conflicts with the present state"


class Unauthenticated(ControlPlaneError):
    type = "unauthenticated"
    title = "A bearer token is needed"


class Forbidden(ControlPlaneError):
    type = "forbidden"
    title = "This token may not do that"


class Invalid(ControlPlaneError):
    type = "invalid"
    title = "The request is not valid"


class Stale(ControlPlaneError):
    type = "stale-version"
    title = "The resource has changed since it was read"


class Unavailable(ControlPlaneError):
    type = "unavailable"
    title = "A part the request needs does not answer"
