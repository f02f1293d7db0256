"""`GET /deployments/{id}?wait=`: the answer comes when the deployment has changed, or when the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import g, request
from werkzeug.wrappers import Response

from app.audit import waits
from app.audit.waits import Wait
from app.db import db
from app.deployments import queries
from app.deployments.schemas import WaitQuery
from app.errors import FieldError, Invalid
from app.events.followers import newest
from app.http import parking
from app.identity.subjects import Caller


def answer(caller: Caller, deployment_id: int, query: WaitQuery, show: Callable[[], Response]) -> Response:
    """What `show` answers, at once or when there is news. Raises Invalid, NoSuchDeployment, and as `parking` does."""
    if query.version is not None and query.wait is None:
        _refuse("wait", "is missing: `version` says what to wait for, `wait` how many seconds at most")
    if not query.wait or request.method == "HEAD":
        return show()
    if query.version is None and "If-None-Match" not in request.headers:
        _refuse("version", "is missing: send the version that you have, or its ETag as If-None-Match")
    visit = parking.visit()
    until = time.monotonic() + query.wait
    if visit is not None:
        until = visit.until = visit.until if visit.until is not None else until
    else:
        until = min(until, time.monotonic() + waits.HELD_SECONDS)
    while True:
        after = newest(db.session())  # before the deployment is read, so that no later change is missed
        response = _news(deployment_id, query.version, show)
        if response is not None:
            return response
        if time.monotonic() >= until:
            return show()
        wait = Wait(deployment_id, after, query.version, until)
        if visit is not None:
            visit.take_place(caller.token_id)
            return parking.parked(wait)
        began = time.monotonic()
        with parking.holding():
            waits.hold(wait)
        g.waited = g.get("waited", 0.0) + time.monotonic() - began


def _news(deployment_id: int, version: int | None, show: Callable[[], Response]) -> Response | None:
    """The answer, if the deployment is not as the caller has it."""
    if version is not None:
        return show() if queries.version(deployment_id) > version else None
    response = show()
    return None if response.status_code == 304 else response


def _refuse(field: str, message: str) -> None:
    raise Invalid("The query is invalid; nothing was changed.", fields=[FieldError(field, message)])
