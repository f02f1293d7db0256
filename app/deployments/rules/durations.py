"""Durations kept as counts in bins, and percentiles of them for display. Standard library only.

The bins grow by a constant factor, so that one list serves seconds and weeks. A percentile differs from the exact one
by at most its bin's width: less than a second for durations up to a second, otherwise less than 40 % of the exact one.
It is for people to look at; no gate, no objective and no alert rests on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import ceil

GROWTH = 1.4
EDGES = tuple(GROWTH**n for n in range(43))
"""Seconds, 1 to about 16 days. Bin n holds durations from EDGES[n - 1], which is in it, to below EDGES[n]."""
LONGEST = EDGES[-1]
"""What is longer is in the last bin, which has no end: a percentile in it is said to be this."""

PERCENTILES = (("p50", 0.5, 0.0), ("p95", 0.95, 0.95))
"""Name, share, and the share of the ring that must have reported: the slowest devices report last."""


def bin_of(seconds: float) -> int:
    """The bin of a duration; what seems to have ended before it began is in the first."""
    return bisect_right(EDGES, seconds)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The duration that `share` of those counted did not exceed, interpolated within its bin; None if there are none.

    Of n durations in order it is the one at place ceil(share · n), the nearest rank.
    """
    total = sum(counts.values())
    if not total:
        return None
    # Rounded, because 0.07 * 100 is a little more than 7.
    rank = max(ceil(round(share * total, 6)), 1)
    below = 0
    for number in sorted(counts):
        if below + counts[number] >= rank:
            return _within(number, (rank - below - 0.5) / counts[number])
        below += counts[number]
    raise AssertionError("the rank is above the total")


def percentiles(counts: Mapping[int, int], reported: int, eligible: int) -> dict[str, float]:
    """The percentiles that enough of a ring's devices have reported for, by name, in seconds.

    `counts` are the devices that succeeded, by bin.
    """
    shown = ((name, percentile(counts, share)) for name, share, needed in PERCENTILES if reported >= needed * eligible)
    return {name: seconds for name, seconds in shown if seconds is not None}


def _within(number: int, part: float) -> float:
    """The duration so far into a bin."""
    if number >= len(EDGES):
        return LONGEST
    lower = EDGES[number - 1] if number else 0.0
    return lower + part * (EDGES[number] - lower)
