"""A vendor behind the breaker: one that answers as it is set to, and one that takes its time."""

from __future__ import annotations

from threading import Event as Signal, Thread

import pytest
from flask import Flask

from app.connectors import calling
from app.connectors.breaker import FAULTS_TO_OPEN, FIRST_WAIT
from app.connectors.protocol import Connector, ConnectorError, ErrorClass
from tests.support.clock import Clock
from tests.support.waiting import PATIENCE


def fault(error_class: ErrorClass = ErrorClass.TRANSIENT, retry_after: float | None = None) -> ConnectorError:
    return ConnectorError(error_class, "as the vendor said", retry_after)


class Vendor:
    """Counts the calls that come through; answers well or with the error it was given."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self, _connector: Connector) -> str:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return "done"


def call(vendor: Vendor) -> str:
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
    """A probe on another thread that waits for `answer` before it answers, well or not."""

    def __init__(self, app: Flask, error: Exception | None = None) -> None:
        self._app, self._error = app, error
        self._begun, self._may_answer = Signal(), Signal()
        self._thread = Thread(target=self._work)
        self._thread.start()
        assert self._begun.wait(PATIENCE)

    def _work(self) -> None:
        with self._app.app_context():
            try:
                calling.call("simulated", "publish", self._answer)
            except ConnectorError:
                assert self._error is not None

    def _answer(self, _connector: Connector) -> None:
        self._begun.set()
        assert self._may_answer.wait(PATIENCE)
        if self._error is not None:
            raise self._error

    def answer(self) -> None:
        self._may_answer.set()
        self._thread.join()
