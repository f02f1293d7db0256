"""Callers that were verified lately, in this process, for views that outlive the database."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from app.identity.subjects import Caller

GOOD_FOR = timedelta(minutes=15)
"""How long a caller is known after the database last said so, unless this process learns that the token has ended."""
MOST = 1_000


class LatelyVerified:
    """The callers by the hashes of their tokens, the latest last."""

    def __init__(self) -> None:
        self._callers: dict[bytes, tuple[Caller, datetime, datetime | None]] = {}
        self._lock = threading.Lock()
        self._ended = 0

    @property
    def ended(self) -> int:
        """How many times a token has ended so far; read it before the database, and hand it to `note`."""
        return self._ended

    def note(
        self,
        token: bytes,
        caller: Caller | None,
        now: datetime,
        until: datetime | None = None,
        ended: int | None = None,
    ) -> None:
        """Remember what the database says about a token; None: it is not accepted. `until` is when it expires.

        What was read before a token ended is dropped: it could be about that token.
        """
        with self._lock:
            self._callers.pop(token, None)
            if caller is not None and ended in (None, self._ended):
                self._callers[token] = (caller, now, until)
            if len(self._callers) > MOST:
                self._callers.pop(next(iter(self._callers)), None)

    def end(self, token_id: int) -> None:
        """Forget a token that was revoked or got another secret."""
        with self._lock:
            self._ended += 1
            for token in [hash for hash, (caller, *_) in self._callers.items() if caller.token_id == token_id]:
                del self._callers[token]

    def find(self, token: bytes, now: datetime) -> Caller | None:
        """The caller, if the database knew the token lately and it has not expired since."""
        caller, at, until = self._callers.get(token, (None, now, None))
        return caller if abs(now - at) <= GOOD_FOR and (until is None or now < until) else None
