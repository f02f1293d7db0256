"""Calling connectors: the one door to them, with their breaker and the time each call takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import RowMapping, Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.connectors import breaker as rules
from app.connectors.models import Breaker
from app.connectors.protocol import Connector, ConnectorError, ErrorClass
from app.connectors.simulated import SimulatedConnector
from app.db import db
from app.errors import Invalid, NotFound
from app.events.unit import unit_of_work
from app.metrics import catalogue as m
from app.metrics.projection import Measure
from app.settings import load_settings

log = structlog.get_logger()
Result = TypeVar("Result")
Observer = Callable[[str, str, str, float], None]

_observers: list[Observer] = []


class UnknownConnector(Invalid):
    type = "unknown-connector"
    title = "There is no such connector"


class NoSuchConnector(NotFound):
    type = "no-such-connector"


class BreakerOpen(ConnectorError):
    """The breaker forbids the call."""


def names() -> tuple[str, ...]:
    """The connectors that this installation has."""
    return ("simulated",)


def connector(name: str) -> Connector:
    """The connector of that name. Raises UnknownConnector."""
    require(name)
    settings = load_settings()
    return SimulatedConnector(settings.simulated_profile, faults=settings.simulation)


def require(*wanted: str) -> None:
    """Raise UnknownConnector unless all of them exist."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise UnknownConnector(f"No connector {', '.join(unknown)}; there is {', '.join(names())}.")


def install_observer(observer: Observer) -> None:
    """Have `observer(connector, operation, outcome, seconds)` called after each call to a connector."""
    if observer not in _observers:
        _observers.append(observer)


def call(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Carry out `action` on a connector, unless its breaker is open, and keep the breaker's books.

    Raises ConnectorError (BreakerOpen when the call was not made at all). Must be called outside a unit of work.
    """
    before = state_of(name)
    allowed = rules.before_call(before, clock.now())
    if allowed is None:
        raise BreakerOpen(ErrorClass.TRANSIENT, f"the breaker of {name} is open until {before.retry_at}")
    try:
        result = _measured(name, operation, action)
    except ConnectorError as error:
        _book_fault(name, operation, error)
        raise
    if before != rules.HEALTHY:
        now = clock.now()
        # A success that began before the breaker opened does not close it.
        _change(name, lambda it: rules.after_success(begun) if (begun := rules.before_call(it, now)) else it)
    return result


def _measured(name: str, operation: str, action: Callable[[Connector], Result]) -> Result:
    """Carry out `action` and tell the observers; whatever goes wrong comes out as a ConnectorError."""
    started, outcome = time.perf_counter(), "ok"
    try:
        return action(connector(name))
    except ConnectorError as error:
        outcome = error.error_class.value
        raise
    except Exception as error:
        outcome = ErrorClass.UNKNOWN.value
        raise ConnectorError(ErrorClass.UNKNOWN, f"{operation} failed: {error}") from error
    finally:
        for observer in _observers:
            observer(name, operation, outcome, time.perf_counter() - started)


def state_of(name: str) -> rules.BreakerState:
    """The breaker of a connector."""
    return _read(_ROWS.where(Breaker.connector == name)).get(name, rules.HEALTHY)


def listing() -> list[dict[str, object]]:
    """Every connector with its breaker, for the API."""
    known = _read(_ROWS)
    return [{"name": name, **asdict(known.get(name, rules.HEALTHY))} for name in names()]


def describe(name: str) -> dict[str, object]:
    """One connector with its breaker. Raises NoSuchConnector."""
    if name not in names():
        raise NoSuchConnector(f"There is no connector {name!r}; there is {', '.join(names())}.")
    return {"name": name, **asdict(state_of(name))}


def closed(session: Session, wanted: Collection[str], now: datetime) -> frozenset[str]:
    """Those of the wanted connectors that may not be called now; one statement in the caller's transaction."""
    rows = session.execute(_ROWS.where(Breaker.connector.in_(sorted(wanted)))).mappings()
    return frozenset(row["connector"] for row in rows if rules.before_call(_state(row), now) is None)


def levels() -> list[Measure]:
    """The gauges of connectors: breaker and health, each asked of the real thing."""
    measures = []
    for name in names():
        value = rules.GAUGE_VALUE[state_of(name).state]
        measures.append(Measure(m.BREAKER_STATE, m.BREAKER_STATE(connector=name), value))
        try:
            # Not through the breaker: a vendor that says it is well would close it, though its calls fail.
            healthy = _measured(name, "health", lambda it: it.health())
        except ConnectorError:
            healthy = False
        measures.append(Measure(m.CONNECTOR_HEALTH, m.CONNECTOR_HEALTH(connector=name), int(healthy)))
    return measures


_ROWS = select(*Breaker.__table__.columns)


def _read(query: Select[*tuple[Any, ...]]) -> dict[str, rules.BreakerState]:
    with db.engine.connect() as connection:
        return {row["connector"]: _state(row) for row in connection.execute(query).mappings()}


def _book_fault(name: str, operation: str, error: ConnectorError) -> None:
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
    # Only what the vendor may get over by itself speaks of its health; a refused request speaks of the request.
    if error.error_class in (ErrorClass.TRANSIENT, ErrorClass.UNKNOWN):
        now = clock.now()
        _change(name, lambda it: rules.after_fault(rules.before_call(it, now) or it, now, error.retry_after))


def _change(name: str, rule: Callable[[rules.BreakerState], rules.BreakerState]) -> None:
    """Apply a rule to the breaker as it is now, under its row's lock: calls elsewhere change it too."""
    with unit_of_work(f"connector:{name}") as unit:
        healthy = insert(Breaker).values(connector=name, **_columns(rules.HEALTHY))
        unit.session.execute(healthy.on_conflict_do_nothing())
        row = unit.session.execute(_ROWS.where(Breaker.connector == name).with_for_update()).mappings().one()
        before = _state(row)
        after = rule(before)
        unit.session.execute(update(Breaker).where(Breaker.connector == name).values(**_columns(after)))
        if before.state is not after.state:
            unit.record("breaker.changed", {"connector": name, "from": before.state.value, "to": after.state.value})


def _columns(breaker: rules.BreakerState) -> dict[str, Any]:
    return {**asdict(breaker), "state": breaker.state.value}


def _state(row: RowMapping) -> rules.BreakerState:
    return rules.BreakerState(
        rules.State(row["state"]), row["failures"], row["successes"], row["retry_at"], row["wait_seconds"]
    )
