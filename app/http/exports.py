"""Lists as their readers want them: a page as JSON, or all that follows the cursor as NDJSON or CSV, sent page by page.

An export holds one page in memory and no transaction while its reader is slow; it is not of one moment.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, jsonify, request, stream_with_context
from pydantic import BaseModel

from app.db import db
from app.http.operations import CSV, JSON, NDJSON
from app.http.pagination import PageQuery
from app.http.serialization import timestamp

ROWS = 2_000
"""Items of one page of an export."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that spreadsheets calculate."""

Query = TypeVar("Query", bound=PageQuery)


def answer(item: type[BaseModel], query: Query, read: Callable[[Query], dict[str, Any]]) -> Response:
    """The list as `Accept` asks for it: the page that was asked for, or all items from there on, one per line."""
    content_type = request.accept_mimetypes.best_match((JSON, NDJSON, CSV), JSON)
    if content_type == JSON:
        return jsonify(read(query))
    pages = _pages(query, read)
    first = next(pages)  # what can be refused is refused before the status is sent
    columns = query.fields or list(item.model_fields)
    write = _ndjson if content_type == NDJSON else lambda items: _csv(columns, items)
    return Response(stream_with_context(_sent(first, pages, write, columns)), content_type=content_type)


def _pages(query: Query, read: Callable[[Query], dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    cursor: int | None = query.cursor
    while cursor is not None:
        page = read(query.model_copy(update={"limit": ROWS, "cursor": cursor}))
        db.session.rollback()
        cursor = page["next"]
        yield page["items"]


def _sent(
    first: list[dict[str, Any]],
    pages: Iterator[list[dict[str, Any]]],
    write: Callable[[list[dict[str, Any]]], str],
    columns: Sequence[str],
) -> Iterator[str]:
    if write is not _ndjson:
        yield ",".join(columns) + "\n"
    yield write(first)
    for items in pages:
        yield write(items)


def _ndjson(items: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(item, default=_encoded, ensure_ascii=False) + "\n" for item in items)


def _csv(columns: Sequence[str], items: list[dict[str, Any]]) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerows([_cell(item.get(name)) for name in columns] for item in items)
    return written.getvalue()


def _encoded(value: Any) -> str:
    return timestamp(value) if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> str:
    """A value as a cell; what a spreadsheet would calculate begins with an apostrophe."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(FORMULA) else str(value)
        case list() | dict() | bool():
            return json.dumps(value, default=_encoded, ensure_ascii=False)
        case _:
            return _encoded(value)
