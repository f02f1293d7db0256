"""The circuit breaker's rules: pure, with the time as an argument. `test_calls.py` has the one door they guard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from app.connectors.breaker import (
    CALLS_TO_JUDGE,
    FAULTS_TO_OPEN,
    FIRST_WAIT,
    GAUGE_VALUE,
    HEALTHY,
    LONGEST_WAIT,
    PROBE_LASTS,
    PROBES_TO_CLOSE,
    BreakerState,
    Calls,
    State,
    after_fault,
    after_refusal,
    after_success,
    before_call,
    by_hand,
    counts,
    why,
)

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


def test_it_does_not_wait_for_the_time_before_the_clock_was_set_back() -> None:
    back = NOW - timedelta(hours=1)
    for retry_after in (None, 7_200.0):
        assert before_call(opened(retry_after=retry_after), NOW) is None
        assert before_call(opened(retry_after=retry_after), back) is not None
    probing = before_call(opened(), NOW + timedelta(seconds=FIRST_WAIT))
    assert probing is not None
    assert before_call(probing, NOW + timedelta(seconds=FIRST_WAIT + 1)) is None
    assert before_call(probing, back) is not None
    by_a_person = by_hand(State.OPEN)
    assert before_call(by_a_person, back) is None


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


@pytest.mark.parametrize(
    ("made", "faulty", "opens"),
    [(19, 19, False), (20, 9, False), (20, 10, True), (21, 10, False), (1000, 499, False), (1000, 500, True)],
)
def test_half_of_twenty_calls_within_a_minute_open_it(made: int, faulty: int, opens: bool) -> None:
    breaker = after_fault(HEALTHY, NOW, lately=Calls(made, faulty))
    assert (breaker.state is State.OPEN) == opens
    assert CALLS_TO_JUDGE == 20


def test_a_half_open_one_lets_one_probe_through_at_a_time() -> None:
    later = NOW + timedelta(hours=1)
    first = before_call(opened(), later)
    assert first is not None
    assert before_call(first, later) is None
    assert before_call(first, later + PROBE_LASTS - timedelta(microseconds=1)) is None
    back = after_success(first)
    assert back.probe_until is None
    assert before_call(back, later) is not None


def test_a_lost_probe_makes_room_for_another_and_says_nothing_any_more() -> None:
    later = NOW + timedelta(hours=1)
    lost = before_call(opened(), later)
    assert lost is not None
    following = before_call(lost, later + PROBE_LASTS)
    assert following is not None
    assert not counts(lost, following)
    assert counts(following, following)
    assert not counts(lost, after_success(following))


def test_a_refused_probe_only_makes_room() -> None:
    probing = before_call(opened(), NOW + timedelta(hours=1))
    assert probing is not None
    after = after_refusal(probing)
    assert (after.state, after.successes, after.probe_until) == (State.HALF_OPEN, 0, None)


def test_what_began_before_it_opened_does_not_count() -> None:
    assert not counts(HEALTHY, opened())
    assert counts(HEALTHY, BreakerState(failures=4))


def test_one_opened_by_hand_stays_open_until_it_is_closed_by_hand() -> None:
    held = by_hand(State.OPEN)
    assert held.state is State.OPEN
    assert before_call(held, NOW + timedelta(days=1000)) is None
    assert by_hand(State.CLOSED) == HEALTHY


def test_each_change_has_its_reason() -> None:
    probing = before_call(opened(), NOW + timedelta(hours=1))
    assert probing is not None
    assert why(BreakerState(failures=4), opened()) == "faults_in_a_row"
    assert why(HEALTHY, after_fault(HEALTHY, NOW, lately=Calls(20, 20))) == "share_of_faults"
    assert why(opened(), probing) == "wait_over"
    assert why(probing, after_fault(probing, NOW)) == "probe_failed"
    assert why(probing, HEALTHY) == "probes_passed"
