"""The errors of the client. No message contains a token or a header of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class ClientError(Exception):
    """Base class of all errors that a call raises."""


class FieldError(NamedTuple):
    """An invalid field of a request: its path (`rings.0.share`) and what is wrong with it."""

    field: str
    message: str


class Problem(ClientError):
    """The request was rejected; the fields are those of RFC 9457.

    `type` is the stable slug to branch on (`live-deployment`), without its prefix `urn:eucora:problem:`. An answer
    that is not the control plane's own, such as that of a proxy, has the type `about:blank`. `retry_after` is in
    seconds, None if the answer does not say; `request_id` finds the request in the server's log.
    """

    def __init__(
        self,
        request: str,
        *,
        status: int,
        type: str,
        title: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        fields = "".join(f"; {error.field}: {error.message}" for error in errors)
        super().__init__(f"{request}: {status} {type}: {title}. {detail}{fields}")
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.request_id = request_id


class Unreachable(ClientError):
    """The control plane did not answer: no connection, a broken one, or no answer in time.

    The mutation may have been executed. Sending it again with its `idempotency_key` is safe: it is executed only once.
    The key is None for GETs and uploads.
    """

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class StillWaiting(ClientError):
    """A deployment did not become what was waited for; `deployment` is how it was last seen."""

    def __init__(self, deployment_id: int, seconds: float, deployment: Any) -> None:
        super().__init__(f"Deployment {deployment_id} is not there yet after {seconds:g} seconds.")
        self.deployment = deployment


class UploadStopped(ClientError):
    """An upload stopped early: the lines before `line` are processed and have results.

    To continue, send the lines from `line` on (in CSV, with the header).
    """

    def __init__(self, request: str, *, status: int, line: int, reason: str) -> None:
        super().__init__(f"{request}: the upload stopped before line {line}: {reason}")
        self.status = status
        self.line = line
        self.reason = reason


class DamagedDownload(ClientError):
    """What arrived is not what was asked for."""
