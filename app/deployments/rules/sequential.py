"""Wald's sequential probability ratio test: may be asked at every tick, and only ever stops. Standard library only.

It compares two hypotheses about a release: it fails on at most 1 − target of the devices, or on as many as the ceiling.
Every dispatched device counts, also one that has not reported: failures often report sooner than successes, and over
reports in order of arrival a healthy ring would be rejected.
"""

from __future__ import annotations

from math import log

ALPHA = 0.05
"""The chance at which a healthy release may be rejected."""


def log_likelihood_ratio(failed: int, dispatched: int, target: float, ceiling: float) -> float:
    """The log of how much likelier the result is under the ceiling than under the target."""
    healthy, broken = 1 - target, ceiling
    return failed * log(broken / healthy) + (dispatched - failed) * log((1 - broken) / (1 - healthy))


def rejects(failed: int, dispatched: int, target: float, ceiling: float) -> bool:
    """Whether so many failures among so many dispatched devices reject the release.

    Never for a ceiling that is no worse than the target, which leaves nothing to tell apart; no valid plan has one, and
    the ceiling itself still stops the release.
    """
    if not 0 < 1 - target < ceiling < 1:
        return False
    return failed > 0 and log_likelihood_ratio(failed, dispatched, target, ceiling) >= log(1 / ALPHA)


def proves_at_least(devices: int, confidence: float = 0.95) -> float:
    """The success rate that `devices` successes without a failure prove at this confidence; 149 prove 98 %."""
    return (1 - confidence) ** (1 / devices) if devices else 0.0
