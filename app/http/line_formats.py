"""The line formats, NDJSON and CSV, read as a stream: one row on each line, and an error in place of a bad one.

A field contains no line end, so a row never goes beyond its line. A quotation mark that is not closed therefore costs
its own row only, and every line that is not empty gets an answer.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from typing import IO, Any, NamedTuple, cast

from pydantic import BaseModel

from app.errors import FieldError, Invalid
from app.http.serialization import parse
from app.spelling import word

LONGEST_LINE = 65_536
_READ_AT_ONCE = LONGEST_LINE + 2
"""With the line end."""
_WHOLE = re.compile("-?[0-9]{1,19}")
_DELIMITERS = ",;\t|"
_BLANKS = " \t"
_DECLARED_DELIMITER = re.compile(r'"?sep=([^"\r\n])"?[,;\s]*', re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNREADABLE = "\udcff"
_undecoded = re.compile("[\udc80-\udcff]").search
_MOST_NAMED = 50
"""The most columns of a wrong header that an error names, each with at most as many characters."""

codecs.register_error("unreadable", lambda error: (_UNREADABLE, cast(UnicodeDecodeError, error).end))


class _Replayed(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, start: bytes, stream: IO[bytes]) -> None:
        self._start, self._stream = start, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._start[: len(buffer)] or self._stream.read(len(buffer))
        self._start = self._start[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    """A stream as text: UTF-16 if it starts with that byte order mark, else UTF-8, with or without one.

    Bytes that cannot be decoded become lone surrogates, so that their line is rejected.
    """
    start = b""
    while len(start) < 2 and (piece := stream.read(2 - len(start))):
        start += piece
    buffered = io.BufferedReader(_Replayed(start, stream), LONGEST_LINE)
    if start in _UTF_16:
        return io.TextIOWrapper(buffered, encoding="utf-16", errors="unreadable", newline="")
    return io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape", newline="")


def json_lines(text: io.TextIOBase) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    """The lines as (line number, object), with a FieldError in place of an unreadable line; blank ones are skipped."""
    for number, line in _lines(text):
        if isinstance(line, FieldError):
            yield number, line
            continue
        if not line.strip():
            continue
        try:
            value = parse(line)
        except (ValueError, RecursionError) as error:
            yield number, FieldError("(line)", f"not JSON: {error}")
            continue
        yield number, value if isinstance(value, dict) else FieldError("(line)", "not a JSON object")


def csv_lines(text: io.TextIOWrapper, item: type[BaseModel]) -> Iterator[tuple[int, dict[str, Any] | FieldError]]:
    """The same of a CSV, whose digits are numbers where `item` has numbers. Raises Invalid as `csv_rows` does."""
    header, rows = csv_rows(text, item)
    numeric = [name for name in header if item.model_fields[name].annotation is int]
    for number, cells in rows:
        if isinstance(cells, FieldError):
            yield number, cells
            continue
        named = named_cells(header, cells)
        for name in numeric:
            if _WHOLE.fullmatch(named.get(name, "")):
                named[name] = int(named[name])
        yield number, named


def csv_rows(
    text: io.TextIOWrapper, item: type[BaseModel]
) -> tuple[list[str], Iterator[tuple[int, list[str] | FieldError]]]:
    """A CSV's columns, and its rows as (line number, cells), with a FieldError in place of an unreadable row.

    Empty rows are skipped. Raises Invalid unless the first line names columns of `item`, including all required ones.
    """
    lines = _lines(text)
    header = _header(lines, item, text.encoding)
    return header.columns, _rows(lines, header)


def named_cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """A row as an object. Empty cells are left out, so that defaults apply."""
    return {name: value for name, value in zip(header, cells, strict=True) if value != ""}


def _lines(text: io.TextIOBase) -> Iterator[tuple[int, str | FieldError]]:
    """The lines with their numbers. Of a line that is too long, only a piece is in memory at any time."""
    number = 0
    rest_of_end = ""
    """The second half of a line end that was cut in two."""
    read = partial(text.readline, _READ_AT_ONCE)
    for line in iter(read, ""):
        if line == rest_of_end:
            rest_of_end = ""
            continue
        rest_of_end = ""
        number += 1
        if len(line) == _READ_AT_ONCE and line[-1] != "\n":
            while len(line) == _READ_AT_ONCE and line[-1] not in "\r\n":
                line = read()
            rest_of_end = "\n" if len(line) == _READ_AT_ONCE and line[-1] == "\r" else ""
            yield number, FieldError("(line)", f"longer than {LONGEST_LINE:,} characters")
        elif line.isascii() or not (bad := _undecoded(line)):
            yield number, line
        else:
            why = f"character {bad.start() + 1} cannot be decoded; save the file as UTF-8"
            yield number, FieldError("(line)", why)


Split = Callable[[str], list[str]]
"""The cells of a line. Raises csv.Error for a quotation mark that is misplaced or not closed."""


class _Header(NamedTuple):
    columns: list[str]
    split: Split
    delimiter: str


def _splitter(delimiter: str) -> Split:
    # Possessive, so that no line costs more than one pass.
    quoted = r' *+"(?:[^"]|"")*+"'
    unquoted = f'[^"{re.escape(delimiter)}]*+'
    cell = f"(?>{quoted}|{unquoted})"
    is_well_formed = re.compile(f"(?:{cell}{re.escape(delimiter)})*+{cell}").fullmatch
    dialect = csv.reader((), delimiter=delimiter, strict=True, skipinitialspace=True).dialect
    around_line = _BLANKS.replace(delimiter, "") + "\r\n"
    before, after, between_quoted = f" {delimiter}", f"{delimiter} ", f'"{delimiter}"'

    def split(line: str) -> list[str]:
        line = line.strip(around_line)
        if '"' not in line:
            cells = line.split(delimiter)
            has_blanks = before in line or after in line or "\t" in line
        elif line[0] == line[-1] == '"' and line.count('"') == 2 + 2 * line[1:-1].count(between_quoted):
            cells = line[1:-1].split(between_quoted)  # every cell is enclosed, and none contains a mark
            has_blanks = '" ' in line or ' "' in line or "\t" in line
        else:
            cells = next(csv.reader((line,), dialect))
            # The reader keeps a mark in the middle of a cell that is not enclosed, and does not report it.
            if '"' in "".join(cells) and not is_well_formed(line):
                raise csv.Error("a cell contains a quotation mark, but does not begin with one")
            has_blanks = True
        return [cell.strip(_BLANKS) for cell in cells] if has_blanks else cells

    return split


def _rows(
    lines: Iterable[tuple[int, str | FieldError]], header: _Header
) -> Iterator[tuple[int, list[str] | FieldError]]:
    split, width = header.split, len(header.columns)
    for number, line in lines:
        if isinstance(line, FieldError):
            yield number, line
            continue
        try:
            cells = split(line)
        except csv.Error as error:
            yield number, FieldError("(line)", _quotation_error(error))
            continue
        if not any(cells):
            continue
        if len(cells) == width:
            yield number, cells
        elif len(cells) > width and not any(cells[width:]):
            yield number, cells[:width]
        else:
            yield number, FieldError("(line)", f"has {len(cells)} columns, but the header has {width}")


def _quotation_error(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return 'a quotation mark is not closed on this line; a mark inside a quoted cell is written twice ("")'
    return f'a quotation mark is misplaced ({error}); quote the whole cell, and write a mark inside it twice ("")'


def _header(lines: Iterator[tuple[int, str | FieldError]], item: type[BaseModel], encoding: str) -> _Header:
    line, delimiters = _first(lines), _DELIMITERS
    if isinstance(line, str) and (declared := _DECLARED_DELIMITER.fullmatch(line)):
        delimiters = declared[1]
        line = _first(lines)
    if isinstance(line, FieldError):
        raise Invalid(f"The first line of the CSV, which must name its columns, cannot be read: {line.message}.")
    allowed = {word(name): name for name in item.model_fields}
    delimiter, names = _found(line, delimiters, allowed)
    columns = [allowed.get(word(name), name) for name in names]
    required = [name for name, field in item.model_fields.items() if field.is_required()]
    errors = [
        *(FieldError(name, "this column is missing") for name in required if name not in columns),
        *(
            _unknown(place, name, list(item.model_fields))
            for place, name in enumerate(columns, 1)
            if name not in item.model_fields
        ),
        *(
            FieldError(name, f"{count} columns have this name")
            for name, count in Counter(columns).items()
            if count > 1 and name in item.model_fields
        ),
    ]
    if errors:
        raise Invalid(_wrong_header(names, delimiter, line, encoding, item), fields=errors[: 2 * _MOST_NAMED])
    return _Header(columns, _splitter(delimiter), delimiter)


def _first(lines: Iterator[tuple[int, str | FieldError]]) -> str | FieldError:
    """The next line that is not blank; an empty text at the end."""
    return next((line for _, line in lines if isinstance(line, FieldError) or line.strip()), "")


def _found(line: str, delimiters: str, allowed: Container[str]) -> tuple[str, list[str]]:
    """The delimiter that gives most of the allowed names, or else most names, and these names.

    A delimiter at the end of the line makes no column. Raises Invalid if the line is no CSV with any delimiter.
    """
    found: dict[str, list[str]] = {}
    problem = csv.Error()
    for delimiter in delimiters:
        try:
            names = _splitter(delimiter)(line)
        except csv.Error as error:
            problem = error
            continue
        while names and not names[-1]:
            names.pop()
        found[delimiter] = names
    if not found:
        raise Invalid(f"The first line of the CSV cannot be read: {_quotation_error(problem)}.") from problem
    return max(found.items(), key=lambda item: (sum(word(name) in allowed for name in item[1]), len(item[1])))


def _unknown(place: int, name: str, allowed: Sequence[str]) -> FieldError:
    if not name:
        return FieldError(f"(column {place})", "this column has no name")
    alike = get_close_matches(word(name), allowed, 1)
    return FieldError(name[:_MOST_NAMED], f"unknown column; did you mean {alike[0]}?" if alike else "unknown column")


def _wrong_header(names: Sequence[str], delimiter: str, line: str, encoding: str, item: type[BaseModel]) -> str:
    separators = {",": "commas", ";": "semicolons", "\t": "tabs"}
    seems = "UTF-16" if encoding == "utf-16" else "UTF-8"
    if "\0" in line:
        seems = "UTF-16 without a byte order mark: save it as UTF-8"
    shown = ", ".join(repr(name[:_MOST_NAMED]) for name in names[:_MOST_NAMED]) or "nothing"
    return (
        f"The first line of the CSV must name its columns, each once. It names {shown} (separated by "
        f"{separators.get(delimiter, delimiter)}; the encoding is {seems}). Allowed are {', '.join(item.model_fields)}."
    )
