"""The exact one-sided binomial test: whether failures are more than chance explains. Standard library only.

A bare percentage means something else at every size: one failure is 20 % of five devices. The test asks instead how
often a release that fails at exactly the allowed rate would show at least as many failures.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

ALPHA = 0.05
"""A result that chance brings about less often than this is significant."""
_NEGLIGIBLE = 1e-12
"""A term of the tail this small against its sum no longer changes the comparison with ALPHA."""


def at_least(failed: int, devices: int, rate: float) -> float:
    """P(X ≥ failed) for X ~ Binomial(devices, rate)."""
    if failed <= 0:
        return 1.0
    if failed > devices or rate <= 0:
        return 0.0
    if rate >= 1:
        return 1.0
    # Summed from the mean outwards: the terms fall towards both ends, so only some standard deviations count.
    if failed <= devices * rate:
        return 1.0 - _tail(devices - failed + 1, devices, 1 - rate)
    return _tail(failed, devices, rate)


def _tail(failed: int, devices: int, rate: float) -> float:
    """The same above the mean, where each term is smaller than the one before."""
    term = exp(
        lgamma(devices + 1)
        - lgamma(failed + 1)
        - lgamma(devices - failed + 1)
        + failed * log(rate)
        + (devices - failed) * log1p(-rate)
    )
    total, odds = 0.0, rate / (1 - rate)
    for count in range(failed, devices + 1):
        total += term
        term *= (devices - count) / (count + 1) * odds
        if term <= _NEGLIGIBLE * total:
            break
    return total


def significant(failed: int, devices: int, rate: float) -> bool:
    """Whether that many of the devices are significantly more than the rate allows.

    One failure alone never is: it says more about its device than about the release. A rate of 0 forgives none.
    """
    if failed <= 0:
        return False
    if rate <= 0:
        return True
    return failed > max(devices * rate, 1) and at_least(failed, devices, rate) <= ALPHA


def forgiven(devices: int, rate: float) -> int:
    """The most failures among the devices that are not significantly more than the rate allows."""
    low, high = 0, devices
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (low, middle - 1) if significant(middle, devices, rate) else (middle, high)
    return low


def proven(failed: int, devices: int) -> float:
    """The success rate that the result proves at 95 % confidence: Clopper and Pearson's lower bound."""
    if failed >= devices:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        # Proven are the rates whose failures would so seldom be this few.
        too_few = 1 - at_least(failed + 1, devices, 1 - middle)
        low, high = (middle, high) if too_few <= ALPHA else (low, middle)
    return low
