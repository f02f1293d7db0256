"""`Idempotency-Key`: a repeated request with the same key runs once; every repetition gets the first response.

The key's row is inserted first, in the unit of work that wraps the view, so a concurrent duplicate waits on the unique
index until the first request commits. A request that fails is rolled back with its key and can be retried.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, make_response, request
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from app import clock
from app.errors import Conflict, Invalid
from app.events.chain import canonical
from app.events.unit import Unit, unit_of_work
from app.http.bodies import is_stream
from app.http.callers import key_owner
from app.http.models import IdempotencyKey

WAIT_SECONDS = 5
MAX_KEY_LENGTH = 200
HEADER = "Idempotency-Key"
MEANT = ("If-Match", "If-None-Match")
"""Headers that change what a request means."""
_KEY = re.compile(rf"[!-+\--~]{{1,{MAX_KEY_LENGTH}}}")
STORED_HEADERS = ("Content-Type", "Location", "ETag")
REPLAYED = "Idempotency-Replayed"

Params = ParamSpec("Params")
ViewResult = TypeVar("ViewResult")


class KeyReused(Conflict):
    type = "idempotency-key-reused"
    title = "This Idempotency-Key was used with a different request"


class KeyInProgress(Conflict):
    type = "idempotency-key-in-progress"
    title = "The first request with this Idempotency-Key is still running"
    retry_after = WAIT_SECONDS


@dataclass(frozen=True)
class StoredResponse:
    """The part of a response that is stored and replayed."""

    status: int
    headers: dict[str, str]
    body: bytes


def fingerprint() -> bytes:
    """SHA-256 of what two requests must share to count as the same request; how their JSON is spaced is no matter."""
    content = {
        "method": request.method,
        "path": request.path.rstrip("/"),
        "query": request.query_string.decode("latin-1"),
        "headers": {name: request.headers.get(name) for name in MEANT},
        "content_type": request.mimetype,
        "body": request.get_json() if request.get_data() else None,
    }
    return hashlib.sha256(canonical(content)).digest()


def earlier_fingerprint() -> bytes:
    """The fingerprint of the same request before 0.7.0. Keys stored then are valid for a week after the upgrade."""
    parts = (request.method.encode(), request.path.rstrip("/").encode(), request.get_data())
    return hashlib.sha256(b"\0".join(parts)).digest()


def claim(unit: Unit, token_id: int, key: str, request_hash: bytes) -> StoredResponse | None:
    """Take the key for this unit, or return the response stored with it.

    Raises `KeyReused` when another request holds the key, `KeyInProgress` when the first is not done in time.
    """
    if not _KEY.fullmatch(key):
        raise Invalid(
            f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} visible ASCII characters without commas; send it once."
        )
    session = unit.session
    try:
        session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
        inserted = session.execute(
            insert(IdempotencyKey)
            .values(token_id=token_id, key=key, request_hash=request_hash, created_at=clock.now())
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).first()
        session.execute(text("SET LOCAL lock_timeout = DEFAULT"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
            raise
        raise KeyInProgress(f"Try again in {WAIT_SECONDS} seconds to get the response of the first request.") from error
    if inserted is not None:
        return None
    stored = session.execute(
        select(IdempotencyKey).where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key)
    ).scalar_one()
    if stored.request_hash not in (request_hash, earlier_fingerprint()):
        raise KeyReused("This key was used with a different method, path, query or body. Use a new key for this one.")
    # A committed key always has its response: one transaction writes both.
    return StoredResponse(stored.status or 500, stored.headers or {}, stored.body or b"")


def store(unit: Unit, token_id: int, key: str, response: StoredResponse) -> None:
    """Store the response with the key that `claim` inserted in the same unit."""
    row = unit.session.get_one(IdempotencyKey, (token_id, key))
    row.status, row.headers, row.body = response.status, response.headers, response.body


def idempotent(view: Callable[Params, ViewResult]) -> Callable[Params, ViewResult | Response]:
    """Run the view and store its response in one unit of work; a repeated request gets the stored response."""
    return _once(view, lambda body: body)


def idempotent_without(field: str) -> Callable[[Callable[Params, ViewResult]], Callable[Params, ViewResult | Response]]:
    """`idempotent`, for a response with a secret: it is stored with null in that field, and so it is replayed."""

    def kept(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), field: None}).encode()

    return lambda view: _once(view, kept)


def _once(
    view: Callable[Params, ViewResult], kept: Callable[[bytes], bytes]
) -> Callable[Params, ViewResult | Response]:
    """The view with its response stored under the key; `kept` is the part of a body that is stored."""

    @wraps(view)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> ViewResult | Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if is_stream():
            raise Invalid(f"{HEADER} works only with JSON bodies. Leave it out: lines are idempotent by their own ids.")
        owner = key_owner()
        request_hash = fingerprint()
        with unit_of_work(owner.subject) as unit:
            stored = claim(unit, owner.token_id, key, request_hash)
            if stored is not None:
                return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
            response = make_response(view(*args, **kwargs))
            headers = {name: response.headers[name] for name in STORED_HEADERS if name in response.headers}
            store(unit, owner.token_id, key, StoredResponse(response.status_code, headers, kept(response.get_data())))
        return response

    wrapped.takes_key = True  # type: ignore[attr-defined]  # a mark on the function, read by `takes_key`
    return wrapped


def takes_key(view: Callable[..., object]) -> bool:
    """Whether a view honours `Idempotency-Key`."""
    return bool(getattr(view, "takes_key", False))


def idempotent_unless(
    stores_nothing: Callable[[], bool],
) -> Callable[[Callable[Params, ViewResult]], Callable[Params, ViewResult | Response]]:
    """`idempotent`, except for requests that store nothing: a key sent with them is neither looked up nor used up."""

    def decorate(view: Callable[Params, ViewResult]) -> Callable[Params, ViewResult | Response]:
        once = idempotent(view)

        @wraps(once)
        def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> ViewResult | Response:
            return view(*args, **kwargs) if stores_nothing() else once(*args, **kwargs)

        wrapped.takes_key = True  # type: ignore[attr-defined]  # as above
        return wrapped

    return decorate
