"""Failed logins by address: counted in Redis, for all processes, in windows of a minute.

An address above the limit is refused before the database is asked, except with tokens that this process has accepted
lately. Good tokens are never counted here, and without Redis nothing is limited: the API stays open. What
protects tokens from being guessed are their 256 random bits; the limit keeps guessing from costing anything.
"""

from __future__ import annotations

import time

from redis.exceptions import RedisError

from app.queue import connection
from app.settings import load_settings

WINDOW_SECONDS = 60
_PAUSE_SECONDS = 5.0
"""How long Redis is not asked after it did not respond."""
_MOST = 10_000

_limited: dict[str, float] = {}
"""When each limited address is free again, by this process's monotonic clock."""
_silent_until = 0.0


def seconds_limited(of: str) -> int:
    """For how many more seconds an address is limited; 0 if it is not."""
    until = _limited.get(of)
    if until is None:
        return 0
    remaining = until - time.monotonic()
    if remaining <= 0:
        _limited.pop(of, None)
        return 0
    return max(int(remaining), 1)


def note_failure(of: str) -> None:
    """Count a failed login; above the limit, the address is limited until its window ends."""
    global _silent_until
    limit = load_settings().failed_login_limit
    if not limit or time.monotonic() < _silent_until:
        return
    key = f"eucora:failed-logins:{of}"
    try:
        with connection().pipeline() as pipeline:
            pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
            pipeline.incr(key)
            pipeline.ttl(key)
            _, failures, remaining = pipeline.execute()
    except RedisError:
        _silent_until = time.monotonic() + _PAUSE_SECONDS
        return
    if failures >= limit:
        if len(_limited) >= _MOST:
            _limited.clear()
        _limited[of] = time.monotonic() + max(remaining, 1)
