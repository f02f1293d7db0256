"""Durations in bins: where each belongs, and how far a percentile of them may be from the exact one."""

from __future__ import annotations

from collections import Counter
from math import ceil

from hypothesis import given, strategies as st

from app.deployments.rules.durations import EDGES, GROWTH, LONGEST, bin_of, percentile

durations = st.one_of(st.floats(0, 60), st.floats(0, LONGEST), st.sampled_from(EDGES[:-1]))
shares = st.one_of(st.floats(0, 1), st.sampled_from((0.5, 0.95)))


def exact(values: list[float], share: float) -> float:
    return sorted(values)[max(ceil(round(share * len(values), 6)), 1) - 1]


@given(st.lists(durations.filter(lambda it: it < LONGEST), min_size=1, max_size=200), shares)
def test_a_percentile_is_within_its_bin_of_the_exact_one(values: list[float], share: float) -> None:
    found = percentile(Counter(map(bin_of, values)), share)
    assert found is not None
    true = exact(values, share)
    assert abs(found - true) <= max(1.0, (GROWTH - 1) * true * 1.000001)
    assert bin_of(found) == bin_of(true)


@given(st.lists(durations, min_size=1, max_size=50))
def test_percentiles_grow_with_their_share(values: list[float]) -> None:
    counts = Counter(map(bin_of, values))
    found = [percentile(counts, n / 20) or 0.0 for n in range(21)]
    assert found == sorted(found)


@given(st.floats(-1e9, 1e9))
def test_a_bin_holds_what_is_between_its_edges(seconds: float) -> None:
    number = bin_of(seconds)
    assert number == 0 or EDGES[number - 1] <= seconds
    assert number == len(EDGES) or seconds < EDGES[number]


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({3: 0}, 0.5) is None


def test_what_takes_longer_than_the_last_edge_is_said_to_take_that() -> None:
    assert percentile({bin_of(10 * LONGEST): 7}, 0.5) == LONGEST


def test_an_even_bin_is_cut_where_it_should_be() -> None:
    assert percentile({0: 100}, 0.5) == 0.495
    assert percentile({0: 1}, 0.95) == 0.5
