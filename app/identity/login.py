"""What the application needs for logins, made once from the settings; without an issuer there is nothing of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from app.errors import FieldError, Invalid
from app.identity import groups, sessions
from app.identity.cookies import Cookies
from app.identity.errors import LoginFailed
from app.identity.provider import Provider
from app.identity.roles import Role
from app.settings import Settings

EXTENSION = "login"
CALLBACK = "/login/callback"
AFTERWARDS = "/dashboards"
LONGEST_NEXT = 2_000


@dataclass(frozen=True)
class Logins:
    """The provider, the cookies, and how long sessions last."""

    settings: Settings
    provider: Provider
    cookies: Cookies

    @classmethod
    def of(cls, settings: Settings) -> Logins:
        """Those of the settings, which name an issuer."""
        callback = settings.public_url.rstrip("/") + CALLBACK
        return cls(settings, Provider(settings, callback), Cookies(settings))

    @property
    def idle(self) -> timedelta | None:
        """How long a session may be unused; None: as long as it lasts."""
        minutes = self.settings.session_idle_minutes
        return timedelta(minutes=minutes) if minutes else None

    def begin(self, target: str) -> tuple[str, dict[str, str]]:
        """Where a person logs in, and what their browser keeps meanwhile. Raises ProviderUnavailable."""
        began = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        return self.provider.authorization_url(**began), {**began, "next": target}

    def complete(self, answer: Mapping[str, str], began: Mapping[str, str] | None, now: datetime) -> str:
        """The secret of a new session for an answer of the provider.

        Raises LoginFailed, LoginRefused, ProviderUnavailable.
        """
        began = _expected(answer, began, self.settings.oidc_issuer)
        claims = self.provider.claims(answer["code"], began["nonce"], began["verifier"], now)
        return sessions.start(self._account(claims), self._roles(claims), timedelta(hours=self.settings.session_hours))

    def _account(self, claims: Mapping[str, Any]) -> sessions.Account:
        name = sessions.name_of(groups.claim(claims, self.settings.oidc_name_claim))
        return sessions.Account(self.settings.oidc_issuer, claims["sub"], name)

    def _roles(self, claims: Mapping[str, Any]) -> list[Role]:
        listed = groups.groups_in(groups.claim(claims, self.settings.oidc_groups_claim))
        return groups.roles_of(listed, self.settings.oidc_roles)


def installed() -> Logins | None:
    """The logins of the application; None if people use tokens only."""
    found: Logins | None = current_app.extensions.get(EXTENSION)
    return found


def own_path(target: str) -> str:
    """A path on this host to go to after a login. Raises Invalid for anything that could lead elsewhere."""
    parts = urlsplit(target)
    is_plain = target.isascii() and target.isprintable() and "\\" not in target and len(target) <= LONGEST_NEXT
    if not is_plain or not target.startswith("/") or target.startswith("//") or parts.scheme or parts.netloc:
        message = "must be a path on this host that begins with one /"
        raise Invalid("Nobody was logged in.", fields=[FieldError("next", message)])
    return target


def _expected(answer: Mapping[str, str], began: Mapping[str, str] | None, issuer: str) -> Mapping[str, str]:
    """How the login began that this is the answer to, in this browser. Raises LoginFailed."""
    if began is None:
        raise LoginFailed("No login is under way in this browser, or it took more than 10 minutes. Begin at /login.")
    if not secrets.compare_digest(answer.get("state", "").encode(), began["state"].encode()):
        raise LoginFailed("This answer is not to the login that this browser began last. Begin again at /login.")
    if answer.get("iss", issuer) != issuer:
        raise LoginFailed("This answer comes from another identity provider. Begin again at /login.")
    if "error" in answer:
        known = answer["error"] if answer["error"].replace("_", "").isalpha() and answer["error"].isascii() else "error"
        raise LoginFailed(f"The identity provider answers {known[:100]}. Begin again at /login.")
    if not answer.get("code"):
        raise LoginFailed("The identity provider's answer has no code. Begin again at /login.")
    return began
