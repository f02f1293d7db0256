"""What the tests of snapshots share: rows of a vendor's table, and reading all stored results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from app.connectors import snapshots
from app.connectors.protocol import DeviceResult
from app.connectors.snapshots import Observation, Outcome

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VENDOR = ("intune", "app/group")
"""A connector and one of its references."""


def seen(device: str, outcome: Outcome = "succeeded", reason: str = "installed", **fields: str) -> Observation:
    return Observation(device, outcome, reason, NOON, **fields)


def everything(cursor: str = "", limit: int = 1_000, vendor: tuple[str, str] = VENDOR) -> list[DeviceResult]:
    """All stored results after a cursor, page by page."""
    found: list[DeviceResult] = []
    while True:
        page, cursor = snapshots.results_after(*vendor, cursor, limit)
        found += page
        if len(page) < limit:
            return found


def states(results: Sequence[DeviceResult]) -> dict[str, str]:
    assert len({result.external_id for result in results}) == len(results)
    return {result.external_id: result.outcome for result in results}
