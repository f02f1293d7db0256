"""`Idempotency-Key`: the same request under the same key is carried out once and answered alike.

The key's row is inserted first, in the unit of work that wraps the view, so a concurrent duplicate waits on the unique
index until the first one is committed. A request that fails is rolled back with its key and may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, make_response, request
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from app import clock
from app.errors import Conflict, Invalid
from app.events.unit import Unit, unit_of_work
from app.http.bodies import is_stream
from app.http.callers import key_owner
from app.http.models import IdempotencyKey

WAIT_SECONDS = 5
KEPT = timedelta(days=7)
MAX_KEY_LENGTH = 200
HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
REPLAYED = "Idempotency-Replayed"

Params = ParamSpec("Params")
Result = TypeVar("Result")


class KeyReused(Conflict):
    type = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"


class KeyInProgress(Conflict):
    type = "idempotency-key-in-progress"
    title = "The first request with this Idempotency-Key is still being carried out"
    retry_after = WAIT_SECONDS


@dataclass(frozen=True)
class Answer:
    """A stored response."""

    status: int
    headers: dict[str, str]
    body: bytes


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What must be equal for two requests to be the same one."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


def claim(unit: Unit, token_id: int, key: str, request_hash: bytes, wait_seconds: int = WAIT_SECONDS) -> Answer | None:
    """Take the key for this unit, or return the answer stored under it.

    Raises `KeyReused` when another request holds the key, `KeyInProgress` when the first is not done in time.
    """
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise Invalid(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters.")
    session = unit.session
    try:
        session.execute(text(f"SET LOCAL lock_timeout = '{wait_seconds}s'"))
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
        raise KeyInProgress(f"Try again in {WAIT_SECONDS} seconds; the answer will then be the first one's.") from error
    if inserted is not None:
        return None
    stored = session.execute(
        select(IdempotencyKey).where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key)
    ).scalar_one()
    if stored.request_hash != request_hash:
        raise KeyReused("Use a new key for a new request; this one was used with another method, path or body.")
    # A committed key always has its answer: both are written by one transaction.
    return Answer(stored.status or 500, stored.headers or {}, stored.body or b"")


def remember(unit: Unit, token_id: int, key: str, answer: Answer) -> None:
    """Store the answer beside the key that `claim` inserted in the same unit."""
    row = unit.session.get_one(IdempotencyKey, (token_id, key))
    row.status, row.headers, row.body = answer.status, answer.headers, answer.body


def forget_old_keys() -> int:
    """Remove keys older than seven days; returns how many."""
    with unit_of_work("system") as unit:
        result = unit.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT))
        return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE always has one


def idempotent(view: Callable[Params, Result]) -> Callable[Params, Result | Response]:
    """Run the view in one unit of work with the storing of its answer; a repeated request gets that answer."""

    @wraps(view)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> Result | Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if is_stream():
            raise Invalid(f"{HEADER} is for JSON bodies; lines are idempotent by their own ids, so leave it out.")
        owner = key_owner()
        request_hash = fingerprint(request.method, request.path.rstrip("/"), request.get_data())
        with unit_of_work(owner.subject) as unit:
            stored = claim(unit, owner.token_id, key, request_hash)
            if stored is not None:
                return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
            answer = make_response(view(*args, **kwargs))
            headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
            kept = Answer(answer.status_code, headers, answer.get_data())
            remember(unit, owner.token_id, key, kept)
        return answer

    return wrapped
