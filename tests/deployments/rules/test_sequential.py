"""Known answers of the sequential test: how often it rejects healthy and broken releases, whatever reports first."""

from __future__ import annotations

import random
from math import log

import pytest

from app.deployments.rules.rings import STANDARD
from app.deployments.rules.sequential import log_likelihood_ratio, rejects

RUNS = 400
RINGS = [(ring.name, 1 - ring.gate.target, ring.gate.error_ceiling) for ring in STANDARD.rings]


def test_evidence_by_hand() -> None:
    # target 95 %, ceiling 10 %: two failures in twenty, 2·ln(0.10/0.05) + 18·ln(0.90/0.95)
    assert log_likelihood_ratio(2, 20, 0.95, 0.10) == pytest.approx(2 * log(2) + 18 * log(0.90 / 0.95))
    assert log_likelihood_ratio(2, 20, 0.95, 0.10) == pytest.approx(0.4131, abs=1e-4)


def test_the_bound_is_crossed_at_the_sixth_failure_of_twenty() -> None:
    assert [rejects(failed, 20, 0.95, 0.10) for failed in range(8)] == [False] * 6 + [True] * 2


def test_no_failure_never_rejects() -> None:
    assert not any(rejects(0, dispatched, 0.99, 0.02) for dispatched in (0, 1, 10, 10_000))


@pytest.mark.parametrize("order", ["random", "failures_first", "failures_twice_as_fast"])
@pytest.mark.parametrize(("name", "healthy", "ceiling"), RINGS)
def test_a_healthy_release_is_rarely_rejected(name: str, healthy: float, ceiling: float, order: str) -> None:
    assert _rejected(healthy, healthy, ceiling, order) <= 0.05 + 0.03  # alpha, and what 400 runs may stray


@pytest.mark.parametrize("order", ["random", "failures_first", "failures_twice_as_fast"])
@pytest.mark.parametrize(("name", "healthy", "ceiling"), RINGS)
def test_a_broken_release_is_found(name: str, healthy: float, ceiling: float, order: str) -> None:
    assert _rejected(2 * ceiling, healthy, ceiling, order) >= 0.95


def _rejected(rate: float, healthy: float, ceiling: float, order: str, devices: int = 1_000) -> float:
    """How often a release with this failure rate is rejected, asked after every tenth report."""
    chance = random.Random(f"{rate}:{healthy}:{order}")
    return sum(_is_rejected(chance, rate, healthy, ceiling, order, devices) for _ in range(RUNS)) / RUNS


def _is_rejected(chance: random.Random, rate: float, healthy: float, ceiling: float, order: str, devices: int) -> bool:
    # Dispatch comes in batches of a hundred; what a batch reports follows in the given order.
    failed = dispatched = 0
    for _ in range(devices // 100):
        dispatched += 100
        reports = [chance.random() < rate for _ in range(100)]
        if order == "failures_first":
            reports.sort(reverse=True)
        elif order == "failures_twice_as_fast":
            reports.sort(key=lambda failure: chance.random() * (0.5 if failure else 1.0))
        for number, failure in enumerate(reports):
            failed += failure
            if number % 10 == 9 and rejects(failed, dispatched, 1 - healthy, ceiling):
                return True
    return False
