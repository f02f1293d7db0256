"""Line uploads (NDJSON, CSV): read as a stream, stored a thousand lines at a time, with one result per line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Generic, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeout
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import FieldError
from app.http import rates
from app.http.bodies import BrokenBody, SlowBody, field_errors, lines
from app.http.problems import is_disk_full

log = structlog.get_logger()

LINES_PER_COMMIT = 1_000
MOST_OF_LINE = 10
"""The most errors shown of one line."""
LONGEST_FIELD = 200
"""The most characters shown of a field's path."""
_IN_MEMORY = 4 * 1024 * 1024

LineModel = TypeVar("LineModel", bound=BaseModel)
Item = TypeVar("Item")


Streamed = tuple[Iterator[bytes], int, dict[str, str]]
"""A response that Flask sends in pieces: body, status, headers."""


@dataclass(frozen=True)
class Line(Generic[LineModel]):
    """One line of an upload: its number, and either its item or the errors that make it unreadable."""

    number: int
    item: LineModel | None
    errors: tuple[FieldError, ...] = ()


Handler = Callable[[Sequence[Line[LineModel]]], Sequence[str | FieldError]]
"""Stores one chunk in one transaction; returns a status, or why the line is rejected, for each line in order."""


def carry_out(item: type[LineModel], handle: Handler[LineModel]) -> Streamed:
    """Respond to an upload with NDJSON: `{"line": 1, "status": "created"}`, or `rejected` with its errors.

    Results are sent only after the whole upload is read, so that a client that first sends everything never blocks.
    """
    status = 200
    results: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by _pieces
    last, accepted = 0, False
    try:
        with rates.upload():
            for chunk in _chunks(_read(item), LINES_PER_COMMIT):
                if last and not accepted:
                    status, why = 422, "no line so far is valid; correct the lines above"
                    results.write(_stopped(last, why))
                    break
                for line, outcome in zip(chunk, handle(chunk), strict=True):
                    results.write(_result(line, outcome))
                    accepted = accepted or (line.item is not None and isinstance(outcome, str))
                last = chunk[-1].number
    except Exception as error:
        if not last:
            raise
        # Chunks that were committed stay, and the response says where to continue.
        status, why = _why_stopped(error)
        results.write(_stopped(last, why))
    results.seek(0)
    return _pieces(results), status, {"Content-Type": "application/x-ndjson"}


def _why_stopped(error: Exception) -> tuple[int, str]:
    """The status of an upload of which a part is stored, and what ended it."""
    if isinstance(error, RequestEntityTooLarge):
        return 413, "the upload is larger than the limit"
    if isinstance(error, SlowBody):
        return 408, "the upload arrived too slowly"
    if isinstance(error, BrokenBody):
        return 400, "the upload broke off"
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        full = is_disk_full(error)
        return 503, "the database's disk is full" if full else "the database does not respond"
    log.error("upload stopped", exc_info=error)
    return 500, "the server failed, and its log has the details"


def _read(item: type[LineModel]) -> Iterator[Line[LineModel]]:
    for number, content in lines(item):
        if isinstance(content, FieldError):
            yield Line(number, None, (content,))
            continue
        try:
            yield Line(number, item.model_validate(content))
        except ValidationError as error:
            yield Line(number, None, field_errors(error))


def _result(line: Line[Any], outcome: str | FieldError) -> bytes:
    if line.item is None:
        return _failure(line.number, "rejected", line.errors)
    if isinstance(outcome, FieldError):
        return _failure(line.number, "rejected", (outcome,))
    # Nearly every result is this one: a status is a plain word and needs no encoder.
    return f'{{"line": {line.number}, "status": "{outcome}"}}\n'.encode()


def _stopped(last: int, why: str) -> bytes:
    """The result in place of the line after the last one that was processed."""
    again = FieldError("(upload)", f"{why}; send this line and all lines after it again")
    return _failure(last + 1, "stopped", (again,))


def _failure(number: int, status: str, errors: Sequence[FieldError]) -> bytes:
    fields = [{"field": error.field[:LONGEST_FIELD], "message": error.message} for error in errors[:MOST_OF_LINE]]
    return json.dumps({"line": number, "status": status, "errors": fields}).encode() + b"\n"


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _pieces(stored: IO[bytes]) -> Iterator[bytes]:
    with stored:
        while piece := stored.read(65_536):
            yield piece
