"""Wald's sequential probability ratio test, which can run at every tick and only ever stops. Standard library only.

It compares two hypotheses about a release: it fails on at most 1 − target of the devices, or on as many as the ceiling.
Every dispatched device counts, even without a report: failures often report sooner than successes, so a test over
reports in order of arrival would reject a healthy ring.
"""

from __future__ import annotations

from math import log

ALPHA = 0.05
"""The probability that a healthy release is rejected."""


def log_likelihood_ratio(failed: int, dispatched: int, target: float, ceiling: float) -> float:
    """The logarithm of how much more likely the result is under the ceiling than under the target."""
    healthy, broken = 1 - target, ceiling
    return failed * log(broken / healthy) + (dispatched - failed) * log((1 - broken) / (1 - healthy))


def rejects(failed: int, dispatched: int, target: float, ceiling: float) -> bool:
    """Whether that many failures among that many dispatched devices reject the release.

    Never if the ceiling is not above 1 - target, because the hypotheses are then the same. No valid plan has such a
    ceiling, and the ceiling itself still stops the release.
    """
    if not 0 < 1 - target < ceiling < 1:
        return False
    return failed > 0 and log_likelihood_ratio(failed, dispatched, target, ceiling) >= log(1 / ALPHA)
