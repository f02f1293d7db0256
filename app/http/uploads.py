"""Line uploads (NDJSON, CSV): read as a stream, carried out a thousand lines at a time, one result for each line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import ControlPlaneError, FieldError
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
    answers: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by _pieces
    for chunk in _chunks(_read(item), LINES_PER_COMMIT):
        try:
            outcomes = handle(chunk)
        except ControlPlaneError as error:
            # What was committed before stays, and the answer says so line by line.
            outcomes = [FieldError("(chunk)", error.detail)] * len(chunk)
        for line, outcome in zip(chunk, outcomes, strict=True):
            answers.write(json.dumps(_answer(line, outcome)).encode() + b"\n")
    answers.seek(0)
    return _pieces(answers), 200, {"Content-Type": "application/x-ndjson"}


def _read(item: type[Model]) -> Iterator[Line[Model]]:
    for number, content in lines(item):
        if isinstance(content, FieldError):
            yield Line(number, None, (content,))
            continue
        try:
            yield Line(number, item.model_validate(content))
        except ValidationError as error:
            yield Line(number, None, field_errors(error))


def _answer(line: Line[Any], outcome: str | FieldError) -> dict[str, Any]:
    errors = line.errors if line.item is None else (outcome,) if isinstance(outcome, FieldError) else ()
    if errors:
        found = [{"field": error.field, "message": error.message} for error in errors]
        return {"line": line.number, "status": "rejected", "errors": found}
    return {"line": line.number, "status": outcome}


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _pieces(stored: IO[bytes]) -> Iterator[bytes]:
    with stored:
        while piece := stored.read(65_536):
            yield piece
