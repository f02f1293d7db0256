"""Metric analyses: what an answer says, what answers say together, and which analyses can be used."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.analysis import (
    LARGEST_VALUE,
    LONGEST_TARGET,
    OPERATORS,
    REDUCERS,
    Analysis,
    AnalysisResults,
    Condition,
    Phase,
    breached,
    measure,
    passed,
    problems,
    unreadable,
)

BELOW_5 = Condition("<", 5)
ERRORS = Analysis("errors", "stats.counters.vpn.errors.count", BELOW_5)
values = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-9, 9).map(float))
answers = st.lists(st.lists(values, max_size=8).map(lambda given: points(*given)), max_size=2)
operators = st.sampled_from(sorted(OPERATORS))
conditions = st.builds(Condition, operators, st.integers(-3, 3).map(float))
analyses = st.builds(
    Analysis,
    st.just("a"),
    st.just("x"),
    conditions,
    failure=st.one_of(st.none(), conditions),
    reducer=st.sampled_from(sorted(REDUCERS)),
    failure_limit=st.integers(0, 3),
    error_limit=st.integers(0, 3),
    measurements=st.integers(1, 3),
)
counts = st.integers(0, 5)
findings_of = st.builds(AnalysisResults, st.just("a"), counts, counts, counts, counts, st.none(), st.just(""))


def points(*given: float | None) -> list[tuple[float | None, int]]:
    """A series of one value a second."""
    return [(value, 1_000 + second) for second, value in enumerate(given)]


def phase_of(analysis: Analysis, *given: float | None, below: Sequence[float | None] | None = None) -> tuple[str, Any]:
    """What the given values say, with a newest bucket that is still being filled after them."""
    divisor = None if below is None else [points(*below, 99)]
    reading = measure([points(*given, 1_000)], divisor, analysis)
    assert reading.detail
    return reading.phase.value, reading.value


@pytest.mark.parametrize(
    ("reducer", "value"), [("last", 4.0), ("avg", 3.0), ("max", 6.0), ("sum", 12.0)], ids=lambda given: str(given)
)
def test_points_are_reduced_by_name_without_nulls_and_the_newest_bucket(reducer: str, value: float) -> None:
    analysis = replace(ERRORS, reducer=reducer, success=Condition(">=", 0))
    assert phase_of(analysis, 1, None, 6, 1, None, 4, None) == ("success", value)


@pytest.mark.parametrize(
    ("condition", "value", "phase"),
    [
        (Condition("<", 5), 4.9, "success"),
        (Condition("<", 5), 5.0, "failure"),
        (Condition("<=", 5), 5.0, "success"),
        (Condition("<=", 5), 5.1, "failure"),
        (Condition(">", 5), 5.1, "success"),
        (Condition(">", 5), 5.0, "failure"),
        (Condition(">=", 5), 5.0, "success"),
        (Condition(">=", 5), 4.9, "failure"),
    ],
)
def test_what_is_no_success_is_a_failure(condition: Condition, value: float, phase: str) -> None:
    assert phase_of(replace(ERRORS, success=condition), value) == (phase, value)


@pytest.mark.parametrize(("value", "phase"), [(4.0, "success"), (5.0, "inconclusive"), (9.5, "failure")])
def test_with_a_failure_condition_what_is_neither_is_inconclusive(value: float, phase: str) -> None:
    assert phase_of(replace(ERRORS, failure=Condition(">", 9)), value) == (phase, value)


@pytest.mark.parametrize("answer", [[], [[]], [points(None, None)], [points(3.0)], [points(None, 3.0)]])
@pytest.mark.parametrize("condition", [Condition(">=", 0), Condition("<=", 0)])
def test_no_data_is_never_success(answer: Any, condition: Condition) -> None:
    """Also where the only value is in the bucket that is still being filled."""
    analysis = replace(ERRORS, success=condition)
    assert measure(answer, None, analysis)[:2] == (Phase.INCONCLUSIVE, None)
    assert measure(answer, [points(1, 1, 1)], analysis)[:2] == (Phase.INCONCLUSIVE, None)
    assert measure([points(1, 1, 1)], answer, analysis)[:2] == (Phase.INCONCLUSIVE, None)


def test_two_series_are_an_error_and_the_sentence_says_what_to_do() -> None:
    reading = measure([points(1, 1), points(1, 1)], None, ERRORS)
    assert reading.phase is Phase.ERROR
    assert "2 series" in reading.detail
    assert "sumSeries" in reading.detail
    assert measure([points(1, 1)], [points(1, 1), points(1, 1)], ERRORS).phase is Phase.ERROR


def test_numerator_and_denominator_are_reduced_and_divided() -> None:
    total = replace(ERRORS, reducer="sum", denominator="y")
    assert phase_of(total, 1, None, 2, below=[10, 20, None]) == ("success", 0.1)
    assert phase_of(total, 1, below=[2, -2]) == ("inconclusive", None)


def test_the_last_values_are_those_of_the_same_time() -> None:
    last = replace(ERRORS, denominator="y", success=Condition("<", 1))
    assert phase_of(last, 8, 2, None, below=[10, 4, 1]) == ("success", 0.5)
    assert phase_of(last, 8, None, below=[None, 4]) == ("inconclusive", None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_an_error(value: float) -> None:
    for reducer in REDUCERS:
        assert phase_of(replace(ERRORS, reducer=reducer), 1, value, 1) == ("error", None)
    # Divided by infinity everything would be a fine small number.
    assert phase_of(replace(ERRORS, reducer="sum", denominator="y"), 1, below=[value])[0] == "error"


@given(answers, st.one_of(st.none(), answers), analyses)
def test_a_reading_is_pure_and_a_verdict_has_a_finite_value(
    numerator: Any, denominator: Any, analysis: Analysis
) -> None:
    reading = measure(numerator, denominator, analysis)
    assert reading == measure(list(numerator), denominator, replace(analysis))
    if reading.phase in (Phase.SUCCESS, Phase.FAILURE):
        assert reading.value is not None
        assert math.isfinite(reading.value)
    if reading.phase is Phase.SUCCESS:
        assert reading.value is not None
        assert analysis.success.is_met_by(reading.value)


@given(analyses, findings_of)
def test_silence_neither_passes_nor_fails(analysis: Analysis, found: AnalysisResults) -> None:
    mute = replace(found, successes=0, failures=0, measured=found.consecutive_errors)
    assert not passed(analysis, mute)
    assert not breached(analysis, mute)
    assert not passed(analysis, found) or not unreadable(analysis, found)


@given(analyses, findings_of)
def test_more_failures_never_help_and_more_successes_never_hurt(analysis: Analysis, found: AnalysisResults) -> None:
    worse = replace(found, failures=found.failures + 1)
    better = replace(found, successes=found.successes + 1)
    assert breached(analysis, worse) >= breached(analysis, found)
    assert breached(analysis, better) == breached(analysis, found)
    assert passed(analysis, better) >= passed(analysis, found)


def test_limits_are_what_is_tolerated() -> None:
    analysis = replace(ERRORS, failure_limit=2, error_limit=3, measurements=2)
    found = AnalysisResults("errors", 2, 2, 3, 7, 1.0, "")
    assert (breached(analysis, found), unreadable(analysis, found), passed(analysis, found)) == (False, False, True)
    assert breached(analysis, replace(found, failures=3))
    assert unreadable(analysis, replace(found, consecutive_errors=4))
    assert not passed(analysis, replace(found, consecutive_errors=4))
    assert not passed(analysis, replace(found, successes=1))


@given(analyses)
def test_an_analysis_survives_its_snapshot(analysis: Analysis) -> None:
    stored = json.loads(json.dumps(asdict(analysis)))
    assert Analysis.from_json(stored) == analysis
    assert Analysis.from_json({**stored, "later_field": 1}) == analysis


def test_what_a_snapshot_lacks_has_its_default() -> None:
    assert Analysis.from_json({"name": "a", "numerator": "x", "success": {"op": "<", "value": 5}}) == Analysis(
        "a", "x", BELOW_5
    )
    minus_zero = Analysis.from_json({"name": "a", "numerator": "x", "success": {"op": "<", "value": -0.0}})
    assert str(minus_zero.success.value) == "0.0"  # the database would make it one, and the chain would not match


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({}, []),
        ({"from_seconds": 86_400, "interval_seconds": 10, "error_limit": 0}, []),
        ({"from_seconds": 100, "until_seconds": 90}, []),
        ({"numerator": "aliasSub(a.{b,c}.[0-9], '(.*', ')')"}, []),
        ({"failure": Condition(">=", 5)}, []),
        ({"success": Condition("<=", 5), "failure": Condition(">=", 5)}, ["failure"]),
        ({"failure": Condition(">", 4)}, ["failure"]),
        ({"failure": Condition("<", 1)}, ["failure"]),
        ({"success": Condition(">", 1), "failure": Condition("<=", 1)}, []),
        ({"success": Condition(">", 1), "failure": Condition("<", 2)}, ["failure"]),
        ({"name": "No"}, ["name"]),
        ({"name": "a" * 41}, ["name"]),
        ({"name": "a\n"}, ["name"]),
        ({"numerator": ""}, ["numerator"]),
        ({"numerator": "  "}, ["numerator"]),
        ({"numerator": "a" * (LONGEST_TARGET + 1)}, ["numerator"]),
        ({"numerator": "a\x00b"}, ["numerator"]),
        ({"numerator": "sumSeries(a"}, ["numerator"]),
        ({"numerator": "sumSeries(a))"}, ["numerator"]),
        ({"numerator": "sumSeries(a}"}, ["numerator"]),
        ({"numerator": "alias(a, 'b)"}, ["numerator"]),
        ({"denominator": "x("}, ["denominator"]),
        ({"from_seconds": 9}, ["from_seconds"]),
        ({"from_seconds": 86_401}, ["from_seconds"]),
        ({"from_seconds": 60, "until_seconds": 60}, ["from_seconds"]),
        ({"until_seconds": -1}, ["until_seconds"]),
        ({"interval_seconds": 9}, ["interval_seconds"]),
        ({"reducer": "median"}, ["reducer"]),
        ({"success": Condition("==", 5)}, ["success.op"]),
        ({"success": Condition("<", math.nan)}, ["success.value"]),
        ({"success": Condition("<", LARGEST_VALUE * 10)}, ["success.value"]),
        ({"failure": Condition("!", math.inf)}, ["failure.op", "failure.value"]),
        ({"failure_limit": -1}, ["failure_limit"]),
        ({"error_limit": -1}, ["error_limit"]),
        ({"measurements": 0}, ["measurements"]),
        ({"measurements": 1_001}, ["measurements"]),
    ],
)
def test_each_limit_is_checked_and_named(fields: dict[str, Any], places: list[str]) -> None:
    found = problems(replace(ERRORS, **fields))
    assert [place for place, _ in found] == places
    assert all(message.startswith("must ") for _, message in found)


@given(conditions, conditions, st.integers(-8, 8).map(lambda half: half / 2))
def test_no_value_is_both_a_success_and_a_failure_of_a_usable_analysis(
    success: Condition, failure: Condition, value: float
) -> None:
    if not problems(replace(ERRORS, success=success, failure=failure)):
        assert not (success.is_met_by(value) and failure.is_met_by(value))
