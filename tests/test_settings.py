"""Settings that are checked when a process starts, and what the error says."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.identity.roles import Role
from app.settings import RoleName, Settings, setting_of
from ops.local.stack import Stack

SEVERAL = "redis://:hidden@one.example.org:6379,two.example.org:6379/0"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("redis+sentinel://:hidden@one.example.org:26379/primary/0", "the scheme 'redis+sentinel'"),
        ("sentinel://one.example.org:26379", "the scheme 'sentinel'"),
        (SEVERAL, "several hosts"),
        (SEVERAL.replace("redis:", "rediss:"), "several hosts"),
        ("redis.example.org:6379", "without a scheme"),
    ],
)
def test_several_redis_servers_are_refused_at_the_start(stack: Stack, url: str, named: str) -> None:
    with pytest.raises(ValidationError) as error:
        Settings(redis_url=url)
    (detail,) = error.value.errors(include_input=False)
    assert detail["loc"] == ("redis_url",)
    assert named in detail["msg"]
    assert "Redis Sentinel and Redis Cluster" in detail["msg"]
    assert "hidden" not in detail["msg"]


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/a,b/redis.sock",
        "redis://:a,b@redis.example.org:6379/0",
        "rediss://:hidden@[fd00::5]:6380/0?ssl_ca_certs=/etc/eucora/ca.pem",
    ],
)
def test_one_redis_server_is_accepted(stack: Stack, url: str) -> None:
    settings = Settings(redis_url=url)
    assert settings.redis_url.get_secret_value() == url


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("vpn", ["vpn"]),
        ("vpn, Notepad++ ,7-Zip (x64)", ["vpn", "Notepad++", "7-Zip (x64)"]),
        ('"Notes, Pro", vpn', ["Notes, Pro", "vpn"]),
        ('vpn,"The ""fast"" one, 2"', ["vpn", 'The "fast" one, 2']),
    ],
)
def test_applications_with_metrics_may_have_a_comma_in_their_name(stack: Stack, text: str, names: list[str]) -> None:
    assert Settings(metric_applications=text).applications_with_metrics == names


@pytest.mark.parametrize("text", ['"Notes, Pro', '"Notes" Pro,vpn'])
def test_a_quotation_mark_that_nothing_closes_is_an_error(stack: Stack, text: str) -> None:
    with pytest.raises(ValidationError, match="Separate names by commas"):
        Settings(metric_applications=text)


LOGINS: dict[str, Any] = {
    "oidc_issuer": "https://id.example.org",
    "oidc_client_id": "eucora",
    "oidc_roles": {"a": "operator"},
    "public_url": "https://eucora.example.org",
    "session_keys": "k" * 32,
}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"oidc_client_id": ""}, "EUCORA_OIDC_CLIENT_ID"),
        ({"oidc_roles": {}, "public_url": ""}, "EUCORA_OIDC_ROLES, EUCORA_PUBLIC_URL"),
        ({"session_keys": ""}, "EUCORA_SESSION_KEYS"),
        ({"session_keys": "k" * 31}, "32 characters or more"),
        ({"session_keys": f"{'k' * 32},short"}, "32 characters or more"),
        ({"oidc_issuer": "http://id.example.org"}, "must begin with https://"),
        ({"oidc_issuer": "id.example.org"}, "must begin with https://"),
        ({"public_url": "https://a:b@eucora.example.org"}, "no user name"),
        ({"oidc_roles": {"a": "king"}}, "operator"),
        ({"oidc_scopes": "profile"}, "must contain openid"),
        ({"session_hours": 0}, "greater than or equal to 1"),
    ],
)
def test_settings_of_logins_are_complete_and_safe(stack: Stack, changed: dict[str, Any], named: str) -> None:
    assert Settings(**LOGINS).signing_keys == ["k" * 32]
    with pytest.raises(ValidationError) as error:
        Settings(**{**LOGINS, **changed})
    told = "".join(detail["msg"] for detail in error.value.errors(include_input=False))
    assert named in told
    assert "k" * 31 not in told


def test_logins_give_every_role(stack: Stack) -> None:
    assert get_args(RoleName) == tuple(role.value for role in Role)


def test_roles_that_are_not_json_are_named_as_such(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EUCORA_OIDC_ROLES", "release=operator")
    with pytest.raises(ValidationError) as error:
        Settings()
    (detail,) = error.value.errors(include_input=False)
    assert setting_of(detail["loc"]) == "EUCORA_OIDC_ROLES"
    assert "is not JSON" in detail["msg"]
    monkeypatch.setenv("EUCORA_OIDC_ROLES", '{"a": "admin"}')
    assert Settings().oidc_roles == {"a": "admin"}
    monkeypatch.setenv("EUCORA_OIDC_ROLES", "")
    assert Settings().oidc_roles == {}
