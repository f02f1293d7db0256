"""Sending a content: the whole of it or one range, with the headers by which a download can be resumed."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Response, request

from app.artifacts import ranges, service
from app.errors import OutOfRange
from app.http.versions import has_tag

ANY_TYPE = "application/octet-stream"


def content(sha256: str, size: int, name: str) -> Response:
    """The content as the request asks for it: GET or HEAD, Range, If-Range, If-None-Match.

    Raises OutOfRange, ContentMissing, StoreUnavailable.
    """
    headers = {"ETag": f'"{sha256}"', "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if has_tag(sha256):
        return Response(status=304, headers=headers)
    part = _part(size, sha256)
    start, stop = part or (0, size)
    pieces = service.read(sha256, start, stop, head=request.method == "HEAD")
    response = Response(pieces, 206 if part else 200, headers, content_type=ANY_TYPE)
    response.content_length = stop - start
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers.set("Content-Disposition", "attachment", **_names(name))
    # What was uploaded is never run in the API's name, whatever it is.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _part(size: int, sha256: str) -> tuple[int, int] | None:
    """The range that the request asks for; None for the whole. Raises OutOfRange."""
    unchanged = request.headers.get("If-Range", f'"{sha256}"').strip() == f'"{sha256}"'
    if request.method != "GET" or not unchanged:
        return None
    try:
        return ranges.selected(request.headers.get("Range"), size)
    except ranges.Unsatisfiable:
        raise OutOfRange(size) from None


def _names(name: str) -> dict[str, str]:
    """The file name for `Content-Disposition`: in ASCII for old clients, and as it is (RFC 6266)."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return {"filename": plain} if plain == name else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
