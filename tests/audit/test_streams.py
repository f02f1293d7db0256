"""`GET /events/stream`: what each reader gets, from where, and when a stream ends."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock as source
from app.audit import queries, streams
from app.audit.schemas import EventFilter, StreamQuery
from app.audit.streams import Stream
from app.db import db
from app.events.followers import newest
from app.events.models import Event
from app.events.unit import CommittedEvent, unit_of_work
from app.identity.roles import Role
from app.identity.scopes import UNLIMITED, Scopes
from app.identity.subjects import Caller
from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.events import blocks, events
from tests.support.http import Client, refused

STREAM = "/events/stream?seconds=0"


@pytest.fixture
def running(client: Client, work: Any) -> Client:
    """A client with two deployments, and a few dozen events."""
    client.register(10)
    client.deploy()
    client.deploy(application="notes")
    work()
    return client


def stream(client: Client, query: str = "", **request: Any) -> list[dict[str, Any]]:
    answer = client.raw("GET", STREAM + query, **request)
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/event-stream")
    return events(answer.text)


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/events?order=oldest&limit=500{query}")["items"]
    return found


def test_a_stream_has_what_the_list_has(running: Client) -> None:
    assert stream(running, "&after=0") == listed(running)
    assert stream(running, "&after=3") == listed(running, "&cursor=3")
    assert stream(running) == [], "by default it begins now"


def test_it_says_where_it_is_before_anything_happens(running: Client) -> None:
    head = listed(running)[-1]["id"]
    first, *rest = blocks(running.raw("GET", STREAM).text.splitlines())
    assert (first, rest) == ({"retry": "2000", "id": str(head)}, [])


def test_each_event_has_its_id_and_type(running: Client) -> None:
    text = running.raw("GET", f"{STREAM}&after=0").text
    found = [block for block in blocks(text.splitlines()) if "data" in block]
    assert [(int(block["id"]), block["event"]) for block in found] == [(it["id"], it["type"]) for it in listed(running)]


def test_the_header_counts_more_than_the_query(running: Client) -> None:
    after = stream(running, "&after=0", headers={"Last-Event-ID": "4"})
    assert [event["id"] for event in after] == [event["id"] for event in listed(running, "&cursor=4")]
    assert stream(running, "&after=4", headers={"Last-Event-ID": ""}) == after


def test_it_filters_as_the_list_does(running: Client) -> None:
    for query in ("&type=deployment.created", "&deployment_id=2", "&actor=tester", "&actor=system&deployment_id=1"):
        assert stream(running, f"&after=0{query}") == listed(running, query) != []


def test_one_event_is_judged_as_the_statement_judges_it(running: Client) -> None:
    rows = [CommittedEvent(*row) for row in db.session.execute(select(*queries.COLUMNS).order_by(Event.id))]
    middle = rows[len(rows) // 2]
    values: dict[str, list[Any]] = {
        "type": [None, middle.type, "no.such"],
        "actor": [None, "tester", "Tester"],
        "deployment_id": [None, 2],
        "since": [None, middle.at],
        "until": [None, middle.at, middle.at + timedelta(seconds=1)],
    }
    for chosen in product(*values.values()):
        query = EventFilter(**dict(zip(values, chosen, strict=True)))
        statement = queries.filtered(select(Event.id).order_by(Event.id), query)
        assert [row.id for row in rows if streams.matches(row, query)] == list(db.session.scalars(statement)), query


def test_a_limited_token_gets_what_it_reaches(running: Client, database: Flask) -> None:
    limited = Client(database.test_client(), make_token("limited", Role.VIEWER, Scopes(applications=("notes",))))
    assert stream(limited, "&after=0") == listed(running, "&deployment_id=2") != []
    assert stream(limited, "&after=0&deployment_id=1") == []
    device = Client(database.test_client(), make_token("agent", Role.REPORTER, Scopes(device="dev-00001")))
    refused(device.raw("GET", STREAM), 403, "out-of-scope")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("&after=-1", "after"),
        ("&after=one", "after"),
        ("&after=99999999999999999999", "after"),
        ("&seconds=601", "seconds"),
        ("&type=Nonsense", "type"),
        ("&limit=5", "limit"),
    ],
)
def test_a_bad_query_is_refused(client: Client, query: str, field: str) -> None:
    refused(client.raw("GET", f"/events/stream?{query.removeprefix('&')}"), 422, "invalid", field)


@pytest.mark.parametrize("last", ["-1", "abc", "1.5", "99999999999999999999", "9223372036854775808", "1,2"])
def test_a_bad_header_is_refused(client: Client, last: str) -> None:
    refused(client.raw("GET", STREAM, headers={"Last-Event-ID": last}), 422, "invalid", "Last-Event-ID")


def test_it_needs_a_token(client: Client) -> None:
    refused(client.raw("GET", STREAM, headers={"Authorization": ""}), 401, "unauthenticated")


def test_head_does_not_stream(client: Client) -> None:
    answer = client.raw("HEAD", "/events/stream")
    assert (answer.status_code, answer.data) == (200, b"")


def test_a_page_goes_on_where_the_page_before_ended(running: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PAGE", 3)
    assert stream(running, "&after=0") == listed(running)
    assert stream(running, "&after=0&deployment_id=2") == listed(running, "&deployment_id=2")


def test_following_and_paging_give_the_same(database: Flask) -> None:
    """Wherever a stream begins, and whether it follows or pages, it has each event once and in order."""
    caller = Caller(1, "tester", Role.ADMIN, UNLIMITED)
    reader = Stream(caller, StreamQuery(), 0, 0, now=0.0)
    got = b""
    for turn in range(6):
        before = newest(db.session())
        with unit_of_work("tester") as unit:
            unit.record("subject.roles_changed", {"turn": turn})
            unit.record("token.created", {"turn": turn})
        head = newest(db.session())
        if turn % 3 == 2:
            rows = db.session.execute(select(*queries.COLUMNS).where(Event.id > before).order_by(Event.id))
            got += reader.follow(db.session(), [CommittedEvent(*row) for row in rows], head, now=0.0)
        elif turn % 3 == 1:
            got += reader.next_page(db.session(), head, now=0.0)
    assert [event["id"] for event in events(got.decode())] == list(range(1, 13))


def test_a_silent_stream_says_how_far_it_is(database: Flask) -> None:
    quiet = Stream(Caller(1, "tester", Role.ADMIN), StreamQuery(), 7, 7, now=100.0)
    assert quiet.heartbeat(100.0 + streams.HEARTBEAT - 1) == b""
    assert quiet.heartbeat(100.0 + streams.HEARTBEAT) == b":\nid: 7\n\n"
    assert quiet.heartbeat(101.0 + streams.HEARTBEAT) == b"", "not twice"


def test_a_stream_ends_in_time_but_not_before_it_has_begun(database: Flask) -> None:
    behind = Stream(Caller(1, "tester", Role.ADMIN), StreamQuery(seconds=5), head=7, position=0, now=100.0)
    assert not behind.is_over(200.0)
    behind.position = 7
    assert (behind.is_over(104.0), behind.is_over(105.0)) == (False, True)


def test_a_token_that_ends_is_no_longer_accepted(database: Flask, clock: Clock) -> None:
    from app.identity.lookup import still_accepted
    from app.identity.models import Token

    with unit_of_work("test") as unit:
        make_token("stays"), make_token("expires"), make_token("revoked"), make_token("loses")
        ids = {token.id: token for token in unit.session.scalars(select(Token).order_by(Token.id))}
        stays, expires, revoked, loses = ids.values()
        expires.expires_at = source.now() + timedelta(minutes=1)
        revoked.revoked_at = source.now()
        loses.role = Role.OPERATOR.value
    assert still_accepted(db.session(), ids, source.now()) == {stays.id, expires.id, loses.id}
    clock.advance(120)
    assert still_accepted(db.session(), [*ids, 99], source.now()) == {stays.id, loses.id}
