"""Reverse proxies: their `X-Forwarded-*` headers count only if the connection comes from a trusted address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.addresses import Network, is_in
from app.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
"""A prefix that is more than a path, such as `//example.org`, would lead our links to another host."""


class TrustedProxies:
    """WSGI middleware: applies `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` of trusted proxies only."""

    def __init__(self, application: WSGIApplication, trusted: list[Network]) -> None:
        self._application, self._trusted = application, trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The client is the last address of `X-Forwarded-For` that is not a trusted proxy's own."""
        if not is_in(str(environ.get("REMOTE_ADDR", "")), self._trusted):
            return self._application(environ, start_response)
        if not PREFIX.fullmatch(environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")):
            environ.pop("HTTP_X_FORWARDED_PREFIX", None)
        else:
            environ["HTTP_X_FORWARDED_PREFIX"] = environ["HTTP_X_FORWARDED_PREFIX"].rstrip("/")
        if environ.get("HTTP_X_FORWARDED_PROTO") not in ("http", "https"):
            environ.pop("HTTP_X_FORWARDED_PROTO", None)
        fixed = ProxyFix(self._application, x_for=self._hops(environ), x_proto=1, x_host=1, x_prefix=1)
        return fixed(environ, start_response)

    def _hops(self, environ: WSGIEnvironment) -> int:
        """How many addresses from the end of `X-Forwarded-For` the client's is; each proxy adds its client's."""
        hops = 1
        for address in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")[1:]):
            if not is_in(address.strip(), self._trusted):
                break
            hops += 1
        return hops


def install(app: Flask, settings: Settings) -> None:
    """Trust the proxies of the settings; without any, the headers are ignored."""
    if trusted := settings.trusted_networks:
        app.wsgi_app = TrustedProxies(app.wsgi_app, trusted)  # type: ignore[method-assign]  # as Flask documents it
