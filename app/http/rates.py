"""How many requests a token, or an address without one, may send: counted in Redis, for all processes.

Flask-Limiter counts in fixed windows. A caller above the limit is told when the window ends, and is refused until then
without asking Redis or the database again, which keeps a flood cheap. Without Redis each process counts for itself.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from threading import Lock
from typing import cast

import structlog
from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded, RequestLimit
from limits.storage import RedisStorage
from limits.typing import RedisClient

from app.addresses import source
from app.errors import TooManyRequests
from app.http.callers import View, is_open, key_owner
from app.http.parking import is_resumed
from app.http.problems import domain_error
from app.queue import connection
from app.settings import Settings

log = structlog.get_logger()

LIMIT, REMAINING, RESET = "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"
UPLOADS_PER_TOKEN = 4
"""The uploads of lines that one process takes from one token at a time: half of its threads (`gunicorn.conf.py`)."""
_MOST = 10_000

_refused: dict[bytes, tuple[int, float]] = {}
"""Callers above their limit: the limit, and when their window ends, by this process's monotonic clock."""
_uploads: Counter[int] = Counter()
_uploads_lock = Lock()


class OneTrip(RedisStorage):
    """Counts in one round trip to Redis, which also tells what the headers say: three otherwise."""

    STORAGE_SCHEME = ["eucora"]  # noqa: RUF012  # as its base class has it

    def __init__(self, _uri: str, **_options: object) -> None:
        super().__init__("redis://")  # never connected to: `get_connection` says to what

    def get_connection(self, readonly: bool = False) -> RedisClient:
        """This process's client, which a fork or a new address replaces."""
        return cast(RedisClient, connection())

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and remember how many there were in the window and when it ends."""
        key = self.prefixed_key(key)
        with connection().pipeline() as pipeline:
            pipeline.set(key, 0, ex=expiry, nx=True)
            pipeline.incrby(key, amount)
            pipeline.pttl(key)
            _, count, left = pipeline.execute()
        g.counted = (int(count), time.time() + max(left, 0) / 1000)
        return int(count)

    def get(self, key: str) -> int:
        """As counted for this request."""
        return int(g.get("counted", (0, 0))[0])

    def get_expiry(self, key: str) -> float:
        """As told to this request, in epoch seconds."""
        return float(g.get("counted", (0, time.time()))[1])


def unlimited(view: View) -> View:
    """Mark a view whose callers are many behind one token and one address, and have a pace of their own."""
    view.unlimited = True  # type: ignore[attr-defined]  # a mark on the function, read here
    return view


def _is_unlimited() -> bool:
    return bool(getattr(_view(), "unlimited", False))


def forget() -> None:
    """Forget who was refused."""
    _refused.clear()


def _caller() -> str | None:
    """The token of the request; None where it needs none."""
    return f"token:{key_owner().token_id}" if hasattr(g, "caller") else None


def _address() -> str:
    return f"address:{source(request.remote_addr)}"


def _presented() -> bytes:
    """What this process remembers of a caller whom it refused: a hash of what the request authenticates itself with."""
    credentials = request.headers.get("Authorization") or request.headers.get("Cookie")
    of = credentials if credentials and not is_open(_view()) else _address()
    return blake2b(of.encode(), digest_size=16).digest()


def _view() -> Callable[..., object]:
    return current_app.view_functions[request.endpoint or ""]


def _refuse_early() -> None:
    """Refuse a caller who was over the limit a moment ago. Raises TooManyRequests."""
    if not _refused or request.endpoint is None or is_resumed():
        return
    key = _presented()
    found = _refused.get(key)
    if found is None:
        return
    limit, until = found
    left = until - time.monotonic()
    if left > 0:
        g.refused = limit, left
        raise _too_many(left)
    _refused.pop(key, None)


def _too_many(seconds: float) -> TooManyRequests:
    wait = int(seconds) + 1
    again = "in a second" if wait == 1 else f"in {wait} seconds"
    return TooManyRequests(f"Send fewer requests, or larger ones; try again {again}.", wait)


def _over(error: RateLimitExceeded, limiter: Limiter) -> TooManyRequests:
    """What is answered to a caller over the limit, who is refused early from now on."""
    limit = limiter.current_limit
    left = limit.window.reset_time - time.time() if limit is not None else 1.0
    if len(_refused) >= _MOST:
        _refused.clear()
    _refused[_presented()] = (error.limit.limit.amount, time.monotonic() + left)
    log.warning("too many requests", caller=_caller() or _address(), limit=str(error.limit.limit))
    return _too_many(left)


def _tell(response: Response, limit: RequestLimit | None) -> Response:
    """Say how many more requests the window has."""
    refused = g.get("refused")
    if refused is not None:
        amount, remaining, left = refused[0], 0, refused[1]
    elif limit is not None:
        amount, remaining = limit.limit.amount, limit.remaining
        left = max(limit.window.reset_time - time.time(), 0)
    else:
        return response
    response.headers[LIMIT] = str(amount)
    response.headers[REMAINING] = str(remaining)
    response.headers[RESET] = str(int(left) + 1)
    return response


@contextmanager
def upload() -> Iterator[None]:
    """Hold one of the token's uploads at a time. Raises TooManyRequests if it has too many."""
    token = key_owner().token_id
    with _uploads_lock:
        if _uploads[token] >= UPLOADS_PER_TOKEN:
            raise TooManyRequests("This token has too many uploads at a time; wait until one has ended.", 1)
        _uploads[token] += 1
    try:
        yield
    finally:
        with _uploads_lock:
            _uploads[token] -= 1
            if not _uploads[token]:
                del _uploads[token]


def install(app: Flask, settings: Settings) -> None:
    """Limit requests by token, or by address where none is needed. Call it after the authentication is installed."""
    rates = (
        (settings.token_rate, lambda: _caller() or "", lambda: _caller() is None or is_resumed() or _is_unlimited()),
        (settings.address_rate, _address, lambda: _caller() is not None or _is_unlimited()),
    )
    limiter = Limiter(
        _address,
        application_limits=[
            ApplicationLimit(rate, key_function=key, exempt_when=exempt) for rate, key, exempt in rates if rate
        ],
        storage_uri="eucora://",
        key_prefix="eucora",
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        enabled=any(rate for rate, _, _ in rates),
    )
    app.before_request_funcs.setdefault(None, []).insert(0, _refuse_early)
    limiter.init_app(app)
    app.after_request(lambda response: _tell(response, limiter.current_limit))
    app.register_error_handler(RateLimitExceeded, lambda error: domain_error(_over(error, limiter)))
