"""A person's browser before the application, as far as logins go."""

from __future__ import annotations

import contextvars
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from app.settings import Settings
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, authorize

PUBLIC = "http://localhost"
CALLBACK = f"{PUBLIC}/login/callback"
KEYS = ("k" * 32, "l" * 32)
SESSION, LOGIN = "eucora_session", "eucora_login"
ROLES = {"release": "operator", "approving": "approver", "admins": "admin"}


def settings(issuer: str, **changed: Any) -> Settings:
    """Settings with which people log in at an issuer."""
    given: dict[str, Any] = {
        "public_url": PUBLIC,
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_scopes": "openid profile groups",
        "oidc_roles": ROLES,
        "session_keys": KEYS[0],
        **changed,
    }
    return Settings(**given)


def cookies_set(answer: Any) -> dict[str, str]:
    """The lines of `Set-Cookie` by the name of the cookie."""
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def value_of(answer: Any, name: str = SESSION) -> str:
    """The value that an answer gives a cookie."""
    return cookies_set(answer)[name].partition("=")[2].partition(";")[0]


class Browser:
    """Keeps cookies; each request shares no session and no `g` with the test."""

    def __init__(self, app: Flask, session: str | None = None) -> None:
        self.client = app.test_client()
        if session is not None:
            self.client.set_cookie(SESSION, session)

    def ask(self, method: str, path: str, **request: Any) -> Any:
        return contextvars.Context().run(lambda: self.client.open(path, method=method, base_url=PUBLIC, **request))

    def whoami(self) -> Any:
        return self.ask("GET", "/api/v1/whoami")

    def begin(self, query: str = "") -> str:
        """Where `/login` sends the browser."""
        answer = self.ask("GET", f"/login{query}")
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def come_back(self, address: str) -> Any:
        """Follow the provider's redirect."""
        parts = urlsplit(address)
        return self.ask("GET", f"{parts.path}?{parts.query}")

    def log_in(self, account: str = "anna", query: str = "") -> Any:
        return self.come_back(authorize(self.begin(query), account))

    def csrf(self) -> dict[str, str]:
        """The header of changes."""
        return {"X-CSRF-Token": self.whoami().json["csrf_token"]}


def people(provider: IdentityProvider, **changed: dict[str, Any]) -> None:
    """The accounts of tests: `anna` has two roles, `bert` one, `carl` none; with those that are changed."""
    known = {
        "anna": {"preferred_username": "Anna", "groups": ["release", "approving"]},
        "bert": {"preferred_username": "bert", "groups": ["approving", "cooking"]},
        "carl": {"preferred_username": "carl", "groups": ["cooking"]},
    }
    provider.know(**{**known, **changed})
