"""Line uploads (NDJSON, CSV): read as a stream, carried out a thousand lines at a time, one result for each line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import FieldError
from app.http.bodies import field_errors, lines

LINES_PER_COMMIT = 1_000
_IN_MEMORY = 4 * 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")


Streamed = tuple[Iterator[bytes], int, dict[str, str]]
"""An answer that Flask sends piece by piece."""


@dataclass(frozen=True)
class Line(Generic[Model]):
    """One line of an upload: its number and either what it says or why that cannot be read."""

    number: int
    item: Model | None
    errors: tuple[FieldError, ...] = ()


Handler = Callable[[Sequence[Line[Model]]], Sequence[str | FieldError]]
"""Carries out one chunk in one transaction; a status, or why the line was refused, for each line in order."""


def carry_out(item: type[Model], handle: Handler[Model]) -> Streamed:
    """Answer an upload with NDJSON: `{"line": 1, "status": "created"}`, or `rejected` with its errors.

    Answers leave only when the whole upload is read: a client that sends all before it reads must not be blocked.
    """
    status = 200
    answers: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by _pieces
    last = 0
    try:
        for chunk in _chunks(_read(item), LINES_PER_COMMIT):
            for line, outcome in zip(chunk, handle(chunk), strict=True):
                answers.write(_answer(line, outcome))
            last = chunk[-1].number
    except (OperationalError, InterfaceError, RequestEntityTooLarge) as error:
        if not last:
            raise
        # What was committed before stays, and the answer says where to go on.
        too_large = isinstance(error, RequestEntityTooLarge)
        status = 413 if too_large else 503
        why = "the upload is larger than the limit" if too_large else "the database does not answer"
        stop = FieldError("(upload)", f"{why}; send the lines from here on again")
        answers.write(_refusal(last + 1, "stopped", (stop,)))
    answers.seek(0)
    return _pieces(answers), status, {"Content-Type": "application/x-ndjson"}


def _read(item: type[Model]) -> Iterator[Line[Model]]:
    for number, content in lines(item):
        if isinstance(content, FieldError):
            yield Line(number, None, (content,))
            continue
        try:
            yield Line(number, item.model_validate(content))
        except ValidationError as error:
            yield Line(number, None, field_errors(error))


def _answer(line: Line[Any], outcome: str | FieldError) -> bytes:
    if line.item is None:
        return _refusal(line.number, "rejected", line.errors)
    if isinstance(outcome, FieldError):
        return _refusal(line.number, "rejected", (outcome,))
    # Nearly every answer is this one: a status is a plain word, which needs no encoder.
    return f'{{"line": {line.number}, "status": "{outcome}"}}\n'.encode()


def _refusal(number: int, status: str, errors: Sequence[FieldError]) -> bytes:
    found = [{"field": error.field, "message": error.message} for error in errors]
    return json.dumps({"line": number, "status": status, "errors": found}).encode() + b"\n"


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _pieces(stored: IO[bytes]) -> Iterator[bytes]:
    with stored:
        while piece := stored.read(65_536):
            yield piece
