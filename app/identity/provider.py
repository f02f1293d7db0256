"""The OpenID Connect provider: its configuration and keys, the exchange of a code, and the check of an ID token.

What it publishes is kept, so logins need one request to it. Existing sessions never need it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from app.addresses import safe_url
from app.identity.errors import LoginFailed, ProviderUnavailable
from app.settings import Settings

log = structlog.get_logger()

ALGORITHMS = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)] + ["EdDSA", "Ed25519"]
"""Signatures with a key that only the provider has; never `none`, and no secret that both sides know."""
TIMEOUT = httpx.Timeout(5.0)
KEPT_SECONDS = 3600.0
"""How long what the provider publishes is used before it is asked again."""
LEEWAY_SECONDS = 60
"""How far the clocks of both may differ."""
_SIGNATURES = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass
class Kept:
    """A document of the provider, asked for again once it is old; if there is no answer, the old one is good enough."""

    ask: Callable[[], dict[str, Any]]
    document: dict[str, Any] | None = None
    asked_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, oldest: float = KEPT_SECONDS) -> dict[str, Any]:
        """The document, not older than so many seconds if the provider responds. Raises ProviderUnavailable."""
        with self._lock:
            if self.document is not None and time.monotonic() - self.asked_at < oldest:
                return self.document
            try:
                self.document, self.asked_at = self.ask(), time.monotonic()
            except ProviderUnavailable:
                if self.document is None:
                    raise
            return self.document


class _ClientAuth(httpx.Auth):
    """Authlib's authentication of clients, for httpx."""

    requires_request_body = True

    def __init__(self, **client: Any) -> None:
        self._auth = ClientAuth(**client)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        url, headers, body = self._auth.prepare(request.method, str(request.url), request.headers, request.content)
        content = body.encode() if isinstance(body, str) else body
        kept = {name: value for name, value in dict(headers).items() if name.lower() != "content-length"}
        yield httpx.Request(request.method, url, headers=kept, content=content, extensions=request.extensions)


class Provider:
    """The provider of the settings, as this client sees it."""

    def __init__(self, settings: Settings, callback: str) -> None:
        self._issuer, self._settings, self._callback = settings.oidc_issuer, settings, callback
        self._http = httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        self._metadata = Kept(self._ask_metadata)
        self._keys = Kept(lambda: self._json("GET", self._endpoint("jwks_uri")))

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where a person logs in. Raises ProviderUnavailable."""
        endpoint = self._endpoint("authorization_endpoint")
        url, _ = self._client().create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return str(url)

    def claims(self, code: str, nonce: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        """What the provider says about the person with this code. Raises LoginFailed, ProviderUnavailable."""
        tokens = self._exchange(code, verifier)
        id_token = tokens.get("id_token")
        if not isinstance(id_token, str):
            raise LoginFailed("The identity provider sent no ID token. Is `openid` among the scopes of this client?")
        claims = self._verified(id_token, nonce, now)
        missing = {self._settings.oidc_name_claim, self._settings.oidc_groups_claim.partition(".")[0]} - claims.keys()
        return {**self._userinfo(tokens, claims["sub"]), **claims} if missing else claims

    def logout_url(self) -> str | None:
        """Where a person logs out of the provider too; None if it has no page for it, or none to return to is set."""
        query = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": self._settings.oidc_logout_url}
        if not self._settings.oidc_logout_url:
            return None
        try:
            return str(httpx.URL(self._endpoint("end_session_endpoint")).copy_merge_params(query))
        except ProviderUnavailable:
            return None

    def published_keys(self) -> int:
        """How many keys for ID tokens it publishes, if all that a login needs is there. Raises ProviderUnavailable."""
        for name in ("authorization_endpoint", "token_endpoint"):
            self._endpoint(name)
        return len(_usable(self._keys.get().get("keys", ())))

    def _client(self) -> Any:
        client = OAuth2Client(
            self._http,
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value() or None,
            scope=self._settings.oidc_scopes,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            token_endpoint_auth_method=self._auth_method(),
        )
        client.client_auth_class = _ClientAuth
        return client

    def _auth_method(self) -> str:
        if not self._settings.oidc_client_secret.get_secret_value():
            return "none"
        offered = self._metadata.get().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        client = self._client()
        try:
            return dict(client.fetch_token(self._endpoint("token_endpoint"), code=code, code_verifier=verifier))
        except AuthlibBaseError as error:
            log.info("code not accepted", error=error.error)
            raise LoginFailed(
                "The identity provider does not accept the code: it was used before, has expired, or is not for this "
                "client. Log in again."
            ) from None
        except (httpx.HTTPError, ValueError) as error:
            raise self._unavailable(error) from None

    def _verified(self, id_token: str, nonce: str, now: datetime) -> dict[str, Any]:
        try:
            return verified(id_token, self._keys.get(), self._issuer, self._settings.oidc_client_id, nonce, now)
        except UnknownKey:
            newest = self._keys.get(oldest=0)  # only the provider's own answers get here, so nobody can make us ask
            return verified(id_token, newest, self._issuer, self._settings.oidc_client_id, nonce, now)

    def _userinfo(self, tokens: Mapping[str, Any], account: str) -> dict[str, Any]:
        """Claims that are not in the ID token, if the provider has them elsewhere."""
        if "userinfo_endpoint" not in self._metadata.get() or "access_token" not in tokens:
            return {}
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        found = self._json("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if found.get("sub") != account:
            raise LoginFailed("The identity provider answers about two different people. Log in again.")
        return found

    def _endpoint(self, name: str) -> str:
        """An address of the provider; no secret goes to one that others could listen in on."""
        url = str(self._metadata.get().get(name, ""))
        try:
            safe_url(url.partition("?")[0])
        except ValueError:
            raise ProviderUnavailable(f"The identity provider's configuration has no usable {name}.") from None
        return url

    def _ask_metadata(self) -> dict[str, Any]:
        found = self._json("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            log.error("the identity provider has another issuer", issuer=found.get("issuer"))
            raise ProviderUnavailable("The identity provider has another issuer than EUCORA_OIDC_ISSUER.")
        return found

    def _json(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, url, **request).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._unavailable(error) from None
        if not isinstance(answer, dict):
            raise self._unavailable(ValueError("it is no object"))
        return answer

    @staticmethod
    def _unavailable(error: Exception) -> ProviderUnavailable:
        # The error's text may have an address with a code in it.
        status = getattr(getattr(error, "response", None), "status_code", None)
        log.warning("the identity provider does not respond", error=type(error).__name__, status=status)
        return ProviderUnavailable(
            "The identity provider does not respond. Try again shortly; tokens and sessions work as usual."
        )


class UnknownKey(LoginFailed):
    """The ID token is not signed with one of the keys that are known."""


def verified(
    id_token: str, keys: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token that was made for this client and this login. Raises UnknownKey, LoginFailed."""
    try:
        token = jwt.decode(id_token, KeySet(_usable(keys.get("keys", ()))), registry=_SIGNATURES)
    except (InvalidKeyIdError, BadSignatureError):
        raise UnknownKey("The identity provider's ID token is signed with a key that it does not publish.") from None
    except (JoseError, ValueError) as error:
        raise _bad(error) from None
    wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    claims = CodeIDToken(token.claims, token.header, wanted, {"nonce": nonce, "client_id": client_id})
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, TypeError, ValueError) as error:
        raise _bad(error) from None
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise LoginFailed("The identity provider's ID token names nobody.")
    return dict(claims)


def _usable(keys: Collection[Any]) -> list[Any]:
    """The keys for signatures, of the kinds that are known here."""
    found = []
    for key in keys:
        if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") != "oct":
            try:
                found.append(import_key(key))
            except (JoseError, ValueError, KeyError):
                continue
    return found


def _bad(error: Exception) -> LoginFailed:
    why = getattr(error, "description", "") or type(error).__name__
    log.info("ID token not accepted", error=type(error).__name__, why=why)
    return LoginFailed(f"The identity provider's ID token is not accepted: {why.rstrip('.')}. Log in again.")
