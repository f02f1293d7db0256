"""People log in with a real OpenID Connect server; what a session may do, and how it ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from flask import Flask

from app.factory import create_app
from tests.support.browser import CALLBACK, KEYS, SESSION, Browser, cookies_set, settings, value_of
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.provider import IdentityProvider


def test_a_person_logs_in_and_is_who_the_groups_say(browser: Browser) -> None:
    answer = browser.log_in(query="?next=/dashboards/eucora-operations%3Ffrom%3Dnow-1h")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/dashboards/eucora-operations?from=now-1h")
    me = browser.whoami().json
    assert (me["subject"], me["kind"], me["role"], me["token"]["is_session"]) == ("Anna", "person", "operator", True)
    body = {"severity": "P1", "title": "x"}
    assert browser.ask("POST", "/api/v1/incidents", json=body, headers=browser.csrf()).status_code == 201
    (row,) = rows("SELECT actor, payload FROM events WHERE type = 'incident.opened'")
    assert row.actor == "Anna"


# The cookie


def test_the_cookie_of_a_session_is_out_of_reach(browser: Browser) -> None:
    cookie = cookies_set(browser.log_in())[SESSION]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie  # http, on the loopback interface
    assert "Domain" not in cookie


def test_over_https_cookies_are_secure_and_of_this_host_only(database: Flask, provider: IdentityProvider) -> None:
    safe = Browser(create_app(settings(provider.issuer, public_url="https://eucora.example.org")))
    (cookie,) = cookies_set(safe.ask("GET", "/login")).values()
    assert cookie.startswith("__Host-eucora_login=")
    assert "; Secure" in cookie


def test_the_secret_of_a_session_is_stored_only_as_its_hash(browser: Browser) -> None:
    secret = cookies_set(browser.log_in())[SESSION].split("=")[1].split(".")[0]
    (row,) = rows("SELECT CAST(tokens.* AS text) AS everything, prefix FROM tokens WHERE is_session")
    assert (secret in row.everything, row.prefix) == (False, None)
    assert secret not in str(rows("SELECT payload FROM events"))


def seen_by(site: Flask, value: str) -> Any:
    """The answer to whoever has this cookie."""
    return Browser(site, value).whoami()


def test_a_changed_cookie_is_refused_and_dropped(site: Flask, browser: Browser) -> None:
    good = value_of(browser.log_in())
    secret, _, signature = good.partition(".")
    bad = (f"{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}.{signature}", secret, "", "x.y", f"{good}x", "é")
    for value in bad:
        answer = seen_by(site, value)
        refused(answer, 401, "unauthenticated")
        assert "Max-Age=0" in cookies_set(answer)[SESSION]
    assert seen_by(site, good).status_code == 200


def test_a_session_is_no_token_and_a_token_is_no_session(site: Flask, browser: Browser, token: str) -> None:
    secret = value_of(browser.log_in()).partition(".")[0]
    for value in (secret, value_of(browser.log_in())):
        refused(Client(site.test_client(), value).raw("GET", "/whoami"), 401, "unauthenticated")
    refused(seen_by(site, token), 401, "unauthenticated")
    signed = site.extensions["login"].cookies._signer.sign(token).decode()  # as only we can
    refused(seen_by(site, signed), 401, "unauthenticated")


def test_keys_are_replaced_without_ending_sessions(site: Flask, browser: Browser, provider: IdentityProvider) -> None:
    old = value_of(browser.log_in())
    both = create_app(settings(provider.issuer, session_keys=f"{KEYS[1]},{KEYS[0]}"))
    assert seen_by(both, old).status_code == 200
    new = value_of(Browser(both).log_in())
    only_new = create_app(settings(provider.issuer, session_keys=KEYS[1]))
    assert [seen_by(only_new, value).status_code for value in (old, new)] == [401, 200]


def test_every_login_begins_a_new_session(site: Flask, browser: Browser) -> None:
    chosen = value_of(browser.log_in("bert"))
    mine = value_of(browser.log_in("anna"))  # in a browser in which somebody left their session
    assert chosen != mine
    assert seen_by(site, mine).json["subject"] == "Anna"
    assert seen_by(site, chosen).json["subject"] == "bert"


# How a session ends


def test_logging_out_ends_the_session_at_once(site: Flask, browser: Browser) -> None:
    kept = value_of(browser.log_in())
    answer = browser.ask("POST", "/logout", headers=browser.csrf())
    assert (answer.status_code, answer.json) == (200, {"provider_logout": None})
    assert "Max-Age=0" in cookies_set(answer)[SESSION]
    detail = refused(seen_by(site, kept), 401, "unauthenticated")["detail"]
    assert "was ended at" in detail
    (ended,) = rows("SELECT actor, payload FROM events WHERE type = 'session.ended'")
    assert (ended.actor, ended.payload["reason"]) == ("Anna", "logged out")


def test_the_provider_can_log_out_too(provider: IdentityProvider, database: Flask) -> None:
    site = Browser(create_app(settings(provider.issuer, oidc_logout_url=CALLBACK)))
    site.log_in()
    url = site.ask("POST", "/logout", headers=site.csrf()).json["provider_logout"]
    assert url.startswith(f"{provider.issuer}/session/end?")
    assert parse_qs(urlsplit(url).query)["post_logout_redirect_uri"] == [CALLBACK]
    assert httpx.get(url).status_code == 200


def test_an_admin_ends_sessions_at_once(site: Flask, browser: Browser, client: Client) -> None:
    browser.log_in()
    (session,) = client.get("/tokens?is_session=true")["items"]
    assert client.post(f"/tokens/{session['id']}/revoke", {"reason": "lost laptop"})[0] == 200
    refused(browser.whoami(), 401, "unauthenticated")
    browser.log_in()
    subject = next(it for it in client.get("/subjects")["items"] if it["name"] == "Anna")
    taken = {"roles": [], "reason": "left"}
    answer = client.raw("PUT", f"/subjects/{subject['id']}/roles", json=taken)
    assert answer.json["blocked"] is True
    refused(browser.whoami(), 401, "unauthenticated")
    refused(browser.log_in(), 403, "login-refused")
    client.raw("PUT", f"/subjects/{subject['id']}/roles", json={"roles": ["viewer"], "reason": "is back"})
    assert browser.log_in().status_code == 302
    assert browser.whoami().json["role"] == "operator"


def test_a_session_cannot_be_rotated(browser: Browser, client: Client) -> None:
    browser.log_in()
    (session,) = client.get("/tokens?is_session=true")["items"]
    refused(client.raw("POST", f"/tokens/{session['id']}/rotate", json={}), 422, "invalid-token")


def test_a_session_ends_after_its_hours_even_if_it_is_used(browser: Browser, clock: Clock) -> None:
    browser.log_in()
    for _ in range(15):
        clock.advance(30 * 60)
        assert browser.whoami().status_code == 200
    clock.advance(30 * 60)
    detail = refused(browser.whoami(), 401, "unauthenticated")["detail"]
    assert "expired at" in detail


def test_a_session_that_nobody_uses_ends(browser: Browser, clock: Clock) -> None:
    browser.log_in()
    clock.advance(59 * 60)
    assert browser.whoami().status_code == 200
    clock.advance(60 * 60)
    detail = refused(browser.whoami(), 401, "unauthenticated")["detail"]
    assert "not used" in detail
