"""A content as a store lists it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Stored(NamedTuple):
    """Its hash, its bytes, and since when it has been there."""

    sha256: str
    size: int
    at: datetime
