"""Turns errors into RFC 9457 `application/problem+json`; the only place that assigns HTTP statuses."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, cast

import structlog
from flask import Flask, Response, request
from psycopg.errors import DiskFull
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.errors import (
    MOST_ERRORS,
    TYPE_PREFIX as TYPE_PREFIX,
    Conflict,
    ControlPlaneError,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    OutOfRange,
    OutOfSpace,
    Stale,
    TooManyFailures,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from app.http.bodies import BrokenBody, MalformedJSON, SlowBody, UnsupportedBody, UnsupportedEncoding
from app.http.parking import TooManyOfToken

log = structlog.get_logger()

STATUS: dict[type[ControlPlaneError], HTTPStatus] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedJSON: HTTPStatus.BAD_REQUEST,
    BrokenBody: HTTPStatus.BAD_REQUEST,
    SlowBody: HTTPStatus.REQUEST_TIMEOUT,
    UnsupportedBody: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooManyFailures: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    OutOfRange: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    OutOfSpace: HTTPStatus.INSUFFICIENT_STORAGE,
    TooManyOfToken: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ControlPlaneError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The nearest base class of an error determines its status."""

TOO_LARGE = "body-too-large"
RETRY_AFTER_SECONDS = 5
LONGEST_FIELD = 200
"""The most characters shown of a field's path, which a client may have made up."""


def status_of(error: type[ControlPlaneError]) -> HTTPStatus:
    """The HTTP status of a class of errors."""
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def problem(
    status: int, type: str, title: str, detail: str, fields: tuple[FieldError, ...] = (), **more: Any
) -> Response:
    """A problem document as a response; it lists the first `MOST_ERRORS` fields and counts the others."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + type,
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": request.script_root + request.path,
        **more,
    }
    if fields:
        listed = fields[:MOST_ERRORS]
        body["errors"] = [{"field": error.field[:LONGEST_FIELD], "message": error.message} for error in listed]
    if len(fields) > MOST_ERRORS:
        body["errors_omitted"] = len(fields) - MOST_ERRORS
    return Response(json.dumps(body), status=int(status), content_type="application/problem+json")


def domain_error(error: ControlPlaneError) -> Response:
    """The answer to an error of the domain."""
    status = status_of(type(error))
    more = {"allowed": list(error.allowed)} if error.allowed is not None else {}
    response = problem(status, error.type, error.title, error.detail, error.fields, **more)
    if isinstance(error, UnsupportedEncoding):
        response.headers["Accept-Encoding"] = "identity"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, OutOfRange):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    retry_after = getattr(error, "retry_after", RETRY_AFTER_SECONDS if status == 503 else None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return cast(Response, error.response)
    if isinstance(error, RequestEntityTooLarge):
        return problem(413, TOO_LARGE, "The body is too large", error.description or "Send a smaller body.")
    name = error.name.lower().replace(" ", "-")
    response = problem(error.code or 500, name, error.name, error.description or error.name)
    for header, value in error.get_headers():
        if header.lower() not in ("content-type", "content-length"):
            response.headers[header] = value
    return response


def is_disk_full(error: Exception) -> bool:
    """Whether PostgreSQL has no space left; it responds, and reading goes on."""
    return isinstance(getattr(error, "orig", None), DiskFull)


def _database_error(error: OperationalError | InterfaceError | PoolTimeout) -> Response:
    if is_disk_full(error):
        log.error("the database's disk is full", exc_info=error)
        detail = "The disk of the database is full; nothing was changed. Free some space on it, then try again."
        return domain_error(Unavailable(detail))
    log.error("database does not respond", exc_info=error)
    return domain_error(Unavailable("The database does not respond; nothing was changed. Try again shortly."))


def _data_error(error: DataError) -> Response:
    # Without the trace, which holds the statement and what the caller sent.
    log.warning("value rejected by the database", reason=str(error.orig).partition("\n")[0])
    return domain_error(Invalid("A number is out of range, or a text contains a character that cannot be stored."))


def _defect(error: Exception) -> Response:
    log.error("unhandled error", exc_info=error)
    detail = "Read what the request was to change before you send it again. The server's log has the details."
    return problem(500, "internal-error", "Internal error", detail)


def install(app: Flask) -> None:
    """Return every error as a problem document."""
    app.register_error_handler(ControlPlaneError, domain_error)
    app.register_error_handler(HTTPException, _http_error)
    for database_error in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(database_error, _database_error)
    app.register_error_handler(DataError, _data_error)
    app.register_error_handler(Exception, _defect)
