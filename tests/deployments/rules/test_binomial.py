"""The binomial test, against sums of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.binomial import ALPHA, at_least, forgiven, proven, significant

devices = st.integers(1, 60)
rates = st.sampled_from((0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9))


def exactly(failed: int, of: int, rate: float) -> float:
    p = Fraction(rate)
    return float(sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(failed, of + 1)))


@given(st.integers(0, 61), devices, rates)
def test_the_tail_is_the_sum_of_its_terms(failed: int, of: int, rate: float) -> None:
    assert at_least(failed, of, rate) == pytest.approx(exactly(failed, of, rate), rel=1e-9, abs=1e-12)


@given(st.integers(0, 60), devices, rates)
def test_more_devices_never_make_the_same_failures_worse(failed: int, of: int, rate: float) -> None:
    if not significant(failed, of, rate):
        assert not significant(failed, of + 1, rate)


@given(devices, rates)
def test_what_is_forgiven_is_the_most_that_is_not_significant(of: int, rate: float) -> None:
    most = forgiven(of, rate)
    assert [significant(failed, of, rate) for failed in range(of + 1)] == [failed > most for failed in range(of + 1)]
    if most > 1:
        assert exactly(most, of, rate) > ALPHA or most <= of * rate


@pytest.mark.parametrize(
    ("of", "rate", "most"),
    [(1, 0.01, 1), (5, 0.01, 1), (25, 0.02, 2), (100, 0.01, 3), (370, 0.01, 7), (1_000_000, 0.01, 10_164), (9, 0.0, 0)],
)
def test_failures_forgiven_at_each_size(of: int, rate: float, most: int) -> None:
    assert forgiven(of, rate) == most


def test_149_successes_prove_98_per_cent() -> None:
    assert proven(0, 148) < 0.98 <= proven(0, 149)
    assert proven(1, 149) < 0.98
    assert proven(5, 5) == 0.0
