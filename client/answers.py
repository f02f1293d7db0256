"""Turns an HTTP answer into its content or an error."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from client.errors import FieldError, Problem, UploadStopped
from client.types import LineResult

TYPE_PREFIX = "urn:eucora:problem:"
JSON, NDJSON, PROBLEM = "application/json", "application/x-ndjson", "application/problem+json"
STOPPED = "stopped"


def content(answer: httpx.Response, also: Collection[int] = ()) -> Any:
    """The JSON of a success or of an answer with a status in `also`. Raises Problem for any other."""
    if not (answer.is_success or (answer.status_code in also and media_type(answer) == JSON)):
        raise problem(answer)
    try:
        return answer.json()
    except ValueError as error:
        raise _foreign(answer) from error


def text(answer: httpx.Response) -> str:
    """The text of a success. Raises Problem for any other answer."""
    if not answer.is_success:
        raise problem(answer)
    return answer.text


def line_results(answer: httpx.Response) -> Iterator[LineResult]:
    """The result of each line of an upload. Raises Problem immediately, UploadStopped after the last stored line."""
    if media_type(answer) != NDJSON:
        raise problem(answer) if not answer.is_success else _foreign(answer)
    return _line_results(answer)


def problem(answer: httpx.Response) -> Problem:
    """The Problem for an answer, which may come from a proxy."""
    document = _document(answer)
    if document is None:
        return _foreign(answer)
    return Problem(
        request_line(answer),
        status=answer.status_code,
        type=str(document.get("type", "about:blank")).removeprefix(TYPE_PREFIX),
        title=str(document.get("title", "")),
        detail=str(document.get("detail", "")),
        errors=_field_errors(document),
        retry_after=retry_after(answer),
        request_id=answer.headers.get("X-Request-Id"),
    )


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds to wait by the header `Retry-After` (a number or a date); None if it is absent or invalid."""
    header = answer.headers.get("Retry-After", "").strip()
    if header.replace(".", "", 1).isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def request_line(answer: httpx.Response) -> str:
    """The request that was answered (method and path), as it appears in errors."""
    return f"{answer.request.method} {answer.request.url.path}"


def media_type(answer: httpx.Response) -> str:
    """The content type without its parameters."""
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _document(answer: httpx.Response) -> Mapping[str, Any] | None:
    if media_type(answer) != PROBLEM:
        return None
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _field_errors(document: Mapping[str, Any]) -> list[FieldError]:
    listed = document.get("errors")
    errors = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [FieldError(str(each.get("field", "")), str(each.get("message", ""))) for each in errors]


def _foreign(answer: httpx.Response) -> Problem:
    """The Problem for an answer from another server. It omits the body, which may contain the request."""
    known = answer.status_code in set(HTTPStatus)
    return Problem(
        request_line(answer),
        status=answer.status_code,
        type="about:blank",
        title=HTTPStatus(answer.status_code).phrase if known else "Unknown status",
        detail=f"The answer ({media_type(answer) or 'without a content type'}) is not from the control plane.",
        retry_after=retry_after(answer),
        request_id=answer.headers.get("X-Request-Id"),
    )


def _line_results(answer: httpx.Response) -> Iterator[LineResult]:
    for line in answer.iter_lines():
        result = json.loads(line)
        if result["status"] == STOPPED:
            reason = "; ".join(error["message"] for error in result["errors"])
            raise UploadStopped(request_line(answer), status=answer.status_code, line=result["line"], reason=reason)
        yield result
