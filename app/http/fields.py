"""Field types that request bodies and queries share: the strict base model, texts, numbers, times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Body(BaseModel):
    """Base of what callers send: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


STORABLE = r"^[^\x00]*$"
"""PostgreSQL stores every character except NUL."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=STORABLE)]
"""Text written by a person; may be empty."""
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=STORABLE)]
"""Text written by a person; must not be empty."""

# Outside these bounds, a time in another zone may exceed what PostgreSQL and Python can both store.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]

# Strict: neither "1" nor true is a number.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
