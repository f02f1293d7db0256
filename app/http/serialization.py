"""JSON as the contract has it: UTC ISO-8601 times with a Z, names in the order they were built."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from pydantic import AwareDatetime, Field

# Further away, a time in another zone falls out of what PostgreSQL and Python can both hold.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]

# A word that could be read as a number, or true as 1, is none.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]


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
