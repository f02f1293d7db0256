"""Which findings are remediated automatically, how often, and how many of them at once."""

from __future__ import annotations

from datetime import timedelta

from app.vocabulary import DriftKind

KINDS = (DriftKind.MISSING, DriftKind.VERSION)
"""The kinds that installing the expected release again can remediate."""
BACKOFF = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
"""The wait after each attempt, before the next one or, after the last one, before a person must decide."""
MOST_TRIES = len(BACKOFF)
AT_ONCE = timedelta(days=1)
"""Findings of this time count together: an inventory that goes wrong may do so over several comparisons."""
FEW = 3
"""Devices that are remediated however small the fleet is; a share of a small fleet would be less than one device."""


def most_at_once(devices: int, share: float, most: int) -> int:
    """How many of so many devices may differ before their inventory, not the devices, is taken to be wrong."""
    return min(max(int(devices * share), FEW), most)
