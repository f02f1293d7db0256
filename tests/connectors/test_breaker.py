"""The circuit breaker: its rules, and that an open one lets no call through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.breaker import (
    FAULTS_TO_OPEN,
    FIRST_WAIT,
    GAUGE_VALUE,
    HEALTHY,
    LONGEST_WAIT,
    PROBES_TO_CLOSE,
    BreakerState,
    State,
    after_fault,
    after_success,
    before_call,
)
from app.connectors.protocol import Connector, ConnectorError, ErrorClass
from tests.conftest import Api, Clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opened(now: datetime = NOW, retry_after: float | None = None) -> BreakerState:
    breaker = HEALTHY
    for _ in range(FAULTS_TO_OPEN):
        breaker = after_fault(breaker, now, retry_after)
    return breaker


def test_five_faults_in_a_row_open_it() -> None:
    breaker = HEALTHY
    for number in range(1, FAULTS_TO_OPEN):
        breaker = after_fault(breaker, NOW)
        assert (breaker.state, breaker.failures) == (State.CLOSED, number)
        assert before_call(breaker, NOW) is breaker
    breaker = after_fault(breaker, NOW)
    assert breaker.state is State.OPEN
    assert before_call(breaker, NOW) is None


@given(st.lists(st.booleans(), max_size=60))
def test_it_opens_with_five_faults_in_a_row_and_never_with_fewer(calls: list[bool]) -> None:
    breaker, in_a_row = HEALTHY, 0
    for good in calls:
        breaker = after_success(breaker) if good else after_fault(breaker, NOW)
        in_a_row = 0 if good else in_a_row + 1
        assert (breaker.state is State.OPEN) == (in_a_row == FAULTS_TO_OPEN)
        if breaker.state is State.OPEN:
            return


def test_it_stays_open_until_its_wait_is_over() -> None:
    breaker = opened()
    assert breaker.retry_at == NOW + timedelta(seconds=FIRST_WAIT)
    assert before_call(breaker, NOW + timedelta(seconds=FIRST_WAIT, microseconds=-1)) is None
    probing = before_call(breaker, NOW + timedelta(seconds=FIRST_WAIT))
    assert probing is not None
    assert probing.state is State.HALF_OPEN


def test_three_good_probes_close_it_and_all_is_forgotten() -> None:
    breaker = before_call(opened(), NOW + timedelta(hours=1))
    for _ in range(PROBES_TO_CLOSE - 1):
        assert breaker is not None
        breaker = after_success(breaker)
        assert breaker.state is State.HALF_OPEN
    assert breaker is not None
    assert after_success(breaker) == HEALTHY


@pytest.mark.parametrize("good", range(PROBES_TO_CLOSE))
def test_one_bad_probe_opens_it_again_for_twice_as_long(good: int) -> None:
    later = NOW + timedelta(hours=1)
    breaker = before_call(opened(), later)
    assert breaker is not None
    for _ in range(good):
        breaker = after_success(breaker)
    breaker = after_fault(breaker, later)
    assert breaker.state is State.OPEN
    assert breaker.retry_at == later + timedelta(seconds=2 * FIRST_WAIT)
    probing = before_call(breaker, later + timedelta(hours=1))
    assert probing is not None
    assert probing.successes == 0  # good probes from before do not count


def test_the_wait_doubles_up_to_ten_minutes() -> None:
    breaker, now, waits = opened(), NOW, [FIRST_WAIT]
    for _ in range(6):
        now += timedelta(hours=1)
        probing = before_call(breaker, now)
        assert probing is not None
        breaker = after_fault(probing, now)
        assert breaker.retry_at is not None
        waits.append(round((breaker.retry_at - now).total_seconds()))
    assert waits == [60, 120, 240, 480, 600, 600, 600]
    assert waits[-1] == LONGEST_WAIT


@given(st.floats(0, 10_000))
def test_the_vendors_retry_after_is_honoured(seconds: float) -> None:
    breaker = opened(retry_after=seconds)
    assert breaker.retry_at == NOW + timedelta(seconds=max(seconds, float(FIRST_WAIT)))
    assert breaker.wait_seconds == FIRST_WAIT  # the vendor's wait is not ours to double


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 2_000), st.one_of(st.none(), st.floats(0, 5_000))), max_size=80)
)
def test_in_every_history_it_behaves(calls: list[tuple[bool, int, float | None]]) -> None:
    breaker, now, history = HEALTHY, NOW, [State.CLOSED]
    for good, seconds, retry_after in calls:
        now += timedelta(seconds=seconds)
        allowed = before_call(breaker, now)
        if allowed is None:
            assert breaker.retry_at is not None
            assert now < breaker.retry_at
            continue
        breaker = after_success(allowed) if good else after_fault(allowed, now, retry_after)
        history += [allowed.state, breaker.state]
        assert FIRST_WAIT <= breaker.wait_seconds <= LONGEST_WAIT
        assert (breaker.state is not State.OPEN) or (breaker.retry_at is not None and breaker.retry_at > now)
    moves = {(before, after) for before, after in pairwise(history) if before is not after}
    assert moves <= {
        (State.CLOSED, State.OPEN),
        (State.OPEN, State.HALF_OPEN),
        (State.HALF_OPEN, State.OPEN),
        (State.HALF_OPEN, State.CLOSED),
    }


def test_the_gauge_says_what_the_catalogue_says() -> None:
    assert GAUGE_VALUE == {State.CLOSED: 0, State.OPEN: 1, State.HALF_OPEN: 2}


# The one door to connectors


def fault(error_class: ErrorClass = ErrorClass.TRANSIENT, retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(error_class, "as the vendor said", retry_after)


class Vendor:
    """Counts the calls that come through; answers well or with the error it was given."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self, _connector: Connector) -> str:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return "done"


@pytest.fixture
def vendor(database: Flask) -> Vendor:
    return Vendor()


def call(vendor: Vendor) -> str:
    from app.connectors import service

    return service.call("simulated", "publish", vendor)


def fail(vendor: Vendor, error: Exception, times: int = 1) -> ConnectorError:
    vendor.error = error
    for _ in range(times):
        with pytest.raises(ConnectorError) as raised:
            call(vendor)
    vendor.error = None
    return raised.value


def test_an_open_breaker_lets_no_call_through(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import service

    fail(vendor, fault(), FAULTS_TO_OPEN)
    with pytest.raises(service.BreakerOpen) as refused:
        call(vendor)
    assert refused.value.error_class is ErrorClass.TRANSIENT
    assert vendor.calls == FAULTS_TO_OPEN
    clock.advance(FIRST_WAIT)
    for _ in range(PROBES_TO_CLOSE):
        assert call(vendor) == "done"
    assert service.state_of("simulated") == HEALTHY


def test_a_call_in_between_that_is_good_starts_the_count_anew(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import service

    for _ in range(3):
        fail(vendor, fault(), FAULTS_TO_OPEN - 1)
        assert call(vendor) == "done"
    assert service.state_of("simulated") == HEALTHY


def test_a_bad_probe_opens_it_again_and_retry_after_is_kept(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import service

    fail(vendor, fault(), FAULTS_TO_OPEN)
    clock.advance(FIRST_WAIT)
    fail(vendor, fault(retry_after=1_000.0))
    clock.advance(999)
    with pytest.raises(service.BreakerOpen):
        call(vendor)
    clock.advance(1)
    assert call(vendor) == "done"
    assert vendor.calls == FAULTS_TO_OPEN + 2


def test_faults_at_the_same_moment_are_all_counted(database: Flask, clock: Clock) -> None:
    from app.connectors import service

    together = Barrier(FAULTS_TO_OPEN)

    def refuse(_connector: Connector) -> None:
        together.wait(10)
        raise fault()

    def work() -> None:
        with database.app_context(), pytest.raises(ConnectorError):
            service.call("simulated", "publish", refuse)

    threads = [Thread(target=work) for _ in range(FAULTS_TO_OPEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = service.state_of("simulated")
    assert (found.state, found.failures) == (State.OPEN, FAULTS_TO_OPEN)


def test_a_success_that_began_before_it_opened_does_not_close_it(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import service

    fail(vendor, fault(), FAULTS_TO_OPEN - 1)

    def slow(_connector: Connector) -> None:
        fail(vendor, fault())  # elsewhere, meanwhile

    service.call("simulated", "results", slow)
    assert service.state_of("simulated").state is State.OPEN


@pytest.mark.parametrize("error_class", [ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION])
def test_a_refused_request_says_nothing_of_the_vendors_health(
    vendor: Vendor, clock: Clock, error_class: ErrorClass
) -> None:
    from app.connectors import service

    fail(vendor, fault(error_class), 3 * FAULTS_TO_OPEN)
    assert service.state_of("simulated") == HEALTHY


def test_an_error_nobody_foresaw_is_of_the_class_unknown(vendor: Vendor, clock: Clock) -> None:
    from app.connectors import service

    assert fail(vendor, RuntimeError("odd"), FAULTS_TO_OPEN).error_class is ErrorClass.UNKNOWN
    assert service.state_of("simulated").state is State.OPEN


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
    from app.connectors import service

    seen: list[tuple[str, str, str]] = []

    def observe(connector: str, operation: str, outcome: str, _seconds: float) -> None:
        seen.append((connector, operation, outcome))

    service.install_observer(observe)
    try:
        call(vendor)
        fail(vendor, fault())
        fail(vendor, ValueError("odd"))
    finally:
        service._observers.remove(observe)
    assert seen == [("simulated", "publish", outcome) for outcome in ("ok", "transient", "unknown")]


def test_an_unknown_connector_is_refused(database: Flask) -> None:
    from app.connectors import service

    with pytest.raises(service.UnknownConnector, match="there is simulated"):
        service.connector("typo")
