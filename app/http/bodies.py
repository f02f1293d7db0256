"""Request bodies: size limits by content type, JSON parsed once, line formats (NDJSON, CSV) read as a stream."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import IO, Any, TypeVar

from flask import Flask, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from app.errors import FieldError, Invalid
from app.settings import load_settings

ItemModel = TypeVar("ItemModel", bound=BaseModel)

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
CSV = ("text/csv",)
LONGEST_LINE = 65_536


class MalformedJSON(Invalid):
    type = "malformed-json"
    title = "The body is not valid JSON"


class UnsupportedBody(Invalid):
    type = "unsupported-media-type"
    title = "This path does not accept the body's content type"


def field_errors(error: ValidationError, prefix: str = "") -> tuple[FieldError, ...]:
    """Pydantic's errors as field errors, with dotted paths."""
    return tuple(
        FieldError(prefix + ".".join(str(part) for part in detail["loc"]) or "(body)", detail["msg"])
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
    if request.mimetype in CSV:
        yield from _csv_lines(text, item)
    else:
        yield from _json_lines(text)


def decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    """A stream of lines as text; bytes that are not UTF-8 become lone surrogates, so that their line is rejected."""
    # Excel starts a CSV with a byte order mark.
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _json_lines(text: io.TextIOBase) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            while (more := text.readline(LONGEST_LINE)) and not more.endswith("\n"):
                pass
            yield number, FieldError("(line)", f"longer than {LONGEST_LINE:,} characters")
            continue
        if not line.strip():
            continue
        if not _is_text(line):
            yield number, FieldError("(line)", "not UTF-8")
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, FieldError("(line)", f"not JSON: {error}")
            continue
        yield number, value if isinstance(value, dict) else FieldError("(line)", "not a JSON object")


def csv_rows(
    text: io.TextIOBase, item: type[BaseModel]
) -> tuple[list[str], Iterator[tuple[int, list[str] | FieldError]]]:
    """A CSV's columns, and its lines as (line number, cells), with a FieldError in place of an unreadable line.

    Raises Invalid unless the first line names columns of `item`, including all required ones.
    """
    reader = csv.reader(text)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise Invalid(f"The first line of the CSV cannot be read: {error}.") from error
    allowed = item.model_fields
    missing = [name for name, field in allowed.items() if field.is_required() and name not in header]
    if missing or len(set(header)) < len(header) or not set(header) <= set(allowed):
        raise Invalid(
            f"The first line of the CSV must name its columns, each once. Allowed are {', '.join(allowed)}.",
            fields=[FieldError(name, "this column is missing") for name in missing],
        )

    def rows() -> Iterator[tuple[int, list[str] | FieldError]]:
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, FieldError("(line)", f"not CSV: {error}")
                continue
            if not cells:
                continue
            if len(cells) != len(header):
                yield reader.line_num, FieldError("(line)", "has a different number of columns than the header")
            elif not _is_text("".join(cells)):
                yield reader.line_num, FieldError("(line)", "not UTF-8")
            else:
                yield reader.line_num, cells

    return header, rows()


def named_cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """A CSV line as an object. Empty cells are left out, so that defaults apply."""
    return {name: value for name, value in zip(header, cells, strict=True) if value != ""}


def _csv_lines(text: io.TextIOBase, item: type[BaseModel]) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    header, rows = csv_rows(text, item)
    for number, cells in rows:
        yield number, cells if isinstance(cells, FieldError) else named_cells(header, cells)


def _is_text(value: str) -> bool:
    """Whether the bytes were UTF-8; `decoded` turns all others into lone surrogates."""
    return value.isascii() or not any("\udc80" <= character <= "\udcff" for character in value)


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
