"""JSON as the contract has it: UTC ISO-8601 times with a Z, names in the order they were built."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


def timestamp(value: datetime) -> str:
    """A time as the API writes it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Provider(DefaultJSONProvider):
    """Flask's JSON with our times."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """What JSON does not know by itself."""
        return timestamp(value) if isinstance(value, datetime) else DefaultJSONProvider.default(value)


def install(app: Flask) -> None:
    """Use this JSON in every answer."""
    app.json = Provider(app)
