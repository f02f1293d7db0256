"""What the server itself refuses, before the application sees a request, as problem documents on the wire."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from gunicorn.http import errors

from app.errors import TYPE_PREFIX


class SlowClient(TimeoutError):
    """The client sends too slowly, so that a thread would wait for it too long."""


@dataclass(frozen=True)
class Refusal:
    """An answer of the server itself."""

    status: HTTPStatus
    type: str
    detail: str

    def as_bytes(self) -> bytes:
        """The whole answer, after which the connection closes."""
        body = json.dumps(
            {
                "type": TYPE_PREFIX + self.type,
                "title": self.status.phrase,
                "status": int(self.status),
                "detail": self.detail,
                "instance": "/",
            }
        ).encode()
        head = (
            f"HTTP/1.1 {int(self.status)} {self.status.phrase}",
            "Connection: close",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            f"X-Request-Id: {uuid.uuid4().hex}",
        )
        return "\r\n".join((*head, "", "")).encode("ascii") + body


TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "request-timeout", "The request arrived too slowly. Send it again without pauses."
)
_DEFECT = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "The server's log has the details.")
_BAD = Refusal(HTTPStatus.BAD_REQUEST, "bad-request", "This is not a valid HTTP/1.1 request.")
_REFUSALS: tuple[tuple[type[Exception], Refusal], ...] = (
    (errors.InvalidResponseHeader, _DEFECT),
    (errors.InvalidResponseHeaderName, _DEFECT),
    (errors.ConfigurationProblem, _DEFECT),
    (
        errors.LimitRequestLine,
        Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long", "The request line is too long. Shorten the query."),
    ),
    (
        errors.LimitRequestHeaders,
        Refusal(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers-too-large",
            "There are too many header fields, or one is too long. Send only the headers that the API describes.",
        ),
    ),
    (
        errors.UnsupportedTransferCoding,
        Refusal(
            HTTPStatus.NOT_IMPLEMENTED,
            "unsupported-transfer-coding",
            "The only transfer coding is `chunked`; bodies must not be compressed.",
        ),
    ),
    (
        errors.ExpectationFailed,
        Refusal(HTTPStatus.EXPECTATION_FAILED, "expectation-failed", "The only expectation is `100-continue`."),
    ),
    (errors.ForbiddenProxyRequest, Refusal(HTTPStatus.FORBIDDEN, "forbidden", "This proxy is not trusted.")),
    (SlowClient, TOO_SLOW),
    (errors.ParseException, _BAD),
)
"""The first class that an error has determines the answer."""


def refusal(error: Exception) -> Refusal:
    """The answer to a request that raised this outside the application."""
    return next((answer for kind, answer in _REFUSALS if isinstance(error, kind)), _DEFECT)
