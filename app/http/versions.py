"""Optimistic locking over HTTP: `ETag` out, `If-Match` in."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, request

from app.errors import Invalid


def with_etag(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response whose ETag is the `version` in its body."""
    response = jsonify(body)
    response.status_code = status
    response.headers.update({"ETag": f'"{body["version"]}"', **(headers or {})})
    return response


def if_match() -> int | None:
    """The version that the caller has read; None if the request applies to any version."""
    value = request.headers.get("If-Match", "*").strip().removeprefix("W/").strip('"')
    if value == "*":
        return None
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise Invalid("If-Match must be the ETag of the version you read, or `*`.")
    return int(value)
