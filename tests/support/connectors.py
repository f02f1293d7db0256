"""Instructions for a connector, everything it answers, and a connector that does as a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from app import clock
from app.connectors.protocol import (
    Connector,
    DeviceResult,
    InventoryItem,
    InventoryPage,
    Pace,
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


class Scripted:
    """A connector with a memory, whose devices succeed at once; each call raises the next of its `faults`."""

    def __init__(self) -> None:
        self.published: dict[str, Sequence[str]] = {}
        self.calls: list[str] = []
        self.faults: list[Exception | None] = []
        self.deaf = False
        """Whether it carries out what it then fails to answer."""
        self.meanwhile: Callable[[], object] = lambda: None

    def publish(self, publication: Publication) -> str:
        self.calls.append("publish")
        self.meanwhile()
        if not self.deaf:
            self._fail()
        assert publication.key not in self.published, "published twice"
        self.published[publication.key] = list(publication.devices)
        self._fail()
        return publication.key

    @property
    def pace(self) -> Pace:
        return Pace()

    def withdraw(self, withdrawal: Withdrawal) -> str:
        self.published[withdrawal.key] = list(withdrawal.devices)
        return withdrawal.key

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        raise NotImplementedError

    def cancel(self, ref: str) -> None:
        self.calls.append("cancel")
        self._fail()

    def find(self, key: str) -> str | None:
        self.calls.append("find")
        self._fail()
        return key if key in self.published else None

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        self.calls.append("results")
        self._fail()
        at = clock.now()
        start = int(cursor or 0)
        page = [DeviceResult(it, 1, "succeeded", "installed", at) for it in self.published[ref][start:][:limit]]
        reached = start + len(page)
        return ResultPage(page, str(reached), exhausted=reached == len(self.published[ref]))

    def health(self) -> bool:
        self.calls.append("health")
        return True

    def _fail(self) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
