"""JSON as the API returns it: times in UTC as ISO-8601 with a Z, fields in the order they were added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


def timestamp(value: datetime) -> str:
    """A time as the API writes it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Provider(DefaultJSONProvider):
    """Flask's JSON provider with our format of times."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """Convert a type that JSON does not have."""
        return timestamp(value) if isinstance(value, datetime) else DefaultJSONProvider.default(value)


def install(app: Flask) -> None:
    """Use this JSON in every response."""
    app.json = Provider(app)
