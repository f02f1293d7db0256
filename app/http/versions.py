"""Conditional requests (RFC 9110, section 13): `ETag` out, `If-Match` and `If-None-Match` in.

An ETag is the resource's version, a hyphen and a hash of the answer. `If-None-Match` compares the whole of it, so a
reader gets 304 only while nothing changed. `If-Match` compares the version: counters move all the time, and a decision
is stale only when another decision came before it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, jsonify, request

from app.errors import Invalid, Stale
from app.events.chain import canonical

IfMatch = frozenset[str] | None
"""The versions that a request applies to; None: any."""
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern})*[ \t]*,?")
_HASH_LENGTH = 12


def with_etag(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose ETag names the `version` in its body; 304 if the caller has it already."""
    response = jsonify(body)
    response.status_code = status
    content = current_app.json.dumps(body, sort_keys=True).encode()
    tag = f"{body['version']}-{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}"
    response.headers.update({"ETag": f'"{tag}"', **(headers or {})})
    if request.method in ("GET", "HEAD") and status == 200 and has_tag(tag):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Type"]
    return response


def digest(values: Mapping[str, Any]) -> str:
    """A version made of what changes with it, for a resource that counts none. Values are plain JSON."""
    return hashlib.sha256(canonical(values)).hexdigest()[:_HASH_LENGTH]


def if_match() -> IfMatch:
    """The versions that the caller has read; None if the request applies to any version. Raises Invalid.

    The comparison is strong, so weak ETags match nothing.
    """
    value = _condition("If-Match")
    if value in (None, "*"):
        return None
    return frozenset(tag.partition("-")[0] for weak, tag in _TAG.findall(value or "") if not weak)


def must_exist() -> bool:
    """Whether the request applies only to a resource that exists: it has an If-Match. Raises Invalid."""
    return _condition("If-Match") is not None


def must_be_new() -> bool:
    """Whether the request only creates: `If-None-Match: *`. Raises Invalid for ETags, which mean nothing here."""
    value = _condition("If-None-Match")
    if value not in (None, "*"):
        raise Invalid("If-None-Match must be `*` in a request that changes something.")
    return value == "*"


def require_version(what: str, version: int | str, if_match: IfMatch) -> None:
    """Raise Stale unless the request applies to this version of `what` (`The deployment`)."""
    if if_match is not None and str(version) not in if_match:
        read = " or ".join(sorted(if_match)) or "one with a strong ETag"
        raise Stale(f"{what} is at version {version}, not {read}; read it again before you decide.")


def has_tag(tag: str) -> bool:
    """Whether the caller has the answer with this ETag, by `If-None-Match`. Raises Invalid."""
    value = _condition("If-None-Match")
    return value is not None and (value == "*" or any(known == tag for _, known in _TAG.findall(value)))


def _condition(header: str) -> str | None:
    value = request.headers.get(header)
    if value is None:
        return None
    value = value.strip()
    if value != "*" and not _LIST.fullmatch(value):
        raise Invalid(f"{header} must be `*`, or ETags as you read them, in quotation marks and separated by commas.")
    return value
