"""A token's whole life over REST: each way from one state to the next, and what it leaves in the log."""

from __future__ import annotations

import contextvars
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.db import db
from app.identity import lookup
from tests.support.api import deployment, make_token
from tests.support.clock import Clock
from tests.support.database import nothing_changed, nothing_written, rows
from tests.support.http import Client, refused

DAY = timedelta(days=1)
REVOKED = ("token.revoked",)


def created(client: Client, **fields: Any) -> dict[str, Any]:
    """A token of a new operator, unless the fields say otherwise."""
    status, body = client.post("/tokens", {"subject": "olga", "role": "operator", **fields})
    assert status == 201, body
    return dict(body)


def speaking(app: Flask, secret: str) -> Client:
    return Client(app.test_client(), secret)


def status(app: Flask, secret: str) -> int:
    return int(speaking(app, secret).raw("GET", "/deployments").status_code)


def events(*types: str) -> list[Any]:
    return [row for row in rows("SELECT type, actor, payload FROM events ORDER BY id") if row.type in types]


def test_a_token_is_created_used_rotated_and_revoked(database: Flask, client: Client, clock: Clock) -> None:
    token = created(client, description="the release pipeline", kind="service")
    secret, path = token.pop("secret"), f"/tokens/{token['id']}"
    assert client.get(path) == token
    assert token["state"] == "usable"
    assert (token["created_by"], token["expires_at"][:10]) == ("tester", f"{clock.time + 365 * DAY:%Y-%m-%d}")
    assert secret.startswith(token["prefix"])
    assert speaking(database, secret).post("/deployments", deployment())[1]["requested_by"] == "olga"

    rotated = client.post(f"{path}/rotate", {"overlap_hours": 2})[1]
    assert rotated["id"] == token["id"]
    assert rotated["prefix"] != token["prefix"]
    assert status(database, secret) == status(database, rotated["secret"]) == 200
    clock.advance(2 * 3600)
    assert (status(database, secret), status(database, rotated["secret"])) == (401, 200)

    shown = client.post(f"{path}/revoke", {"reason": "the pipeline is retired"})[1]
    assert (shown["state"], shown["revoked_by"], shown["revoke_reason"]) == (
        "revoked",
        "tester",
        "the pipeline is retired",
    )
    assert (status(database, secret), status(database, rotated["secret"])) == (401, 401)
    assert [
        (it.type, it.actor, it.payload["subject"], it.payload["kind"])
        for it in events("token.created", "token.rotated", "token.revoked")
    ] == [(f"token.{what}", "tester", "olga", "service") for what in ("created", "rotated", "revoked")]


def test_a_secret_is_in_no_row_and_in_no_event(client: Client) -> None:
    token = created(client)
    secrets = [token["secret"], client.post(f"/tokens/{token['id']}/rotate", {"overlap_hours": 1})[1]["secret"]]
    with db.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars()
        for table in list(tables):
            stored = connection.exec_driver_sql(f"SELECT CAST(it AS text) FROM {table} AS it").scalars().all()
            for secret in secrets:
                assert not any(secret in row or secret[13:] in row for row in stored), table
    assert all(name not in it for it in client.get("/tokens")["items"] for name in ("secret", "hash"))


def test_a_repeated_request_makes_one_token_and_shows_its_secret_once(client: Client) -> None:
    body, key = {"subject": "olga", "role": "operator"}, {"Idempotency-Key": "one"}
    with nothing_written(events=1, idempotency_keys=1):
        first, second = (client.raw("POST", "/tokens", json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == {**first.json, "secret": None}
    (stored,) = rows("SELECT convert_from(body, 'UTF8') AS body FROM idempotency_keys")
    assert first.json["secret"] not in stored.body


LIFETIMES: dict[str, tuple[dict[str, Any], int]] = {
    "person": ({}, 90),
    "service": ({"kind": "service"}, 365),
    "reporter": ({"role": "reporter", "scopes": {"connector": "simulated"}}, 365),
    "person, longer": ({"expires_in_days": 365}, 365),
    "service, longer": ({"kind": "service", "expires_in_days": 730}, 730),
    "a day": ({"expires_in_days": 1}, 1),
}


@pytest.mark.parametrize("case", LIFETIMES)
def test_a_token_expires(database: Flask, clock: Clock, case: str) -> None:
    fields, days = LIFETIMES[case]
    client = Client(database.test_client(), make_token("tester"))
    token = created(client, **fields)
    clock.advance(days * 86_400 - 1)
    assert status_of(database, token["secret"]) == 200
    clock.advance(1)
    answer = speaking(database, token["secret"]).raw("GET", "/whoami")
    assert "expired at" in refused(answer, 401, "unauthenticated")["detail"]
    assert client.get(f"/tokens/{token['id']}")["state"] == "expired"
    assert [it["id"] for it in client.get("/tokens?state=expired")["items"]] == [token["id"]]


def status_of(app: Flask, secret: str) -> int:
    """Of the one path that every token may use."""
    return int(speaking(app, secret).raw("GET", "/whoami").status_code)


def test_a_rotation_renews_and_without_an_overlap_ends_the_old_secret(
    database: Flask, client: Client, clock: Clock
) -> None:
    token = created(client)
    clock.advance(80 * 86_400)
    rotated = client.post(f"/tokens/{token['id']}/rotate", {"expires_in_days": 30})[1]
    assert rotated["expires_at"][:10] == f"{clock.time + 30 * DAY:%Y-%m-%d}"
    assert rotated["previous_until"] is None
    detail = refused(speaking(database, token["secret"]).raw("GET", "/whoami"), 401, "unauthenticated")["detail"]
    assert "unknown" in detail
    assert status(database, rotated["secret"]) == 200


def test_an_overlap_never_prolongs_the_old_secret(database: Flask, client: Client, clock: Clock) -> None:
    token = created(client, expires_in_days=1)
    clock.advance(23 * 3600)
    client.post(f"/tokens/{token['id']}/rotate", {"overlap_hours": 48})
    clock.advance(3600)
    detail = refused(speaking(database, token["secret"]).raw("GET", "/whoami"), 401, "unauthenticated")["detail"]
    assert "rotated" in detail


def test_a_second_rotation_ends_the_first_secret(database: Flask, client: Client) -> None:
    token = created(client)
    second = client.post(f"/tokens/{token['id']}/rotate", {"overlap_hours": 24})[1]["secret"]
    third = client.post(f"/tokens/{token['id']}/rotate", {"overlap_hours": 24})[1]["secret"]
    assert [status(database, secret) for secret in (token["secret"], second, third)] == [401, 200, 200]


REJECTED: dict[str, tuple[dict[str, Any], int, str, tuple[str, ...]]] = {
    "no subject": ({"subject": " "}, 422, "invalid", ("subject",)),
    "an invisible character": ({"subject": "an\u200ena"}, 422, "invalid", ("subject",)),
    "the program": ({"subject": "System"}, 422, "invalid-token", ("subject",)),
    "no role": ({"role": "king"}, 422, "invalid", ("role",)),
    "a role above": ({"subject": "VERA", "role": "admin"}, 409, "role-not-granted", ("role",)),
    "another kind": ({"subject": "vera", "role": "viewer", "kind": "service"}, 422, "invalid-token", ("kind",)),
    "too long": ({"expires_in_days": 366}, 422, "invalid-token", ("expires_in_days",)),
    "for ever": ({"expires_in_days": 731}, 422, "invalid", ("expires_in_days",)),
    "never": ({"expires_in_days": 0}, 422, "invalid", ("expires_in_days",)),
    "an unbound reporter": ({"role": "reporter"}, 422, "invalid-token", ("scopes",)),
    "an unknown limit": ({"scopes": {"rings": ["lab"]}}, 422, "invalid", ("scopes.rings",)),
    "two connectors": ({"scopes": {"connector": ["a", "b"]}}, 422, "invalid", ("scopes.connector",)),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_would_be_no_good_token_is_rejected(client: Client, case: str) -> None:
    fields, code, slug, named = REJECTED[case]
    created(client, subject="Vera", role="viewer")
    with nothing_changed():
        answer = client.raw("POST", "/tokens", json={"subject": "olga", "role": "operator", **fields})
        refused(answer, code, slug, *named)


def test_a_role_is_granted_only_on_request(client: Client) -> None:
    created(client, subject="vera", role="viewer")
    body = {"subject": "vera", "role": "operator"}
    assert "grant_role" in refused(client.raw("POST", "/tokens", json=body), 409, "role-not-granted")["detail"]
    assert client.post("/tokens", {**body, "grant_role": True})[0] == 201
    (vera,) = (it for it in client.get("/subjects")["items"] if it["name"] == "vera")
    assert vera["roles"] == ["operator", "viewer"]
    assert client.post("/tokens", {**body, "role": "reporter", "scopes": {"device": "pc-1"}})[0] == 201
    refused(client.raw("POST", "/tokens", json={**body, "role": "approver"}), 409, "role-not-granted")


def test_there_is_one_subject_whatever_the_case_of_its_name(client: Client) -> None:
    names = [created(client, subject=name)["subject"] for name in ("Straße", "STRASSE", " strasse ", "Straße")]
    assert set(names) == {"Straße"}
    assert [it["id"] for it in client.get("/tokens?order=oldest&subject=sTRASSE")["items"]] == [2, 3, 4, 5]


ENDED = {
    "revoke a revoked one": ("revoke", "revoke", 409),
    "rotate a revoked one": ("revoke", "rotate", 409),
    "rotate an expired one": ("expire", "rotate", 409),
    "revoke an expired one": ("expire", "revoke", 200),
}


@pytest.mark.parametrize("case", ENDED)
def test_what_has_ended_stays_ended(client: Client, clock: Clock, case: str) -> None:
    how, then, code = ENDED[case]
    path = f"/tokens/{created(client)['id']}"
    if how == "expire":
        clock.advance(91 * 86_400)
    else:
        client.post(f"{path}/revoke", {"reason": "over"})
    body = {"reason": "over"} if then == "revoke" else {}
    answer = client.raw("POST", f"{path}/{then}", json=body)
    if code == 200:
        assert answer.json["state"] == "revoked"
    else:
        refused(answer, code, "token-ended")


def test_who_revokes_says_why(client: Client) -> None:
    path = f"/tokens/{created(client)['id']}/revoke"
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}):
        with nothing_changed():
            refused(client.raw("POST", path, json=body), 422, "invalid", "reason")


def test_tokens_that_do_not_exist(client: Client) -> None:
    for method, path, body in (
        ("GET", "/tokens/77", None),
        ("POST", "/tokens/77/rotate", {}),
        ("POST", "/tokens/77/revoke", {"reason": "x"}),
    ):
        refused(client.raw(method, path, json=body), 404, "no-such-token")
    answer = client.raw("PUT", "/subjects/77/roles", json={"roles": [], "reason": "x"})
    refused(answer, 404, "no-such-subject")


def test_a_subject_that_loses_a_role_loses_the_tokens_above_it(database: Flask, client: Client) -> None:
    above = created(client, subject="olga", role="operator")
    within = created(client, subject="Olga", role="viewer")
    path = f"/subjects/{above['subject_id']}/roles"
    changed = client.raw("PUT", path, json={"roles": ["viewer"], "reason": "another job"})
    assert changed.json["roles"] == ["viewer"]
    assert (status(database, above["secret"]), status(database, within["secret"])) == (401, 200)
    (event,) = events("subject.roles_changed")
    assert (event.actor, event.payload["before"], event.payload["roles"]) == ("tester", ["operator"], ["viewer"])
    assert [it.payload["token_id"] for it in events(*REVOKED)] == [above["id"]]
    with nothing_written():
        client.raw("PUT", path, json={"roles": ["viewer"], "reason": "again"})
    client.raw("PUT", path, json={"roles": [], "reason": "left"})
    assert status(database, within["secret"]) == 401


def test_a_token_above_its_subject_is_refused_even_if_somebody_wrote_it(database: Flask, client: Client) -> None:
    token = created(client)
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subjects SET roles = '{viewer}' WHERE name = 'olga'")
    answer = speaking(database, token["secret"]).raw("GET", "/deployments")
    assert "no longer has the role operator" in refused(answer, 401, "unauthenticated")["detail"]


def test_who_am_i(database: Flask, client: Client) -> None:
    token = created(client, role="viewer", scopes={"applications": ["vpn", "chat", "vpn"]})
    me = speaking(database, token["secret"]).get("/whoami")
    assert (me["subject"], me["kind"], me["role"]) == ("olga", "person", "viewer")
    assert me["scopes"] == {
        "business_units": [],
        "applications": ["vpn", "chat"],
        "connector": None,
        "device": None,
    }
    assert me["token"]["id"] == token["id"]
    assert "secret" not in me["token"]
    assert contextvars.Context().run(lambda: database.test_client().get("/api/v1/whoami")).status_code == 401


ENDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "revoked": ("revoke", {"reason": "stolen"}),
    "rotated": ("rotate", {}),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_a_token_that_this_process_ended_reads_nothing_while_the_database_is_down(
    database: Flask, client: Client, case: str
) -> None:
    """The 15 minutes in which dashboards outlive the database are for tokens that nobody has ended."""
    end, body = ENDINGS[case]
    ended, kept = created(client, role="viewer"), created(client, subject="vera", role="viewer")
    for token in (ended, kept):
        assert status(database, token["secret"]) == 200
        assert lookup.was_accepted_lately(token["secret"])
    client.post(f"/tokens/{ended['id']}/{end}", body)
    assert not lookup.was_accepted_lately(ended["secret"])
    assert lookup.was_accepted_lately(kept["secret"])


def test_tokens_are_listed_in_pages_and_by_what_they_are(client: Client) -> None:
    ids = [created(client, subject=f"olga {n}")["id"] for n in range(3)]
    first = client.get("/tokens?order=oldest&role=operator&limit=2")
    assert [it["id"] for it in first["items"]] == ids[:2]
    second = client.get(f"/tokens?order=oldest&role=operator&cursor={first['next']}")
    assert [it["id"] for it in second["items"]] == ids[2:]
    assert client.get("/tokens?subject=nobody") == {"items": [], "next": None}
    refused(client.raw("GET", "/tokens?state=lost"), 422, "invalid", "state")
