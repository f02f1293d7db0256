"""What the tests of connectors share: instructions, whole readings, and vendors that fail or are slow on demand."""

from __future__ import annotations

from itertools import count
from threading import Event as Signal, Thread

import pytest
from flask import Flask

from app.connectors.breaker import FAULTS_TO_OPEN, FIRST_WAIT
from app.connectors.protocol import (
    Connector,
    ConnectorError,
    DeviceResult,
    ErrorClass,
    InventoryItem,
    Publication,
    ReleaseRef,
    ResultPage,
    Withdrawal,
)
from tests.conftest import Clock

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


def fault(error_class: ErrorClass = ErrorClass.TRANSIENT, retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(error_class, "a fault of the vendor", retry_after)


class Vendor:
    """Counts the calls that arrive; each succeeds or raises `error`."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self, _connector: Connector) -> str:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return "done"


def call(vendor: Vendor) -> str:
    from app.connectors import calling

    return calling.call("simulated", "publish", vendor)


def fail(vendor: Vendor, error: Exception, times: int = 1) -> ConnectorError:
    vendor.error = error
    for _ in range(times):
        with pytest.raises(ConnectorError) as raised:
            call(vendor)
    vendor.error = None
    return raised.value


def half_open(vendor: Vendor, clock: Clock) -> None:
    fail(vendor, fault(), FAULTS_TO_OPEN)
    clock.advance(FIRST_WAIT)


class Slow:
    """A probe on another thread that succeeds, or raises the error, when `answer` is called."""

    def __init__(self, app: Flask, error: Exception | None = None) -> None:
        self._app, self._error = app, error
        self._begun, self._may_answer = Signal(), Signal()
        self._thread = Thread(target=self._work)
        self._thread.start()
        assert self._begun.wait(10)

    def _work(self) -> None:
        from app.connectors import calling

        with self._app.app_context():
            try:
                calling.call("simulated", "publish", self._answer)
            except ConnectorError:
                assert self._error is not None

    def _answer(self, _connector: Connector) -> None:
        self._begun.set()
        assert self._may_answer.wait(10)
        if self._error is not None:
            raise self._error

    def answer(self) -> None:
        self._may_answer.set()
        self._thread.join()
