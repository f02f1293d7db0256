"""The door of idle devices: polls that memory can answer do not enter the application.

Most polls are these, a hundred for each one that finds something to do, and what the application does for every
request (authentication, sessions, hooks) costs many times as much as their answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.agents import pace
from app.agents.idle import idle
from app.agents.seen import seen
from app.db import db
from app.metrics import catalogue as m, emitter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ENDPOINT = "agents.poll"
BODY = '{"_links":{},"config":{"polling":{"sleep":"%s"}}}\n'
_MEASURED = m.HTTP_REQUEST(endpoint=ENDPOINT, method="GET", status_class="2xx")


class Door:
    """WSGI middleware."""

    def __init__(self, application: WSGIApplication, app: Flask, prefix: str) -> None:
        self._application = application
        with app.app_context():
            self._engine = db.engine
        self._path = re.compile(rf"{re.escape(prefix)}/([a-z0-9_-]+)/controller/v1/([^/]+)")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer an idle device, or let the application."""
        began = time.perf_counter()
        body = self._answer(environ) if environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING") else None
        if body is None:
            return self._application(environ, start_response)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", uuid4().hex),
        ]
        start_response("200 OK", headers)
        emitter.emit_time(_MEASURED, (time.perf_counter() - began) * 1000)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> bytes | None:
        """The answer to an idle device; None for anything else."""
        path = self._path.fullmatch(environ["PATH_INFO"])
        authorization = environ.get("HTTP_AUTHORIZATION")
        if path is None or not authorization:
            return None
        connector, device = path.groups()
        try:
            found = idle.find(self._engine, connector, device, authorization)
        except SQLAlchemyError:
            return None  # the application says what is wrong
        if found is None:
            return None
        settings, published = found
        now = clock.now()
        seen.note(self._engine, connector, device, now)
        return (BODY % pace.sleep(settings, published, now)).encode()


def install(app: Flask, prefix: str) -> None:
    """Answer idle devices before everything else."""
    app.wsgi_app = Door(app.wsgi_app, app, prefix)  # type: ignore[method-assign]  # as Flask documents it
