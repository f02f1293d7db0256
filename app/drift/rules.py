"""Which findings are remediated automatically, and how often."""

from __future__ import annotations

from datetime import timedelta

from app.vocabulary import DriftKind

KINDS = (DriftKind.MISSING, DriftKind.VERSION)
"""The kinds that installing the expected release again can remediate."""
RINGS = ("lab", "canary")
"""The rings in which findings are remediated automatically; in all others a person decides."""
BACKOFF = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
"""The wait after each attempt, before the next one or, after the last one, before a person must decide."""
MOST_TRIES = len(BACKOFF)
