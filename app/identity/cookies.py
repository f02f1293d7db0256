"""The two cookies of a login: signed, not readable by scripts, and not sent with other sites' requests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from flask import Request, Response
from itsdangerous import BadSignature, Signer, URLSafeSerializer

from app.settings import Settings

LOGIN_SECONDS = 600
"""How long a person may take at the identity provider."""
CSRF_HEADER = "X-CSRF-Token"


class Cookies:
    """The cookies of one application. Keys may be replaced: the first signs, all are accepted."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.public_url.startswith("https://")
        prefix = "__Host-" if self._secure else ""
        self._session, self._login = f"{prefix}eucora_session", f"{prefix}eucora_login"
        self._seconds = settings.session_hours * 3600
        keys = [key.encode() for key in reversed(settings.signing_keys)]
        self._signer = Signer(keys, salt="eucora.session", digest_method=hashlib.sha256)
        options = {"digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(keys, salt="eucora.login", signer_kwargs=options)

    def has_session(self, request: Request) -> bool:
        """Whether a request has a session's cookie, whatever is in it."""
        return self._session in request.cookies

    def session(self, request: Request) -> str | None:
        """The secret of the request's session; None unless we signed it."""
        try:
            return self._signer.unsign(request.cookies.get(self._session, "")).decode()
        except (BadSignature, UnicodeError):
            return None

    def set_session(self, response: Response, secret: str) -> None:
        """Let the browser keep a session."""
        self._set(response, self._session, self._signer.sign(secret).decode(), self._seconds)

    def end_session(self, response: Response) -> None:
        """Let the browser forget its session."""
        self._set(response, self._session, "", 0)

    def login(self, request: Request, now: datetime) -> Mapping[str, str] | None:
        """What the browser was given when its login began; None if that was too long ago, or is not from us."""
        try:
            until, began = self._serializer.loads(request.cookies.get(self._login, ""))
        except BadSignature:
            return None
        return dict(began) if now.timestamp() < until else None

    def set_login(self, response: Response, began: Mapping[str, str], now: datetime) -> None:
        """Let the browser keep what proves that the answer of the provider is for it."""
        value = self._serializer.dumps([now.timestamp() + LOGIN_SECONDS, began])
        self._set(response, self._login, str(value), LOGIN_SECONDS)

    def end_login(self, response: Response) -> None:
        """Let the browser forget it."""
        self._set(response, self._login, "", 0)

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="Lax")


def csrf_token(secret: str) -> str:
    """What changes by a session have to carry: only who can read our answers knows it."""
    return hashlib.sha256(b"csrf:" + secret.encode()).hexdigest()


def is_csrf_token(given: str, secret: str) -> bool:
    """Whether it is that of the session, in constant time."""
    return hmac.compare_digest(given.encode(), csrf_token(secret).encode())


def new_secret() -> str:
    """256 random bits, not shaped as a token is."""
    return secrets.token_urlsafe(32)
