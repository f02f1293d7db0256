"""A run is judged by its second third and its last, so that what it needs to warm up is no growth."""

from __future__ import annotations

import pytest

from bench.samples import Thirds, thirds


def test_each_third_has_its_median() -> None:
    every = [{"memory": float(value)} for value in (1, 2, 90, 10, 11, 12, 20, 21, 22)]
    assert thirds(every) == {"memory": Thirds(2, 11, 21)}


def test_a_figure_that_samples_lack_is_left_out_of_them() -> None:
    assert thirds([{"a": 1.0}, {"a": 2.0, "b": 5.0}, {"a": 3.0}])["b"] == Thirds(0, 5, 0)


@pytest.mark.parametrize(
    ("measured", "grown"),
    [((9, 100, 105), False), ((9, 100, 106), True), ((1, 0, 0), False), ((9, 8, 4), False), ((0, 10, 12), False)],
)
def test_warming_up_and_little_are_no_growth(measured: tuple[float, float, float], grown: bool) -> None:
    assert Thirds(*measured).has_grown(0.05, 2) is grown
