"""Types that request bodies and queries share: the strict base model, texts, numbers, times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Body(BaseModel):
    """Base of what callers send: a field that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


STORABLE = r"^[^\x00]*$"
"""PostgreSQL stores every character but this one."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=STORABLE)]
"""What a person has to say, perhaps nothing."""
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=STORABLE)]
"""What a person must say."""

# Further away, a time in another zone falls out of what PostgreSQL and Python can both hold.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]

# A word that could be read as a number, or true as 1, is none.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
