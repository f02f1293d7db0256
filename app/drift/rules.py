"""Which findings the program sets right by itself, and how often it tries."""

from __future__ import annotations

from datetime import timedelta

from app.vocabulary import DriftKind

KINDS = (DriftKind.MISSING, DriftKind.VERSION)
"""What installing the expected release again can set right."""
RINGS = ("lab", "canary")
"""Where that is done without asking; everywhere else a person decides."""
BACKOFF = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
"""How long each try is given before the next one, or, after the last, before a person is asked."""
MOST_TRIES = len(BACKOFF)
