"""JSON as the API returns it: times in UTC as ISO-8601 with a Z, fields in the order they were added.

And as it takes it: what two programs could read differently is an error.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import Flask
from flask.json.provider import DefaultJSONProvider


def timestamp(value: datetime) -> str:
    """A time as the API writes it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


MOST_KEYS = 1_000
"""The most members of one object."""


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise ValueError(f"the name {twice[:100]!r} appears twice in one object")
    if len(members) > MOST_KEYS:
        raise ValueError(f"an object has more than {MOST_KEYS:,} members")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_parse = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number).decode


def parse(content: str | bytes) -> Any:
    """JSON in UTF-8 without a byte order mark, in which no object has a name twice. Raises ValueError, RecursionError.

    A name that appears twice has no meaning that all programs share (RFC 8259, section 4).
    """
    return _parse(content if isinstance(content, str) else str(content, "utf-8"))


class Provider(DefaultJSONProvider):
    """Flask's JSON provider with our format of times."""

    sort_keys = False

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """What a client sent."""
        return parse(s)

    @staticmethod
    def default(value: Any) -> Any:
        """Convert a type that JSON does not have."""
        return timestamp(value) if isinstance(value, datetime) else DefaultJSONProvider.default(value)


def install(app: Flask) -> None:
    """Use this JSON in every response."""
    app.json = Provider(app)
