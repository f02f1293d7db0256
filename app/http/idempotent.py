"""`@idempotent`: a view that changes something honours `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.events import idempotency
from app.events.unit import unit_of_work
from app.http.auth import caller
from app.http.bodies import is_stream

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
REPLAYED = "Idempotency-Replayed"

Params = ParamSpec("Params")


def idempotent(view: Callable[Params, ResponseReturnValue]) -> Callable[Params, ResponseReturnValue]:
    """Run the view in one unit of work with the storing of its answer; a repeated request gets that answer."""

    @wraps(view)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> ResponseReturnValue:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if is_stream():
            raise Invalid(f"{HEADER} is for JSON bodies; lines are idempotent by their own ids, so leave it out.")
        who = caller()
        request_hash = idempotency.fingerprint(request.method, request.path, request.get_data())
        with unit_of_work(who.subject) as unit:
            stored = idempotency.claim(unit, who.token_id, key, request_hash)
            if stored is not None:
                return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
            answer = make_response(view(*args, **kwargs))
            headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
            kept = idempotency.Answer(answer.status_code, headers, answer.get_data())
            idempotency.remember(unit, who.token_id, key, kept)
        return answer

    return wrapped
