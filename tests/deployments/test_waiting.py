"""`GET /deployments/{id}?wait=`, in one process: when it answers, and with what."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.audit import waits
from app.audit.waits import Wait
from app.db import db
from app.events.unit import CommittedEvent, unit_of_work
from app.http import parking
from app.identity.roles import Role
from app.identity.scopes import Scopes
from tests.support.api import make_token
from tests.support.http import Client, refused

LONG = 60


@pytest.fixture
def deployed(client: Client) -> Client:
    """A client with a deployment at version 1."""
    client.register(10)
    client.deploy()
    return client


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[object]]:
    """Have something done as soon as a request waits; what it returned."""

    def arrange(do: Callable[[], object]) -> list[object]:
        done: list[object] = []

        def pause(_seconds: float) -> None:
            if not done:
                done.append(do())

        monkeypatch.setattr("app.audit.waits.sleep", pause)
        return done

    return arrange


def test_a_later_version_is_answered_at_once(deployed: Client) -> None:
    for query in (f"wait={LONG}&version=0", "wait=0&version=1", "wait=0", ""):
        assert deployed.get(f"/deployments/1?{query}")["version"] == 1


def test_it_answers_when_the_version_changes(deployed: Client, meanwhile: Any, work: Any) -> None:
    work()
    version = deployed.get("/deployments/1")["version"]
    done = meanwhile(lambda: deployed.post("/deployments/1/pause", {"reason": "a look"})[0])
    answer = deployed.get(f"/deployments/1?wait={LONG}&version={version}")
    assert (answer["state"], answer["version"] > version, done) == ("paused", True, [200])


def test_when_time_is_over_the_answer_is_how_it_is(deployed: Client) -> None:
    assert deployed.get("/deployments/1?wait=1&version=1")["version"] == 1
    etag = deployed.raw("GET", "/deployments/1").headers["ETag"]
    answer = deployed.raw("GET", "/deployments/1?wait=1", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, etag)
    both = deployed.raw("GET", "/deployments/1?wait=1&version=1", headers={"If-None-Match": etag})
    assert both.status_code == 304


def test_with_an_etag_it_answers_when_anything_changes(deployed: Client, meanwhile: Any, work: Any) -> None:
    work()  # what is not planned has no holds
    etag = deployed.raw("GET", "/deployments/1").headers["ETag"]
    done = meanwhile(lambda: deployed.post("/freezes", {"reason": "quarter end"})[0])
    answer = deployed.raw("GET", f"/deployments/1?wait={LONG}", headers={"If-None-Match": etag})
    assert (answer.status_code, done) == (200, [201])
    assert answer.headers["ETag"] != etag
    assert [hold["hold"] for hold in answer.json["holds"]] == ["freeze"]


def test_no_transaction_is_open_while_it_waits(deployed: Client, meanwhile: Any) -> None:
    def look() -> tuple[int, bool]:
        pool = db.engine.pool
        return pool.checkedout(), deployed.post("/deployments/1/abort", {"reason": "seen"})[0] == 200  # type: ignore[attr-defined]  # a QueuePool

    db.session.remove()
    done = meanwhile(look)
    deployed.get(f"/deployments/1?wait={LONG}&version=1")
    assert done == [(0, True)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("wait=61&version=1", "wait"),
        ("wait=-1&version=1", "wait"),
        ("wait=soon&version=1", "wait"),
        ("wait=1.5&version=1", "wait"),
        ("wait=&version=1", "wait"),
        ("wait=30", "version"),
        ("version=1", "wait"),
        ("wait=30&version=-1", "version"),
        ("wait=30&version=two", "version"),
        ("wait=30&version=9223372036854775808", "version"),
        ("waits=30", "waits"),
    ],
)
def test_a_bad_query_is_refused(deployed: Client, query: str, field: str) -> None:
    refused(deployed.raw("GET", f"/deployments/1?{query}"), 422, "invalid", field)


def test_a_bad_etag_is_refused_at_once(deployed: Client) -> None:
    answer = deployed.raw("GET", f"/deployments/1?wait={LONG}", headers={"If-None-Match": "three"})
    refused(answer, 422, "invalid")


def test_what_cannot_be_read_is_not_waited_for(deployed: Client, database: Flask) -> None:
    refused(deployed.raw("GET", f"/deployments/9?wait={LONG}&version=1"), 404, "no-such-deployment")
    limited = Client(database.test_client(), make_token("limited", Role.VIEWER, Scopes(applications=("notes",))))
    refused(limited.raw("GET", f"/deployments/1?wait={LONG}&version=1"), 403, "out-of-scope")


def test_head_never_waits(deployed: Client) -> None:
    assert deployed.raw("HEAD", f"/deployments/1?wait={LONG}&version=1").status_code == 200


def test_a_few_threads_at_a_time_are_held(deployed: Client) -> None:
    with parking.holding(), parking.holding(), parking.holding(), parking.holding():
        answer = deployed.raw("GET", f"/deployments/1?wait={LONG}&version=1")
        refused(answer, 503, "too-many-waiting")
        assert answer.headers["Retry-After"] == "5"
        refused(deployed.raw("GET", "/events/stream"), 503, "too-many-waiting")
        assert deployed.get("/deployments/1?wait=0")["version"] == 1


def test_places_are_counted_by_token_and_in_all() -> None:
    places = parking.Places(most=3, most_of_token=2)
    visits = [parking.Visit(places) for _ in range(4)]
    visits[0].take_place(1)
    visits[0].take_place(1)  # a request has one place, however often it is handled
    visits[1].take_place(1)
    with pytest.raises(parking.TooManyOfToken):
        visits[2].take_place(1)
    visits[2].take_place(2)
    with pytest.raises(parking.TooManyWaiting):
        visits[3].take_place(3)
    visits[0].leave()
    visits[0].leave()
    visits[3].take_place(3)


def test_places_are_exact_with_many_threads() -> None:
    places, taken = parking.Places(most=50, most_of_token=40), []

    def take(token: int) -> None:
        for _ in range(30):
            visit = parking.Visit(places)
            try:
                visit.take_place(token)
            except (parking.TooManyOfToken, parking.TooManyWaiting):
                continue
            taken.append(token)

    threads = [threading.Thread(target=take, args=(number % 2,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 50
    assert max(taken.count(0), taken.count(1)) <= 40


def changed(deployment_id: int | None, type: str = "deployment.paused") -> CommittedEvent:
    return CommittedEvent(5, None, type, "tester", deployment_id, {})  # type: ignore[arg-type]  # no one reads its time


def test_a_wait_is_due_for_what_it_waits_for(deployed: Client) -> None:
    now = time.monotonic()
    waiting = [Wait(1, 0, 1, now + LONG), Wait(2, 0, 1, now + LONG), Wait(1, 0, None, now + LONG)]
    later, other, any_change = waiting

    def due(*events: CommittedEvent, at: float = now) -> list[Wait]:
        return waits.due(db.session(), waiting, events, at)

    assert due(changed(3)) == due(changed(1)) == [], "the version is the same, and something changed a moment ago"
    assert due(at=now + 2 * waits.AGAIN) == [any_change]
    with unit_of_work("tester") as unit:
        unit.session.execute(db.text("UPDATE deployments SET version = 2 WHERE id = 1"))
    assert later not in due(), "nothing was said of it"
    assert later in due(changed(1))
    assert other not in due(changed(None, "freeze.declared"), at=now + 10)
    assert set(due(at=now + LONG)) == set(waiting)


def test_a_request_that_is_handled_again_is_known_as_such() -> None:
    assert not parking.is_resumed()
    visit = parking.Visit(parking.Places())
    with parking.visiting(visit):
        assert not parking.is_resumed(), "it comes for the first time, and is counted by limits of rates"
        visit.until = 1.0
        assert parking.is_resumed()
    assert not parking.is_resumed()
