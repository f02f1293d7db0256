"""What of a request and its answer an error or a log may show: one short line without secrets."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

import httpx

LONGEST_SENTENCE = 500
LONGEST_TEXT = 200
"""Of a body whose form is not known."""
LONGEST_PATH = 200
HIDDEN = "***"
_HEADERS = ("authorization", "proxy-authorization", "cookie", "x-auth-token")
_FIELDS = frozenset(
    {
        "access_key",
        "access_token",
        "client_assertion",
        "client_secret",
        "password",
        "refresh_token",
        "secret_key",
        "sharedsecret",
        "sig",
        "signature",
        "token",
    }
)
"""Names of form fields, JSON members and query parameters whose values are secrets."""


def secrets_of(request: httpx.Request) -> set[str]:
    """The secrets that a request carries in its headers, its query and its body, if that is a form or JSON."""
    found = {value for name, value in _fields(request) if name.lower() in _FIELDS}
    for value in filter(None, map(request.headers.get, _HEADERS)):
        scheme, _, token = value.partition(" ")
        found |= {value, token}
        if scheme.lower() == "basic":
            with suppress(ValueError):
                found.add(base64.b64decode(token).decode(errors="replace").partition(":")[2])
    found |= {pair.partition("=")[2] for pair in request.headers.get("cookie", "").split(";")}
    return found


def _fields(request: httpx.Request) -> Iterator[tuple[str, str]]:
    yield from request.url.params.multi_items()
    if not isinstance(request.stream, httpx.ByteStream):
        return
    kind, body = request.headers.get("content-type", ""), request.content.decode(errors="replace")
    if "form-urlencoded" in kind:
        yield from parse_qsl(body)
    elif "json" in kind:
        parsed = _json(body)
        for item in parsed if isinstance(parsed, list) else [parsed]:
            if isinstance(item, dict):
                yield from ((name, value) for name, value in item.items() if isinstance(value, str))


def redact(text: str, secrets: Collection[str]) -> str:
    """`text` with every secret hidden, also where it is spelt as in a URL or in JSON."""
    spelt = {each for it in secrets if it for each in (it, quote(it, safe=""), quote_plus(it), json.dumps(it)[1:-1])}
    # The longest first: a secret that holds another one would otherwise leave its remainder.
    for each in sorted(spelt, key=len, reverse=True):
        text = text.replace(each, HIDDEN)
    return text


def plain(text: str) -> str:
    """`text` on one line, without control and formatting characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def sentence(text: str, secrets: Collection[str]) -> str:
    """`text` as an error may show it: redacted, on one line, LONGEST_SENTENCE characters at most."""
    text = plain(redact(text, secrets))
    return text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 1] + "…"


def shown_url(url: httpx.URL) -> str:
    """Scheme, host, port and path; a long path is cut."""
    path = url.raw_path.partition(b"?")[0].decode("ascii", errors="replace")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{path[:LONGEST_PATH]}"


def excerpt(body: bytes, secrets: Collection[str]) -> str:
    """What a vendor's error body says, redacted; "" if it says nothing.

    Read are Graph's and AdminService's `error.code` and `error.message`, OAuth's `error` and `error_description`,
    RFC 9457's and AWX's `title` and `detail`, Landscape's `error` and `message`, Jamf's `errors[]`. Of HTML it is the
    title, of anything else the first LONGEST_TEXT characters.
    """
    text = body.decode("utf-8-sig", errors="replace")
    said = _said(_json(text))
    if said:
        return plain(redact(said, secrets))
    if re.match(r"\s*<(!doctype html|html|head|body)", text, re.IGNORECASE):
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        text = html.unescape(title[1]) if title else ""
    return plain(redact(text, secrets))[:LONGEST_TEXT]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _said(body: Any) -> str:
    if not isinstance(body, Mapping):
        return ""
    error, errors = body.get("error"), body.get("errors")
    if isinstance(error, Mapping):
        return _joined(error, "code", "message")
    if isinstance(errors, list):
        return "; ".join(_joined(each, "code", "field", "description") for each in errors if isinstance(each, Mapping))
    return _joined(body, "error", "error_description", "title", "detail", "message")


def _joined(body: Mapping[str, Any], *names: str) -> str:
    values = map(body.get, names)
    return ": ".join(str(value) for value in values if value != "" and type(value) in (str, int))
