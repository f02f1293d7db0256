"""A half-open breaker lets one probe through at a time; a person may open and close it."""

from __future__ import annotations

from threading import Barrier, Event as Signal

import pytest
from flask import Flask

from app.connectors.breaker import FAULTS_TO_OPEN, PROBE_LASTS, State
from app.connectors.protocol import Connector, ErrorClass
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.threads import together
from tests.support.vendor import Slow, Vendor, call, fail, fault, half_open
from tests.support.waiting import PATIENCE

# One probe at a time


def test_only_one_probe_passes_at_a_time(vendor: Vendor, database: Flask, clock: Clock) -> None:
    from app.connectors import circuits

    half_open(vendor, clock)
    probe = Slow(database)
    with pytest.raises(circuits.BreakerOpen):
        call(vendor)
    assert vendor.calls == FAULTS_TO_OPEN
    probe.answer()
    assert call(vendor) == "done"
    assert circuits.state_of("simulated").successes == 2


def test_of_two_that_come_at_the_same_moment_one_probes(database: Flask, clock: Clock) -> None:
    from app.connectors import calling, circuits

    half_open(Vendor(), clock)
    at_once, refused_ones, probes, all_came = Barrier(4), list[str](), list[int](), Signal()

    def probe(_connector: Connector) -> None:
        probes.append(1)
        assert all_came.wait(PATIENCE)

    def work() -> None:
        with database.app_context():
            at_once.wait(PATIENCE)
            try:
                calling.call("simulated", "publish", probe)
            except circuits.BreakerOpen as error:
                refused_ones.append(str(error))
                if len(refused_ones) == 3:
                    all_came.set()

    together(*[work] * 4)
    assert (len(probes), len(refused_ones)) == (1, 3)
    assert circuits.state_of("simulated").successes == 1


def test_a_lost_probers_lease_ends_by_itself(vendor: Vendor, database: Flask, clock: Clock) -> None:
    from app.connectors import circuits

    half_open(vendor, clock)
    lost = Slow(database, fault())
    clock.advance(PROBE_LASTS.total_seconds())
    assert call(vendor) == "done"
    lost.answer()  # too late: it neither frees the lease of another nor opens the breaker again
    found = circuits.state_of("simulated")
    assert (found.state, found.successes) == (State.HALF_OPEN, 1)


def test_a_refused_request_as_a_probe_leaves_the_next_one_free(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    half_open(vendor, clock)
    fail(vendor, fault(ErrorClass.PERMANENT))
    found = circuits.state_of("simulated")
    assert (found.state, found.successes, found.probe_until) == (State.HALF_OPEN, 0, None)
    assert call(vendor) == "done"


# By hand

PATH = "/connectors/simulated/breaker"


def test_one_opened_by_hand_stays_open_until_it_is_closed_by_hand(client: Client, clock: Clock) -> None:
    from app.connectors import circuits

    vendor = Vendor()
    status, shown = client.post(PATH, {"state": "open", "reason": "the vendor is being upgraded"})
    assert (status, shown["state"], shown["retry_at"]) == (200, "open", None)
    assert client.get("/connectors/simulated") == shown
    clock.advance(30 * 24 * 3600)
    with pytest.raises(circuits.BreakerOpen, match="until a person closes it"):
        call(vendor)
    assert vendor.calls == 0
    status, shown = client.post(PATH, {"state": "closed", "reason": "it is back"})
    assert (status, shown["state"]) == (200, "closed")
    assert call(vendor) == "done"
    events = rows("SELECT actor, payload FROM events WHERE type = 'breaker.changed' ORDER BY id")
    assert [(it.actor, it.payload["from"], it.payload["to"], it.payload["reason"]) for it in events] == [
        ("tester", "closed", "open", "the vendor is being upgraded"),
        ("tester", "open", "closed", "it is back"),
    ]


def test_one_that_opened_by_itself_can_be_closed_or_held_by_hand(client: Client, clock: Clock) -> None:
    vendor = Vendor()
    fail(vendor, fault(), FAULTS_TO_OPEN)
    assert client.post(PATH, {"state": "open", "reason": "keep it so"})[1]["retry_at"] is None
    assert client.post(PATH, {"state": "closed", "reason": "try"})[1]["failures"] == 0
    assert call(vendor) == "done"


def test_an_answer_from_before_does_not_move_what_a_hand_opened(client: Client, database: Flask, clock: Clock) -> None:
    from app.connectors import circuits

    vendor = Vendor()
    for error in (None, fault()):
        half_open(vendor, clock)
        probe = Slow(database, error)
        client.post(PATH, {"state": "open", "reason": "stop"})
        held = circuits.state_of("simulated")
        probe.answer()
        assert circuits.state_of("simulated") == held
        client.post(PATH, {"state": "closed", "reason": "go on"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"state": "open"},
        {"state": "open", "reason": " "},
        {"state": "half_open", "reason": "x"},
        {"state": "open", "reason": "x", "retry_at": "2026-01-01T00:00:00Z"},
        {"state": "open", "reason": "x\0"},
    ],
)
def test_what_cannot_be_meant_is_refused(client: Client, body: dict[str, str]) -> None:
    refused(client.raw("POST", PATH, json=body), 422, "invalid")
    assert rows("SELECT 1 FROM breakers") == []


def test_a_breaker_of_no_connector_is_not_found(client: Client) -> None:
    body = {"state": "open", "reason": "x"}
    refused(client.raw("POST", "/connectors/typo/breaker", json=body), 404, "no-such-connector")


def test_the_same_request_again_is_answered_alike(client: Client, clock: Clock) -> None:
    key = {"Idempotency-Key": "one"}
    body = {"state": "open", "reason": "x"}
    first = client.raw("POST", PATH, json=body, headers=key)
    second = client.raw("POST", PATH, json=body, headers=key)
    assert first.json == second.json
    assert len(rows("SELECT 1 FROM events WHERE type = 'breaker.changed'")) == 1
