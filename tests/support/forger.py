"""An identity provider that answers with any ID token: what a real one never would, and what an attacker could."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from app import clock

KEY = RSAKey.generate_key(2048, {"kid": "published", "use": "sig"})


class Forger(ThreadingHTTPServer):
    """`id_token` makes the token of the next login from its nonce."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.issues = self.issuer
        """The issuer that its configuration names."""
        self.id_token: Callable[[], str] = lambda: ""
        self.asked: list[str] = []

    def claims(self, nonce: str | None, **changed: Any) -> dict[str, Any]:
        """The claims of a good token, but for the changed ones; those that are None are left out."""
        now = int(clock.now().timestamp())
        good = {"iss": self.issuer, "sub": "anna", "aud": "eucora", "exp": now + 300, "iat": now, "nonce": nonce}
        person = {"preferred_username": "Anna", "groups": ["release"]}
        return {name: value for name, value in {**good, **person, **changed}.items() if value is not None}

    def answer(self, path: str) -> dict[str, Any] | None:
        self.asked.append(path)
        found: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issues,
                **{name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")},
            },
            "/jwks_uri": {"keys": [KEY.as_dict(private=False), {"kty": "of tomorrow", "kid": "x"}]},
            "/token_endpoint": {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()},
        }
        return found.get(path)


def signed(claims: dict[str, Any], key: RSAKey = KEY, **header: Any) -> str:
    """A token with a real signature."""
    return jwt.encode({"alg": "RS256", "kid": "published", **header}, claims, key, algorithms=["RS256"])


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    """A token of that algorithm, up to its signature."""
    return ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims)) + "."


def signed_with_public_key(claims: dict[str, Any]) -> str:
    """A token for whoever takes the key that everybody may have for a secret of both sides."""
    text = unsigned(claims, "HS256").rstrip(".")
    return f"{text}.{_encoded(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class _Handler(BaseHTTPRequestHandler):
    server: Forger

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = self.server.answer(self.path)
        body = json.dumps(found).encode()
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # the name that the base class looks for

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@contextmanager
def forger() -> Iterator[Forger]:
    """A running one."""
    server = Forger()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
