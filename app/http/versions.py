"""Versions of what is shown: `ETag` out, `If-Match` in."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, request

from app.errors import Invalid


def with_etag(shown: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The answer with the version it shows as its ETag."""
    answer = jsonify(shown)
    answer.status_code = status
    answer.headers.update({"ETag": f'"{shown["version"]}"', **(headers or {})})
    return answer


def if_match() -> int | None:
    """The version that the caller has seen; None if any will do."""
    value = request.headers.get("If-Match", "*").strip().removeprefix("W/").strip('"')
    if value == "*":
        return None
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise Invalid("If-Match takes the ETag of what was read, or `*`.")
    return int(value)
