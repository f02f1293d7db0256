"""Requests that could be read in two ways are refused, and every answer carries the headers that keep it unchanged."""

from __future__ import annotations

import re

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, ValidationError

LARGEST_ID = 2**63 - 1
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")
_AMBIGUOUS = re.compile(r"//|/\.{1,2}(?:/|$)|%2f|%5c|%2e|\\", re.IGNORECASE)
"""What a proxy in front and this server may take for different paths."""


class IdConverter(IntegerConverter):
    """An id in a path, in ASCII digits; one that the database cannot hold names nothing."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """The id. Raises ValidationError, which means that the path does not exist."""
        number: int = super().to_python(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


def _refuse_ambiguous_path() -> None:
    written = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
    path = _ORIGIN.sub("", written, count=1).partition("?")[0]
    if _AMBIGUOUS.search(path):
        raise NotFound("Write the path without empty or dotted segments and without encoded slashes.")


def _protect(response: Response) -> Response:
    """Answers are neither guessed at nor stored by caches, unless a view says otherwise."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.method == "OPTIONS" and not response.content_length:
        response.headers.pop("Content-Type", None)
    return response


def install(app: Flask) -> None:
    """Take only paths that are written in one way, and protect every answer."""
    app.url_map.merge_slashes = False  # it would redirect
    app.url_map.converters["int"] = IdConverter
    app.before_request(_refuse_ambiguous_path)
    app.after_request(_protect)
