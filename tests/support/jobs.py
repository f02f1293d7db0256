"""The types of the fixtures that run jobs in the test's own process."""

from __future__ import annotations

from collections.abc import Callable

Work = Callable[[], list[str]]
"""Run every waiting job; the names of those that ran, in order."""
Drive = Callable[..., None]
"""`drive(seconds=60, step=1, until=...)`: sweep, work and advance the clock until time is up or the condition holds."""
