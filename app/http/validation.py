"""Requests checked by the models of a view's arguments, with spectree."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from pydantic import ValidationError
from spectree import SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin

from app.errors import FieldError, Invalid
from app.http.bodies import UnsupportedBody, field_errors, is_stream

JSON_ONLY = "Send `Content-Type: application/json`; this path does not accept NDJSON or CSV."


def _reject(_request: Any, _response: Any, error: Exception | None, *_rest: Any) -> None:
    if isinstance(error, ValidationError):
        if is_stream() and request.method != "GET":
            raise UnsupportedBody(JSON_ONLY)
        is_query, fields = error.title.endswith("Query"), field_errors(error)
        if is_query:
            fields = tuple(FieldError(_parameter(field.field), field.message) for field in fields)
        raise Invalid(f"The {'query' if is_query else 'body'} is invalid; nothing was changed.", fields=fields)
    if request.context.json is None:  # type: ignore[attr-defined]  # set by spectree for a validated body
        return
    # Spectree treats an empty array, and a body of another content type, as an empty object.
    if is_stream():
        raise UnsupportedBody(JSON_ONLY)
    if isinstance(request.get_json(silent=True), list):
        raise Invalid("The body must be a JSON object; nothing was changed.")


def _parameter(path: str) -> str:
    """The parameter of a query that is wrong; which of several values it is counts only where there are several."""
    name = path.partition(".")[0]
    return path if len(request.args.getlist(name)) > 1 else name


def _keep(*_args: Any) -> None:
    """Answers are not validated while the API runs: the tests do that."""


class _Plugin(FlaskPlugin):
    """spectree's own reads every answer into memory, however long it is."""

    def validate_response(self, resp: Any, *_args: Any, **_options: Any) -> tuple[Response, None]:
        """The answer as the view gave it."""
        return make_response(resp), None


spec = SpecTree("flask", backend=_Plugin, mode="strict", before=_reject, after=_keep)
