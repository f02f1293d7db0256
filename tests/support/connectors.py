"""Instructions for a connector, and everything it answers."""

from __future__ import annotations

from itertools import count

from app.connectors.protocol import (
    Connector,
    DeviceResult,
    InventoryItem,
    Publication,
    ReleaseRef,
    ResultPage,
    Withdrawal,
)
from app.connectors.simulated.profile import SimulatedProfile

PROFILE = SimulatedProfile(seed="one", failure=0.3, silent=0.2, already_compliant=0.2)
LONG = 60.0
"""Seconds on the test's clock after which every connector has reported all results of an instruction."""

_numbers = count(1)


def ref(name: str) -> ReleaseRef:
    return ReleaseRef("vpn", f"1.0-{name}", "windows", "sha256:" + name * 64)


def publication(devices: int = 50, release: str = "a", ring: str = "lab") -> Publication:
    return Publication(f"key-{next(_numbers)}", ring, ref(release), [f"device-{n}" for n in range(devices)])


def withdrawal(published: Publication) -> Withdrawal:
    return Withdrawal(f"key-{next(_numbers)}", published.ring, published.release, published.devices)


def installed(connector: Connector, limit: int = 1_000, platform: str = "windows") -> dict[str, str]:
    """The whole inventory, page by page: the version of each device, by external id."""
    items: list[InventoryItem] = []
    cursor, exhausted = "", False
    while not exhausted:
        page = connector.inventory("vpn", platform, cursor, limit)
        assert len(page.items) <= limit
        assert page.exhausted or page.cursor != cursor
        items, cursor, exhausted = [*items, *page.items], page.cursor, page.exhausted
    ids = [item.external_id for item in items]
    assert len(ids) == len(set(ids))
    return {item.external_id: item.version for item in items}


def compliant(results: list[DeviceResult]) -> set[str]:
    return {result.external_id for result in results if result.outcome in ("succeeded", "already_compliant")}


def pages(connector: Connector, ref: str, limit: int, cursor: str = "") -> list[ResultPage]:
    """Every page that can be read now."""
    read = [connector.results(ref, cursor, limit)]
    while read[-1].results:
        read.append(connector.results(ref, read[-1].cursor, limit))
    return read


def reported(connector: Connector, ref: str, limit: int = 1_000) -> list[DeviceResult]:
    """Every result that can be read now."""
    return [result for page in pages(connector, ref, limit) for result in page.results]
