"""Serves the OpenAPI document, and a page that shows it without anything from elsewhere."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property, lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from app.http.callers import open_to_all
from app.http.document.page import page
from app.http.document.paths import Roles, document
from app.http.pages import policy

VERSION = "0.9.0"
EXTENSION = "openapi"
PREFIXES = 8
"""Reverse proxies name the prefix of their paths; the documents for the latest ones are kept."""

_policy = lru_cache(1)(policy)
blueprint = Blueprint("openapi", __name__, template_folder="templates")


class Contract:
    """The document of an app, made when it is first asked for: by then all routes are there."""

    def __init__(self, app: Flask, roles: Roles) -> None:
        self._app, self._roles = app, roles
        self.served_below = lru_cache(PREFIXES)(self._served_below)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as served at the root of a host."""
        return document(self._app, VERSION, self._roles)

    @cached_property
    def text(self) -> str:
        """The document as it is committed in docs/openapi.json."""
        return json.dumps(self.document, indent=1, ensure_ascii=False) + "\n"

    @cached_property
    def page(self) -> bytes:
        """The document as a page."""
        return page(self.document).encode()

    def _served_below(self, prefix: str) -> bytes:
        servers = [{**server, "url": prefix or "/"} for server in self.document["servers"]]
        return json.dumps({**self.document, "servers": servers}, ensure_ascii=False).encode()


def contract_of(app: Flask) -> Contract:
    """The contract of an app."""
    found: Contract = app.extensions[EXTENSION]
    return found


@blueprint.get("/openapi.json")
@open_to_all
def served_document() -> Response:
    """The OpenAPI document; its server is the path prefix of a reverse proxy, if there is one."""
    return _unchanging(contract_of(current_app).served_below(request.script_root), "application/json")


@blueprint.get("/docs")
@open_to_all
def docs() -> Response:
    """The OpenAPI document as a page."""
    shown = contract_of(current_app).page
    response = _unchanging(shown, "text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _policy(shown)
    return response


def install(app: Flask, roles: Roles) -> None:
    """Serve the document and the page; `roles` names who may call a view."""
    app.extensions[EXTENSION] = Contract(app, roles)
    app.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(blueprint, name="openapi_root")


def _unchanging(body: bytes, content_type: str) -> Response:
    """An answer that is the same until the next version; 304 to a client that has it."""
    response = Response(body, content_type=content_type)
    response.set_etag(_digest(body))
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


@lru_cache(PREFIXES)
def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
