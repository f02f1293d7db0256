"""The one door to connectors: an open breaker lets no call through, and what opens it is read from the calls made."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.connectors.breaker import FAULTS_TO_OPEN, FIRST_WAIT, HEALTHY, PROBES_TO_CLOSE, State
from app.connectors.protocol import Connector, ConnectorError, ErrorClass
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.threads import together
from tests.support.vendor import Vendor, call, fail, fault
from tests.support.waiting import PATIENCE


def test_an_open_breaker_lets_no_call_through(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    fail(vendor, fault(), FAULTS_TO_OPEN)
    with pytest.raises(circuits.BreakerOpen) as refused:
        call(vendor)
    assert refused.value.error_class is ErrorClass.TRANSIENT
    assert vendor.calls == FAULTS_TO_OPEN
    clock.advance(FIRST_WAIT)
    for _ in range(PROBES_TO_CLOSE):
        assert call(vendor) == "done"
    assert circuits.state_of("simulated") == HEALTHY


def test_a_successful_call_in_between_restarts_the_count(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    for _ in range(3):
        fail(vendor, fault(), FAULTS_TO_OPEN - 1)
        assert call(vendor) == "done"
    assert circuits.state_of("simulated") == HEALTHY


def test_a_bad_probe_opens_it_again_and_retry_after_is_kept(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    fail(vendor, fault(), FAULTS_TO_OPEN)
    clock.advance(FIRST_WAIT)
    fail(vendor, fault(retry_after=1_000.0))
    clock.advance(999)
    with pytest.raises(circuits.BreakerOpen):
        call(vendor)
    clock.advance(1)
    assert call(vendor) == "done"
    assert vendor.calls == FAULTS_TO_OPEN + 2


def test_faults_at_the_same_moment_are_all_counted(database: Flask, clock: Clock) -> None:
    from app.connectors import calling, circuits

    all_came = Barrier(FAULTS_TO_OPEN)

    def refuse(_connector: Connector) -> None:
        all_came.wait(PATIENCE)
        raise fault()

    def work() -> None:
        with database.app_context(), pytest.raises(ConnectorError):
            calling.call("simulated", "publish", refuse)

    together(*[work] * FAULTS_TO_OPEN)
    found = circuits.state_of("simulated")
    assert (found.state, found.failures) == (State.OPEN, FAULTS_TO_OPEN)


def test_a_success_that_began_before_it_opened_does_not_close_it(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import calling, circuits

    fail(vendor, fault(), FAULTS_TO_OPEN - 1)

    def slow(_connector: Connector) -> None:
        fail(vendor, fault())  # elsewhere, meanwhile

    calling.call("simulated", "results", slow)
    assert circuits.state_of("simulated").state is State.OPEN


@pytest.mark.parametrize("error_class", [ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION])
def test_a_refused_request_says_nothing_of_the_vendors_health(
    vendor: Vendor, clock: Clock, error_class: ErrorClass
) -> None:
    from app.connectors import circuits

    fail(vendor, fault(error_class), 3 * FAULTS_TO_OPEN)
    assert circuits.state_of("simulated") == HEALTHY


def test_an_error_nobody_foresaw_is_of_the_class_unknown(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    assert fail(vendor, RuntimeError("odd"), FAULTS_TO_OPEN).error_class is ErrorClass.UNKNOWN
    assert circuits.state_of("simulated").state is State.OPEN


def test_changes_are_events_and_the_api_shows_the_breaker(api: Api, clock: Clock) -> None:
    from app.db import db
    from app.events.models import Event

    vendor = Vendor()
    fail(vendor, fault(), FAULTS_TO_OPEN)
    shown = api.get("/connectors/simulated")
    assert (shown["state"], shown["failures"]) == ("open", FAULTS_TO_OPEN)
    clock.advance(FIRST_WAIT)
    for _ in range(PROBES_TO_CLOSE):
        call(vendor)
    assert api.get("/connectors")["items"][0]["state"] == "closed"
    types = db.session.execute(db.select(Event.type, Event.payload).order_by(Event.id)).all()
    assert [type for type, _ in types].count("connector.call_failed") == FAULTS_TO_OPEN
    changes = [(payload["from"], payload["to"]) for type, payload in types if type == "breaker.changed"]
    assert changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


def test_each_call_is_timed_with_its_outcome(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import calling

    seen: list[tuple[str, str, str]] = []

    def observe(connector: str, operation: str, outcome: str, _seconds: float) -> None:
        seen.append((connector, operation, outcome))

    calling.install_observer(observe)
    try:
        call(vendor)
        fail(vendor, fault())
        fail(vendor, ValueError("odd"))
    finally:
        calling._observers.remove(observe)
    assert seen == [("simulated", "publish", outcome) for outcome in ("ok", "transient", "unknown")]


def test_an_unknown_connector_is_refused(database: Flask) -> None:
    from app.connectors import registry

    with pytest.raises(registry.UnknownConnector, match="Configured connectors: simulated"):
        registry.connector("typo")


# The share of faults


def commands(calls: int, faulty: int, clock: Clock, age: float = 0, **fields: Any) -> None:
    """Commands of a deployment as they are after calls that went well and calls that did not."""
    values = {"state": "retry_wait", "failure": "transient", "connector": "simulated", **fields}
    from app.db import db

    with db.engine.begin() as connection:
        ring = connection.execute(text("SELECT id, deployment_id FROM rings ORDER BY id LIMIT 1")).one()
        for n in range(calls):
            bad = n < faulty
            connection.execute(
                text("""
                    INSERT INTO commands (deployment_id, ring_id, connector, key, size, state, cursor, tries, failure,
                                          attempted_at)
                    VALUES (:deployment, :ring, :connector, gen_random_uuid(), 1, :state, '', 1, :failure, :at)
                """),
                {
                    "deployment": ring.deployment_id,
                    "ring": ring.id,
                    "connector": values["connector"],
                    "state": values["state"] if bad else "confirmed",
                    "failure": values["failure"] if bad else None,
                    "at": clock() - timedelta(seconds=age),
                },
            )


@pytest.fixture
def deployed(api: Api, clock: Clock) -> Vendor:
    """A deployment that commands can belong to; nothing of it was sent."""
    from app.deployments import progress

    api.register(100)
    api.deploy()
    progress.plan(1)
    return Vendor()


def test_half_of_the_last_minutes_calls_open_it(deployed: Vendor, clock: Clock) -> None:
    from app.connectors import circuits

    commands(18, 9, clock)
    fail(deployed, fault())  # the nineteenth
    assert circuits.state_of("simulated").state is State.CLOSED
    commands(1, 0, clock)
    fail(deployed, fault())  # of twenty, ten: nine in the table and this one
    assert circuits.state_of("simulated").state is State.OPEN
    (event,) = rows("SELECT payload FROM events WHERE type = 'breaker.changed'")
    assert event.payload["reason"] == "share_of_faults"


@pytest.mark.parametrize(
    "fields",
    [
        {"age": 61},
        {"connector": "jamf"},
        {"state": "failed"},
        {"state": "sending"},
        {"failure": "breaker_open"},
        {"failure": "not_running"},
        {"failure": "permanent", "state": "failed"},
    ],
)
def test_what_is_no_fault_of_the_last_minute_does_not_count(
    deployed: Vendor, clock: Clock, fields: dict[str, Any]
) -> None:
    from app.connectors import circuits

    commands(40, 40, clock, **fields)
    fail(deployed, fault())
    assert circuits.state_of("simulated").state is State.CLOSED


def test_a_good_call_writes_nothing(vendor: Vendor, clock: Clock) -> None:
    call(vendor)
    assert rows("SELECT 1 FROM breakers") == []
    assert rows("SELECT 1 FROM events") == []
