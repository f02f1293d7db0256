"""Callers that were verified lately, in this process, for views that outlive the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.identity.subjects import Caller

GOOD_FOR = timedelta(minutes=15)
"""How long a caller is known after the database last said so: a token that is revoked meanwhile reads that long."""
MOST = 1_000


class LatelyVerified:
    """The callers by the hashes of their tokens, the latest last."""

    def __init__(self) -> None:
        self._callers: dict[bytes, tuple[Caller, datetime]] = {}

    def note(self, token: bytes, caller: Caller | None, now: datetime) -> None:
        """Remember what the database says about a token; None: it is unknown or revoked."""
        self._callers.pop(token, None)
        if caller is not None:
            self._callers[token] = (caller, now)
        if len(self._callers) > MOST:
            self._callers.pop(next(iter(self._callers)), None)

    def find(self, token: bytes, now: datetime) -> Caller | None:
        """The caller, if the database knew the token lately."""
        caller, at = self._callers.get(token, (None, now))
        return caller if abs(now - at) <= GOOD_FOR else None
