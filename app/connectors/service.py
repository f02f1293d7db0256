"""Calling connectors: the one door to them, with their breaker and the time each call takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import TIMESTAMP, RowMapping, Select, String, column, func, not_, or_, select, table, update
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
    begun = _begin(name)
    try:
        result = _measured(name, operation, action)
    except ConnectorError as error:
        _book_fault(name, operation, error, begun)
        raise
    if begun != rules.HEALTHY:
        _change(name, lambda it: rules.after_success(it) if rules.counts(begun, it) else it)
    return result


def _begin(name: str) -> rules.BreakerState:
    """The breaker under which a call begins; a probe is taken under the row's lock, so that there is only one.

    Raises BreakerOpen.
    """

    def taken(breaker: rules.BreakerState) -> rules.BreakerState:
        begun = rules.before_call(breaker, clock.now())
        if begun is None:
            until = breaker.probe_until if breaker.state is rules.State.HALF_OPEN else breaker.retry_at
            when = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until else "until a person closes it"
            raise BreakerOpen(ErrorClass.TRANSIENT, f"{_REFUSED}no call to {name} {when}")
        return begun

    breaker = taken(state_of(name))
    return breaker if breaker.state is rules.State.CLOSED else _change(name, taken)


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
    _require_known(name)
    return {"name": name, **asdict(state_of(name))}


def _require_known(name: str) -> None:
    if name not in names():
        raise NoSuchConnector(f"There is no connector {name!r}; there is {', '.join(names())}.")


def blocked(session: Session, wanted: Collection[str], now: datetime) -> dict[str, bool]:
    """Those of the wanted connectors whose breaker is open, and whether one may yet be called now, to try it.

    One statement in the caller's transaction.
    """
    rows = session.execute(_ROWS.where(Breaker.connector.in_(sorted(wanted)))).mappings()
    found = {row["connector"]: _state(row) for row in rows}
    return {
        name: rules.before_call(breaker, now) is not None
        for name, breaker in found.items()
        if breaker.state is rules.State.OPEN or rules.before_call(breaker, now) is None
    }


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


def set_by_hand(actor: str, name: str, wanted: rules.State, reason: str) -> dict[str, object]:
    """Open a breaker until it is closed by hand, or close one at once; the breaker as it is then.

    Raises NoSuchConnector.
    """
    _require_known(name)
    return {"name": name, **asdict(_change(name, lambda _: rules.by_hand(wanted), actor, reason))}


def _book_fault(name: str, operation: str, error: ConnectorError, begun: rules.BreakerState) -> None:
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
    now = clock.now()
    # Only what the vendor may get over by itself speaks of its health; a refused request speaks of the request.
    if error.error_class in (ErrorClass.TRANSIENT, ErrorClass.UNKNOWN):
        lately = _lately(name, now)
        _change(
            name, lambda it: rules.after_fault(it, now, error.retry_after, lately) if rules.counts(begun, it) else it
        )
    elif begun.state is rules.State.HALF_OPEN:
        _change(name, lambda it: rules.after_refusal(it) if rules.counts(begun, it) else it)


_REFUSED = "breaker: "
"""How the error of a call that was not made begins."""
# The table belongs to the deployments, which stand above this package: it is read by name. Counting calls in a place of
# our own would be a write for each success.
_COMMANDS = table(
    "commands",
    column("connector", String),
    column("state", String),
    column("error", String),
    column("attempted_at", TIMESTAMP(timezone=True)),
)


def _lately(name: str, now: datetime) -> rules.Calls:
    """The last minute's commands that came back, and the call that has just failed, whose row does not know it yet."""
    error, state = _COMMANDS.c.error, _COMMANDS.c.state
    came_back = (
        select(
            func.count().label("made"),
            func.count().filter(state.in_(("retry_wait", "unknown")), error.is_not(None)).label("faulty"),
        )
        .where(_COMMANDS.c.connector == name, _COMMANDS.c.attempted_at > now - rules.WINDOW)
        .where(state.in_(("confirmed", "retry_wait", "unknown", "failed")))
        .where(or_(error.is_(None), not_(func.starts_with(error, _REFUSED))))
    )
    with db.engine.connect() as connection:
        row = connection.execute(came_back).mappings().one()
    return rules.Calls(row["made"] + 1, row["faulty"] + 1)


def _change(
    name: str,
    rule: Callable[[rules.BreakerState], rules.BreakerState],
    actor: str | None = None,
    reason: str | None = None,
) -> rules.BreakerState:
    """Apply a rule to the breaker as it is now, under its row's lock: calls elsewhere change it too.

    With a person as the actor whatever changes is an event; without, a change of its state.
    """
    with unit_of_work(actor or f"connector:{name}") as unit:
        healthy = insert(Breaker).values(connector=name, **_columns(rules.HEALTHY))
        unit.session.execute(healthy.on_conflict_do_nothing())
        row = unit.session.execute(_ROWS.where(Breaker.connector == name).with_for_update()).mappings().one()
        before = _state(row)
        after = rule(before)
        if after == before:
            return after
        unit.session.execute(update(Breaker).where(Breaker.connector == name).values(**_columns(after)))
        if actor or before.state is not after.state:
            moved = {"from": before.state.value, "to": after.state.value}
            unit.record("breaker.changed", {"connector": name, **moved, "reason": reason or rules.why(before, after)})
        return after


def _columns(breaker: rules.BreakerState) -> dict[str, Any]:
    return {**asdict(breaker), "state": breaker.state.value}


def _state(row: RowMapping) -> rules.BreakerState:
    values = {name: value for name, value in row.items() if name != "connector"}
    return rules.BreakerState(**{**values, "state": rules.State(row["state"])})
