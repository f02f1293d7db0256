"""Durations: stored as counts in bins, their percentiles for display, and spelt out. Standard library only.

The bins grow by a constant factor, so one list serves seconds and weeks. A percentile differs from the exact one by at
most the width of its bin: less than a second for durations up to a second, otherwise less than 40 % of the exact one.
Percentiles are for display only; no gate, objective or alert depends on them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import ceil

GROWTH = 1.4
EDGES = tuple(GROWTH**n for n in range(43))
"""Seconds, 1 to about 16 days. Bin n holds durations from EDGES[n - 1] (inclusive) to EDGES[n] (exclusive)."""
LONGEST = EDGES[-1]
"""Longer durations are in the last bin, which has no end; a percentile in that bin is this value."""

PERCENTILES = (("p50", 0.5, 0.0), ("p95", 0.95, 0.95))
"""Name, share, and the share of the ring that must have reported: the slowest devices report last."""


def bin_of(seconds: float) -> int:
    """The bin of a duration; negative durations are in the first bin."""
    return bisect_right(EDGES, seconds)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The duration that `share` of the counted ones do not exceed, interpolated within its bin; None without any.

    Of n sorted durations it is the one at rank ceil(share · n), the nearest rank.
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
    """The duration at a fraction of a bin."""
    if number >= len(EDGES):
        return LONGEST
    lower = EDGES[number - 1] if number else 0.0
    return lower + part * (EDGES[number] - lower)


def spell(seconds: float) -> str:
    """A duration for people: its two largest units, as in `2 h 10 min`; rounded up, so never too short."""
    left = max(ceil(seconds), 0)
    parts: list[str] = []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {name}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 s"
