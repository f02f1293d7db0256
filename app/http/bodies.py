"""Request bodies: size limits by content type, JSON parsed once, line formats chosen by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import IO, Annotated, Any, TypeVar

from flask import Flask, current_app, request
from pydantic import BaseModel, FailFast, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from app.errors import MOST_ERRORS, FieldError, Invalid
from app.http.line_formats import csv_lines, decoded, json_lines
from app.settings import load_settings

ItemModel = TypeVar("ItemModel", bound=BaseModel)

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
CSV = ("text/csv", "text/tab-separated-values")
View = TypeVar("View", bound=Callable[..., object])


class MalformedJSON(Invalid):
    type = "malformed-json"
    title = "The body is not valid JSON"


class UnsupportedBody(Invalid):
    type = "unsupported-media-type"
    title = "This path does not accept the body's content type"


class UnsupportedEncoding(UnsupportedBody):
    type = "unsupported-encoding"
    title = "The body must not be compressed"


class BrokenBody(Invalid):
    type = "incomplete-body"
    title = "The body broke off"


class SlowBody(Invalid):
    type = "request-timeout"
    title = "The body arrived too slowly"


class WholeBody:
    """A request's body as the server gives it, of which a shorter one is an error, never the end."""

    def __init__(self, stream: IO[bytes], length: int | None) -> None:
        self._stream, self._length, self._received = stream, length, 0

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end. Raises BrokenBody, SlowBody."""
        try:
            data = self._stream.read(size)
        except TimeoutError as error:
            raise SlowBody("Send the request again without pauses, or send less at once.") from error
        except Exception as error:  # the class is the server's own, and any of them means a body that is not whole
            raise BrokenBody(f"The body cannot be read to its end: {type(error).__name__}. Send it again.") from error
        self._received += len(data)
        if self._length is not None and self._received < self._length and (not data or size < 0):
            raise BrokenBody(
                f"{self._received} of {self._length} bytes arrived before the connection was closed. Send it again."
            )
        return data


def field_errors(error: ValidationError, prefix: str = "") -> tuple[FieldError, ...]:
    """Pydantic's errors as field errors, with dotted paths."""
    return tuple(
        FieldError(
            prefix + ".".join(str(part) for part in detail["loc"]) or "(body)",
            detail["msg"].removeprefix("Value error, "),  # of our own validators
        )
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
    )


def takes_file(view: View) -> View:
    """Mark a view whose body is a file of any content type, which it reads itself from `request.stream`."""
    view.takes_file = True  # type: ignore[attr-defined]  # a mark on the function, read by `is_file`
    return view


def reads_file(view: Callable[..., object] | None) -> bool:
    """Whether the body of a view's requests is a file."""
    return bool(getattr(view, "takes_file", False))


def is_file() -> bool:
    """Whether the body of this request is a file."""
    return reads_file(current_app.view_functions.get(request.endpoint or ""))


def is_stream() -> bool:
    """Whether the body is one of the line formats."""
    return request.mimetype in NDJSON + CSV and not is_file()


def parse_list(item: type[ItemModel]) -> list[ItemModel]:
    """The JSON array in the body as models. Raises Invalid with every invalid field."""
    body = request.get_json(silent=True)
    if not isinstance(body, list) or not body:
        raise Invalid("Send a JSON array with at least one object, or NDJSON or CSV lines.")
    try:
        return _list_of(item).validate_python(body)
    except ValidationError:
        errors, checked = _item_errors(item, body)
        unchecked = len(body) - checked
        more = f" The last {unchecked} items were not checked." if unchecked else ""
        raise Invalid(f"Some items are invalid; nothing was stored.{more}", fields=errors) from None


@cache
def _list_of(item: type[ItemModel]) -> TypeAdapter[list[ItemModel]]:
    return TypeAdapter(Annotated[list[item], FailFast()])  # type: ignore[valid-type,arg-type]  # a type made at run time


def _item_errors(item: type[BaseModel], body: Sequence[Any]) -> tuple[list[FieldError], int]:
    """The errors of the first invalid items, and how many items were checked for them."""
    errors: list[FieldError] = []
    for position, content in enumerate(body):
        try:
            item.model_validate(content)
        except ValidationError as error:
            errors.extend(field_errors(error, f"{position}."))
            if len(errors) >= MOST_ERRORS:
                return errors, position + 1
    return errors, len(body)


def lines(item: type[BaseModel]) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    """The body's lines as (line number, object), with a FieldError in place of an unreadable line.

    Raises Invalid for a CSV whose first line does not name the columns of `item`.
    """
    text = decoded(request.stream)
    return csv_lines(text, item) if request.mimetype in CSV else json_lines(text)


def _limit_body() -> None:
    settings = load_settings()
    request.environ["wsgi.input"] = WholeBody(request.environ["wsgi.input"], request.content_length)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    coding = request.headers.get("Transfer-Encoding", "chunked").strip().lower()
    if encoding not in ("", "identity") or coding != "chunked":
        raise UnsupportedEncoding("The body must not be compressed: send it without Content-Encoding.")
    if is_file():
        limit, advice = settings.artifacts_limit, "EUCORA_ARTIFACTS_LIMIT is for its operator to raise."
    else:
        limit = settings.stream_limit if is_stream() else settings.body_limit
        advice = "Send larger lists as NDJSON or CSV."
    request.max_content_length = limit
    if request.content_length is not None and request.content_length > limit:
        raise RequestEntityTooLarge(f"The body is {request.content_length} bytes; the limit is {limit}. {advice}")


def _parse_json() -> None:
    """Reject a body that is not JSON before a view's validation treats it as empty."""
    is_changing = request.method in ("POST", "PUT", "PATCH") and request.endpoint is not None
    if not is_changing or is_stream() or is_file():
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
