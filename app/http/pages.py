"""Pages that are whole by themselves: their own style, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib

from flask import Response


def without_scripts(page: str) -> Response:
    """The page, whose policy lets the browser do nothing but show it."""
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy(page.encode())
    return response


def policy(page: bytes) -> str:
    """Only the page's own style, and no script at all."""
    style = page.partition(b"<style>")[2].partition(b"</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    nothing = (f"{kind} 'none'" for kind in ("default-src", "base-uri", "form-action", "frame-ancestors"))
    return "; ".join((*nothing, f"style-src 'sha256-{digest}'"))
