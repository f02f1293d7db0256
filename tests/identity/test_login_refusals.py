"""Who and what is not logged in: answers that prove nothing, people without a role, changes from other sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from app.factory import create_app
from tests.support.browser import LOGIN, PUBLIC, SESSION, Browser, cookies_set, settings
from tests.support.clock import Clock
from tests.support.database import nothing_written
from tests.support.forger import Forger, forger, signed, signed_with_public_key, unsigned
from tests.support.http import refused
from tests.support.provider import IdentityProvider, authorize


def nobody(answer: Any, status: int = 401, slug: str = "login-failed") -> str:
    """Prove that nobody was logged in; returns what the person reads."""
    assert SESSION not in cookies_set(answer)
    return str(refused(answer, status, slug)["detail"])


# The answer of the provider


def test_without_an_issuer_there_are_no_logins(database: Flask) -> None:
    browser = Browser(database)
    for method, path in (("GET", "/login"), ("GET", "/login/callback"), ("POST", "/logout")):
        refused(browser.ask(method, path), 404, "not-found")
    browser.client.set_cookie(SESSION, "x.y")
    assert SESSION not in cookies_set(browser.whoami())


def test_a_login_asks_for_a_code_with_pkce(browser: Browser, provider: IdentityProvider) -> None:
    url = urlsplit(browser.begin())
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}" == provider.issuer
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["redirect_uri"], asked["scope"]) == (f"{PUBLIC}/login/callback", "openid profile groups")
    again = parse_qs(urlsplit(browser.begin()).query)
    assert all(len(asked[name]) > 40 and again[name][0] != asked[name] for name in ("state", "nonce", "code_challenge"))


ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "dashboards",
    "",
    "/" + "x" * 3_000,
    "/é",
)


@pytest.mark.parametrize("target", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_a_login_leads_to_no_other_place(browser: Browser, target: str) -> None:
    answer = browser.ask("GET", "/login", query_string={"next": target})
    refused(answer, 422, "invalid", "next")
    assert cookies_set(answer) == {}


def test_an_answer_is_only_for_the_browser_that_asked(site: Flask, browser: Browser) -> None:
    """Else a person could be logged in as somebody else, without knowing."""
    address = authorize(browser.begin(), "anna")
    other = Browser(site)
    assert "No login is under way" in nobody(other.come_back(address))
    other.begin()
    assert "not to the login" in nobody(other.come_back(address))
    assert browser.come_back(address).status_code == 302


def test_an_answer_is_good_once(browser: Browser) -> None:
    address = authorize(browser.begin(), "anna")
    kept = browser.client.get_cookie(LOGIN)
    assert kept is not None
    assert browser.come_back(address).status_code == 302
    assert "No login is under way" in nobody(browser.come_back(address))
    browser.client.set_cookie(LOGIN, kept.value)
    assert "does not accept the code" in nobody(browser.come_back(address))


def test_a_login_has_to_end_in_time(browser: Browser, clock: Clock) -> None:
    address = authorize(browser.begin(), "anna")
    clock.advance(601)
    assert "more than 10 minutes" in nobody(browser.come_back(address))


def test_a_changed_cookie_of_a_login_counts_for_nothing(browser: Browser) -> None:
    address = authorize(browser.begin(), "anna")
    kept = browser.client.get_cookie(LOGIN)
    assert kept is not None
    browser.client.set_cookie(LOGIN, kept.value[:-1] + ("A" if kept.value[-1] != "A" else "B"))
    assert "No login is under way" in nobody(browser.come_back(address))


CHANGES: dict[str, tuple[str, str]] = {
    "another state": ("state", "x"),
    "another code": ("code", "x"),
    "another issuer": ("iss", "https://evil.example"),
    "an error": ("error", "access_denied"),
    "an error with markup": ("error", "<script>"),
    "no code": ("code", ""),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_answer_is_refused(browser: Browser, case: str) -> None:
    name, value = CHANGES[case]
    asked = parse_qs(urlsplit(authorize(browser.begin(), "anna")).query)
    answer = browser.ask("GET", "/login/callback", query_string={**asked, name: [value]})
    assert "<script>" not in nobody(answer)


# The ID token


@pytest.fixture(scope="module")
def attacker() -> Iterator[Forger]:
    with forger() as running:
        yield running


@pytest.fixture(scope="module")
def misled(app: Flask, attacker: Forger) -> Flask:
    """The application, which trusts the forger."""
    return create_app(settings(attacker.issuer))


def forged(app: Flask, attacker: Forger, make: Callable[[str], str]) -> Any:
    browser = Browser(app)
    asked = parse_qs(urlsplit(browser.begin()).query)
    attacker.id_token = lambda: make(asked["nonce"][0])
    return browser.ask("GET", "/login/callback", query_string={"code": "x", "state": asked["state"][0]})


FORGED: dict[str, Callable[[Forger, str], str]] = {
    "without a signature": lambda it, nonce: unsigned(it.claims(nonce)),
    "with the public key as a secret": lambda it, nonce: signed_with_public_key(it.claims(nonce)),
    "with another key": lambda it, nonce: signed(it.claims(nonce), RSAKey.generate_key(2048)),
    "with an unknown key": lambda it, nonce: signed(it.claims(nonce), kid="other"),
    "for another client": lambda it, nonce: signed(it.claims(nonce, aud="other")),
    "for another client, by this one": lambda it, nonce: signed(it.claims(nonce, aud="other", azp="eucora")),
    "for another client, too": lambda it, nonce: signed(it.claims(nonce, aud=["eucora", "other"], azp="other")),
    "from another issuer": lambda it, nonce: signed(it.claims(nonce, iss="https://evil.example")),
    "expired": lambda it, nonce: signed(it.claims(nonce, exp=it.claims("")["iat"] - 100)),
    "of another login": lambda it, nonce: signed(it.claims("x")),
    "without a nonce": lambda it, nonce: signed(it.claims(None)),
    "without an expiry": lambda it, nonce: signed(it.claims(nonce, exp=None)),
    "without a person": lambda it, nonce: signed(it.claims(nonce, sub=None)),
    "with an empty person": lambda it, nonce: signed(it.claims(nonce, sub="")),
    "that is none": lambda it, nonce: "x",
}


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("case", FORGED)
def test_a_forged_token_logs_nobody_in(misled: Flask, attacker: Forger, case: str) -> None:
    with nothing_written():
        nobody(forged(misled, attacker, lambda nonce: FORGED[case](attacker, nonce)))


@pytest.mark.usefixtures("browser")
def test_a_good_token_is_accepted_whatever_else_is_published(misled: Flask, attacker: Forger) -> None:
    assert forged(misled, attacker, lambda nonce: signed(attacker.claims(nonce))).status_code == 302
    attacker.asked.clear()
    assert forged(misled, attacker, lambda nonce: signed(attacker.claims(nonce))).status_code == 302
    assert attacker.asked == ["/token_endpoint"]  # everything else is kept


@pytest.mark.usefixtures("database")
def test_a_configuration_of_another_issuer_is_not_used(attacker: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacker, "issues", "https://evil.example")
    answer = Browser(create_app(settings(attacker.issuer))).ask("GET", "/login")
    assert "another issuer" in nobody(answer, 503, "provider-unavailable")
