"""Calling connectors: the one door to them, under their breaker, with time and outcome of each call observed."""

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
    """Have `observer(connector, operation, outcome, seconds)` called after each call to a connector."""
    if observer not in _observers:
        _observers.append(observer)


def call(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Carry out `action` on a connector, unless its breaker is open.

    Raises ConnectorError (BreakerOpen when the vendor was not called). Must be called outside a unit of work.
    """
    with circuits.guarded(name):
        try:
            return _observed(name, operation, action)
        except ConnectorError as error:
            _record_failure(name, operation, error)
            raise


def is_healthy(name: str) -> bool:
    """Whether the vendor says that it would take instructions now.

    Not through the breaker: a vendor that says it is well would close it, though its calls fail.
    """
    try:
        return _observed(name, "health", lambda connector: connector.health())
    except ConnectorError:
        return False


def _observed(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Carry out `action` and call the observers; whatever goes wrong comes out as a ConnectorError."""
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
