"""Calling connectors: the only way to reach one. Each call goes through its breaker and is measured.

For the author of a new vendor: raise ConnectorError with the right class, and log nothing. Every failure is recorded
here, as a log line and as an event `connector.call_failed`; an unforeseen exception is recorded as `unknown`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from app.connectors import circuits, registry
from app.connectors.protocol import Connector, ConnectorError, ErrorClass
from app.events.unit import unit_of_work

log = structlog.get_logger()
Result = TypeVar("Result")
Observer = Callable[[str, str, str, float], None]

_observers: list[Observer] = []


def install_observer(observer: Observer) -> None:
    """Call `observer(connector, operation, outcome, seconds)` after each call. Outcome: `ok` or error class."""
    if observer not in _observers:
        _observers.append(observer)


def call(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Run `action` on a connector, unless its breaker is open. `operation` names the call in metrics and events.

    Must be called outside a unit of work. Raises ConnectorError: BreakerOpen if the vendor was not called.
    """
    with circuits.guarded(name):
        try:
            return _observed(name, operation, action)
        except ConnectorError as error:
            _record_failure(name, operation, error)
            raise


def is_healthy(name: str) -> bool:
    """Whether the vendor reports that it would accept instructions now.

    Does not go through the breaker: a vendor that reports health while its calls fail must not close it.
    """
    try:
        return _observed(name, "health", lambda connector: connector.health())
    except ConnectorError:
        return False


def _observed(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Run `action` and call the observers. Every exception becomes a ConnectorError."""
    started, outcome = time.perf_counter(), "ok"
    try:
        return action(registry.connector(name))
    except ConnectorError as error:
        outcome = error.error_class.value
        raise
    except Exception as error:
        outcome = ErrorClass.UNKNOWN.value
        raise ConnectorError(ErrorClass.UNKNOWN, f"{operation} failed: {error}") from error
    finally:
        for observer in _observers:
            observer(name, operation, outcome, time.perf_counter() - started)


def _record_failure(name: str, operation: str, error: ConnectorError) -> None:
    log.warning("connector call failed", connector=name, operation=operation, error=str(error))
    with unit_of_work(f"connector:{name}") as unit:
        unit.record(
            "connector.call_failed",
            {
                "connector": name,
                "operation": operation,
                "error_class": error.error_class.value,
                "detail": str(error).replace("\0", " ")[:500],
            },
        )
