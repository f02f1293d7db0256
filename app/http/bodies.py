"""Request bodies: size limits by content type, JSON parsed once, line formats chosen by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from flask import Flask, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from app.errors import FieldError, Invalid
from app.http.line_formats import csv_lines, decoded, json_lines
from app.settings import load_settings

ItemModel = TypeVar("ItemModel", bound=BaseModel)

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
CSV = ("text/csv", "text/tab-separated-values")


class MalformedJSON(Invalid):
    type = "malformed-json"
    title = "The body is not valid JSON"


class UnsupportedBody(Invalid):
    type = "unsupported-media-type"
    title = "This path does not accept the body's content type"


def field_errors(error: ValidationError, prefix: str = "") -> tuple[FieldError, ...]:
    """Pydantic's errors as field errors, with dotted paths."""
    return tuple(
        FieldError(
            prefix + ".".join(str(part) for part in detail["loc"]) or "(body)",
            detail["msg"].removeprefix("Value error, "),  # of our own validators
        )
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
    )


def is_stream() -> bool:
    """Whether the body is one of the line formats."""
    return request.mimetype in NDJSON + CSV


def parse_list(item: type[ItemModel]) -> list[ItemModel]:
    """The JSON array in the body as models. Raises Invalid with every invalid field."""
    body = request.get_json(silent=True)
    if not isinstance(body, list) or not body:
        raise Invalid("Send a JSON array with at least one object, or NDJSON or CSV lines.")
    try:
        return TypeAdapter(list[item]).validate_python(body)  # type: ignore[valid-type]  # a type made at run time
    except ValidationError as error:
        raise Invalid("Some items are invalid; nothing was stored.", fields=field_errors(error)) from error


def lines(item: type[BaseModel]) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    """The body's lines as (line number, object), with a FieldError in place of an unreadable line.

    Raises Invalid for a CSV whose first line does not name the columns of `item`.
    """
    text = decoded(request.stream)
    return csv_lines(text, item) if request.mimetype in CSV else json_lines(text)


def _limit_body() -> None:
    settings = load_settings()
    limit = settings.stream_limit if is_stream() else settings.body_limit
    request.max_content_length = limit
    if request.content_length is not None and request.content_length > limit:
        raise RequestEntityTooLarge(
            f"The body is {request.content_length} bytes; the limit is {limit}. Send larger lists as NDJSON or CSV."
        )


def _parse_json() -> None:
    """Reject a body that is not JSON before a view's validation treats it as empty."""
    if request.method not in ("POST", "PUT", "PATCH") or request.endpoint is None or is_stream():
        return
    has_body = bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "")
    if not has_body:
        return
    limit = load_settings().body_limit
    if request.content_length is None:
        # Werkzeug silently cuts a chunked body off at its limit, so one byte more is read.
        request.max_content_length = limit + 1
        if len(request.get_data()) > limit:
            raise RequestEntityTooLarge(f"The body exceeds {limit} bytes. Send larger lists as NDJSON or CSV.")
    if request.mimetype != "application/json":
        raise UnsupportedBody("Send `Content-Type: application/json`; lists also as application/x-ndjson or text/csv.")
    try:
        body = request.get_json()
    except RequestEntityTooLarge:
        raise
    except (BadRequest, RecursionError) as error:
        # Flask raises a BadRequest without text; the reason is in its cause.
        reason = error.__cause__.description if isinstance(error.__cause__, HTTPException) else error
        raise MalformedJSON(f"The body cannot be parsed as JSON: {reason}") from error
    if not isinstance(body, dict | list):
        raise Invalid("The body must be a JSON object or a JSON array.")


def install(app: Flask) -> None:
    """Check every body before a view reads it."""
    app.before_request(_limit_body)
    app.before_request(_parse_json)
