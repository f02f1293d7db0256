"""Which people may log in, in which role, and what that means for approvals; and logins while the provider is down."""

from __future__ import annotations

import pytest
from flask import Flask

from app.db import db
from app.factory import create_app
from app.identity import subjects
from app.identity.authentication import install_observer
from app.identity.groups import claim, groups_in, roles_of
from app.identity.roles import Role
from app.logs import configure_logging
from app.settings import load_settings
from tests.support.api import make_token
from tests.support.browser import SESSION, Browser, cookies_set, people, settings, value_of
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.provider import PUBLIC_CLIENT, IdentityProvider, authorize

MAPPED = {"release": "operator", "approving": "approver", "admins": "admin", "all": "viewer"}


def refusals() -> list[tuple[str, str]]:
    found = rows("SELECT payload FROM events WHERE type = 'login.refused' ORDER BY id")
    return [(row.payload["subject"], row.payload["reason"]) for row in found]


def refused_login(browser: Browser, account: str) -> str:
    answer = browser.log_in(account)
    assert SESSION not in cookies_set(answer)
    return str(refused(answer, 403, "login-refused")["detail"])


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        (["release", "approving"], [Role.OPERATOR, Role.APPROVER]),
        (["all", "admins"], [Role.ADMIN, Role.VIEWER]),
        (["approving", "approving", "x"], [Role.APPROVER]),
        (["Release", "", "admins "], []),
        ([], []),
    ],
)
def test_groups_give_roles_and_the_highest_comes_first(groups: list[str], roles: list[Role]) -> None:
    assert roles_of(groups, MAPPED) == roles


def test_groups_are_found_where_providers_put_them() -> None:
    keycloak = {"realm_access": {"roles": ["a", 5, "b"]}, "https://x.y/groups": ["c"], "one": "d"}
    assert groups_in(claim(keycloak, "realm_access.roles")) == ["a", "b"]
    assert groups_in(claim(keycloak, "https://x.y/groups")) == ["c"]
    assert groups_in(claim(keycloak, "one")) == ["d"]
    assert groups_in(claim(keycloak, "one.two")) == groups_in(claim(keycloak, "none")) == []


def test_who_has_no_role_is_not_logged_in(browser: Browser) -> None:
    assert "None of the groups of carl" in refused_login(browser, "carl")
    assert refusals() == [("carl", "no_role")]
    assert rows("SELECT 1 FROM subjects WHERE key = 'carl'") == []


def test_leaving_the_groups_ends_what_they_gave(browser: Browser, site: Flask, provider: IdentityProvider) -> None:
    earlier = value_of(browser.log_in("bert"))
    people(provider, bert={"preferred_username": "bert", "groups": []})
    refused_login(browser, "bert")
    refused(Browser(site, earlier).whoami(), 401, "unauthenticated")
    people(provider)
    assert browser.log_in("bert").status_code == 302  # who is back needs no admin


def test_a_person_without_groups_takes_nothing_from_another_of_that_name(browser: Browser, site: Flask) -> None:
    secret = make_token("carl", Role.OPERATOR)
    refused_login(browser, "carl")
    assert Client(site.test_client(), secret).get("/whoami")["role"] == "operator"


def test_a_role_follows_the_groups_at_the_next_login(browser: Browser, site: Flask, provider: IdentityProvider) -> None:
    earlier = value_of(browser.log_in("anna"))
    people(provider, anna={"preferred_username": "Anna", "groups": ["approving"]})
    browser.log_in("anna")
    assert browser.whoami().json["role"] == "approver"
    refused(Browser(site, earlier).whoami(), 401, "unauthenticated")
    answer = browser.ask("POST", "/api/v1/incidents", json={"severity": "P1", "title": "x"}, headers=browser.csrf())
    refused(answer, 403, "forbidden")


def test_a_service_does_not_log_in(browser: Browser, client: Client) -> None:
    client.post("/tokens", {"subject": "ANNA", "role": "viewer", "kind": "service"})
    assert "services use tokens" in refused_login(browser, "anna")


def test_a_person_is_one_however_the_name_is_written(browser: Browser) -> None:
    make_token("aNNA", Role.VIEWER)
    browser.log_in("anna")
    assert browser.whoami().json["subject"] == "aNNA"
    assert [row.key for row in rows("SELECT key FROM subjects WHERE key = 'anna'")] == ["anna"]


def test_a_name_belongs_to_the_account_that_had_it_first(browser: Browser, provider: IdentityProvider) -> None:
    """Else whoever can choose a name at the provider could be anybody here."""
    browser.log_in("anna")
    people(provider, carl={"preferred_username": "ANNA", "groups": ["admins"]})
    assert "another account" in refused_login(browser, "carl")
    (row,) = rows("SELECT id FROM subjects WHERE key = 'anna'")
    runner = browser.client.application.test_cli_runner()
    assert runner.invoke(args=["subjects", "forget-account", str(row.id)]).exit_code == 0
    assert browser.log_in("carl").status_code == 302
    assert browser.whoami().json["role"] == "admin"


def test_who_is_renamed_stays_the_same_person(browser: Browser, provider: IdentityProvider) -> None:
    """Else one could approve under the new name what one requested under the old one."""
    browser.log_in("anna")
    people(provider, anna={"preferred_username": "Anna Berg", "groups": ["approving"]})
    browser.log_in("anna")
    assert browser.whoami().json["subject"] == "Anna"


@pytest.mark.parametrize("name", ["", "  ", "a\u200eb", "x" * 201, "System", "cli", None, 5])
def test_a_name_that_is_none_is_refused(browser: Browser, provider: IdentityProvider, name: object) -> None:
    people(provider, anna={"preferred_username": name, "groups": ["release"]})
    refused_login(browser, "anna")
    assert [reason for _, reason in refusals()] == ["name"]


def test_a_public_client_needs_no_secret(database: Flask, provider: IdentityProvider) -> None:
    public = settings(provider.issuer, oidc_client_id=PUBLIC_CLIENT, oidc_client_secret="")
    browser = Browser(create_app(public))
    assert browser.log_in().status_code == 302
    assert browser.whoami().status_code == 200


# Approvals


def test_who_logs_in_to_approve_counts_as_an_approver(browser: Browser, clock: Clock) -> None:
    browser.log_in("bert")
    browser.ask("POST", "/logout", headers=browser.csrf())
    assert subjects.approver_names(db.session()) == ["bert"]
    assert subjects.still_approves(db.session(), "BERT")
    clock.advance(subjects.LOGIN_COUNTS.total_seconds())
    db.session.rollback()
    assert subjects.approvers(db.session()) == 0
    assert not subjects.still_approves(db.session(), "bert")


def test_who_loses_the_role_counts_no_more(browser: Browser, client: Client) -> None:
    heard: list[str] = []
    from app.identity import tokens

    tokens.install_revocation_listener(lambda _unit, subject, _why: heard.append(subject))
    browser.log_in("bert")
    browser.ask("POST", "/logout", headers=browser.csrf())
    assert heard == []  # logging out takes nothing from anybody
    (row,) = rows("SELECT id FROM subjects WHERE key = 'bert'")
    client.raw("PUT", f"/subjects/{row.id}/roles", json={"roles": ["viewer"], "reason": "moved"})
    assert heard == ["bert"]
    assert "bert" not in subjects.approver_names(db.session())


# Changes from other sites

BODY = {"severity": "P1", "title": "x"}


def test_a_change_needs_the_session_s_token(site: Flask, browser: Browser) -> None:
    browser.log_in("anna")
    other = Browser(site)
    other.log_in("bert")
    good = browser.csrf()
    given: tuple[dict[str, str], ...] = ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "é"}, other.csrf())
    elsewhere = tuple({**good, "Sec-Fetch-Site": site} for site in ("cross-site", "same-site", "none"))
    for headers in (*given, *elsewhere):
        refused(browser.ask("POST", "/api/v1/incidents", json=BODY, headers=headers), 403, "csrf")
    assert rows("SELECT 1 FROM incidents") == []
    refused(browser.ask("POST", "/logout"), 403, "csrf")
    assert browser.whoami().status_code == 200
    sent = {**good, "Sec-Fetch-Site": "same-origin"}
    assert browser.ask("POST", "/api/v1/incidents", json=BODY, headers=sent).status_code == 201


def test_an_upload_needs_it_too(browser: Browser) -> None:
    browser.log_in("anna")
    line = b'{"external_id": "a", "platform": "windows", "connector": "simulated"}\n'
    for content_type in ("application/x-ndjson", "text/plain", "text/csv"):
        refused(browser.ask("POST", "/api/v1/devices", data=line, content_type=content_type), 403, "csrf")


def test_a_token_wins_over_a_cookie_and_needs_no_more(browser: Browser, token: str) -> None:
    browser.log_in("anna")
    bearer = {"Authorization": f"Bearer {token}"}
    assert browser.ask("POST", "/api/v1/incidents", json=BODY, headers=bearer).json["opened_by"] == "tester"
    assert browser.ask("GET", "/api/v1/whoami", headers=bearer).json["csrf_token"] is None
    refused(browser.ask("GET", "/api/v1/whoami", headers={"Authorization": "Bearer x"}), 401, "unauthenticated")
    refused(browser.ask("POST", "/logout", headers=bearer), 403, "forbidden")


def test_an_idempotency_key_is_the_session_s(browser: Browser) -> None:
    browser.log_in("anna")
    headers = {**browser.csrf(), "Idempotency-Key": "one"}
    first, second = (browser.ask("POST", "/api/v1/incidents", json=BODY, headers=headers) for _ in range(2))
    assert (first.status_code, second.headers["Idempotency-Replayed"]) == (201, "true")
    browser.log_in("anna")
    headers = {**browser.csrf(), "Idempotency-Key": "one"}
    assert browser.ask("POST", "/api/v1/incidents", json=BODY, headers=headers).json["id"] != first.json["id"]


# The provider, and who tries too often


def test_while_the_provider_is_down_sessions_and_tokens_go_on(
    site: Flask, browser: Browser, provider: IdentityProvider, token: str
) -> None:
    """And afterwards it has other keys."""
    browser.log_in("anna")
    other = Browser(site)
    under_way = authorize(other.begin(), "bert")
    provider.stop()
    try:
        assert browser.whoami().status_code == 200
        assert Client(site.test_client(), token).get("/whoami")["subject"] == "tester"
        answer = other.come_back(under_way)
        refused(answer, 503, "provider-unavailable")
        assert "Retry-After" in answer.headers
        fresh = Browser(create_app(settings(provider.issuer)))
        refused(fresh.ask("GET", "/login"), 503, "provider-unavailable")
        assert browser.ask("POST", "/logout", headers=browser.csrf()).status_code == 200
    finally:
        provider.start(key="second")
    assert other.log_in("bert").status_code == 302
    assert fresh.log_in("bert").status_code == 302


def test_an_address_that_fails_too_often_has_to_wait(browser: Browser) -> None:
    reasons: list[str] = []
    install_observer(reasons.append)
    limit = load_settings().failed_login_limit
    for _ in range(limit):
        assert browser.ask("GET", "/login/callback?code=x&state=x").status_code == 401
    refused(browser.ask("GET", "/login/callback?code=x&state=x"), 429, "too-many-failed-logins")
    assert reasons == ["login"] * limit + ["limited"]


def test_neither_secrets_nor_codes_are_logged(
    browser: Browser, provider: IdentityProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(load_settings().model_copy(update={"log_level": "DEBUG", "log_json": True}))
    try:
        address = authorize(browser.begin(), "anna")
        session = value_of(browser.come_back(address))
        browser.come_back(address)
        browser.log_in("carl")
    finally:
        configure_logging(load_settings())
    written = capsys.readouterr().err
    assert "authentication failed" in written
    code = address.partition("code=")[2].partition("&")[0]
    assert not any(secret in written for secret in (code, session, session.partition(".")[0], "of-the-tests-only"))
