"""`GET /events`: filters, pages, and the same lines as a deployment's own list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from app.http.serialization import timestamp
from tests.support.clock import Clock
from tests.support.http import Client, refused


def write(actor: str, type: str, deployment_id: int | None = None) -> None:
    from app.events.unit import unit_of_work

    with unit_of_work(actor) as unit:
        unit.record(type, {"by": actor}, deployment_id=deployment_id)


@pytest.fixture
def start(database: Flask, client: Client, clock: Clock) -> Clock:
    """Six events, a minute apart; the clock stands a minute after the last."""
    for actor, type, deployment_id in (
        ("anna", "test.asked", None),
        ("boris", "test.asked", 1),
        ("anna", "test.done", 1),
        ("boris", "test.done", 2),
        ("anna", "test.asked", 2),
        ("Jürgen & Söhne", "test.done", None),
    ):
        write(actor, type, deployment_id)
        clock.advance(60)
    return clock


def ids(client: Client, query: str = "") -> list[int]:
    return [item["id"] for item in client.get(f"/events?order=oldest&{query}")["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("type=test.asked", [1, 2, 5]),
        ("actor=anna", [1, 3, 5]),
        (f"actor={quote('Jürgen & Söhne')}", [6]),
        ("deployment_id=2", [4, 5]),
        ("deployment_id=3", []),
        ("actor=anna&type=test.asked&deployment_id=2", [5]),
        ("actor=ann", []),
        ("type=test.never", []),
    ],
)
def test_filters_narrow_and_add_up(client: Client, start: Clock, query: str, expected: list[int]) -> None:
    assert ids(client, query) == expected


def test_since_is_in_and_until_is_not(client: Client, start: Clock) -> None:
    times = [client.get("/events?order=oldest")["items"][number]["at"] for number in range(6)]
    exact = [quote((start() - timedelta(seconds=60 * (6 - number))).isoformat()) for number in range(6)]
    assert ids(client, f"since={exact[2]}") == [3, 4, 5, 6]
    assert ids(client, f"until={exact[2]}") == [1, 2]
    assert ids(client, f"since={exact[1]}&until={exact[4]}&actor=boris") == [2, 4]
    assert times == [timestamp(start() - timedelta(seconds=60 * (6 - number))) for number in range(6)]


def test_pages_meet_without_gap_or_overlap_also_when_the_log_grows(client: Client, start: Clock) -> None:
    first = client.get("/events?order=oldest&actor=anna&limit=2")
    assert ([item["id"] for item in first["items"]], first["next"]) == ([1, 3], 3)
    write("anna", "test.asked")
    second = client.get(f"/events?order=oldest&actor=anna&limit=2&cursor={first['next']}")
    assert ([item["id"] for item in second["items"]], second["next"]) == ([5, 7], None)


def test_a_line_has_everything_but_the_hashes(client: Client, start: Clock) -> None:
    (line,) = client.get("/events?order=oldest&deployment_id=1&actor=anna")["items"]
    assert line == {
        "id": 3,
        "at": timestamp(start() - timedelta(seconds=240)),
        "type": "test.done",
        "actor": "anna",
        "deployment_id": 1,
        "payload": {"by": "anna"},
    }


def test_a_deployments_own_list_has_the_same_lines(client: Client) -> None:
    client.register(10)
    number = client.deploy()["id"]
    own: dict[str, Any] = client.get(f"/deployments/{number}/events?order=oldest")
    assert own["items"]
    assert own == client.get(f"/events?order=oldest&deployment_id={number}")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("until=9999-12-31T23:59:59Z", "until"),
        ("type=Robert'); DROP TABLE events", "type"),
        ("actor=%00", "actor"),
        ("deployment_id=0", "deployment_id"),
        ("deployment_id=one", "deployment_id"),
        ("cursor=-1", "cursor"),
        ("limit=501", "limit"),
        ("colour=blue", "colour"),
    ],
)
def test_a_query_that_is_wrong_is_refused_and_the_parameter_named(client: Client, query: str, field: str) -> None:
    refused(client.raw("GET", f"/events?{query}"), 422, "invalid", field)


def test_the_list_needs_a_token(database: Flask) -> None:
    refused(database.test_client().get("/api/v1/events"), 401, "unauthenticated")
