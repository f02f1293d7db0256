"""Circuit breakers as they are stored, one row per connector and shared by all processes.

For the author of a new vendor: there is nothing to do. The error class and `retry_after` of a ConnectorError decide
what the breaker does (`breaker.py`). A connector needs neither a breaker nor a pause of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.connectors import breaker
from app.connectors.breaker import BreakerState, Calls
from app.connectors.models import Breaker
from app.connectors.protocol import ConnectorError, ErrorClass
from app.db import db, locked
from app.events.unit import unit_of_work
from app.http import versions
from app.http.versions import IfMatch

History = Callable[[str, datetime], Calls]
"""`(connector, now)`: the calls that returned or failed within `breaker.WINDOW` before now."""

_ROWS = select(*Breaker.__table__.columns)
_histories: list[History] = []


class BreakerOpen(ConnectorError):
    """The breaker is open, so the vendor was not called."""


def install_history(history: History) -> None:
    """Have the share of faults read from `history`. Installed once, by the factory."""
    _histories[:] = [history]


def state_of(name: str) -> BreakerState:
    """The breaker of a connector; a healthy one if it has no row."""
    return _read(_ROWS.where(Breaker.connector == name)).get(name, breaker.HEALTHY)


def states() -> dict[str, BreakerState]:
    """Every breaker that has a row, by connector."""
    return _read(_ROWS)


def not_closed(session: Session) -> dict[str, BreakerState]:
    """Every breaker that is open or half-open, by connector. One statement in the caller's transaction."""
    rows = session.execute(_ROWS.where(Breaker.state != breaker.State.CLOSED.value)).mappings()
    return {row["connector"]: _state(row) for row in rows}


def blocked(session: Session, connectors: Collection[str], now: datetime) -> dict[str, bool]:
    """Those of the connectors whose breaker is open, each with whether a probe may be made now.

    One statement in the caller's transaction.
    """
    rows = session.execute(_ROWS.where(Breaker.connector.in_(sorted(connectors)))).mappings()
    stored = {row["connector"]: _state(row) for row in rows}
    return {
        name: breaker.before_call(state, now) is not None
        for name, state in stored.items()
        if state.state is breaker.State.OPEN or breaker.before_call(state, now) is None
    }


def version_of(state: BreakerState) -> str:
    """The version of a breaker for conditional requests: it changes with the state, not with each fault."""
    opened_at = state.opened_at and state.opened_at.isoformat()
    return versions.digest({"state": state.state.value, "opened_at": opened_at})


def set_by_hand(actor: str, name: str, state: breaker.State, reason: str, if_match: IfMatch = None) -> BreakerState:
    """Open a breaker until a person closes it, or close it at once; return the changed breaker. Raises Stale."""

    def after(present: BreakerState) -> BreakerState:
        versions.require_version("The breaker", version_of(present), if_match)
        return breaker.by_hand(state)

    return _change(name, after, actor, reason)


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Make one call under the breaker and count its outcome. Must be entered outside a unit of work.

    Raises BreakerOpen if the call must not be made.
    """
    begun = _begin(name)
    try:
        yield
    except ConnectorError as error:
        _count_fault(name, begun, error)
        raise
    if begun != breaker.HEALTHY:
        _change(name, lambda present: breaker.after_success(present) if breaker.counts(begun, present) else present)


def _begin(name: str) -> BreakerState:
    """The breaker under which a call begins. A probe is claimed under the row's lock, so only one is made at a time.

    Raises BreakerOpen.
    """

    def claim(present: BreakerState) -> BreakerState:
        begun = breaker.before_call(present, clock.now())
        if begun is None:
            until = present.probe_until if present.state is breaker.State.HALF_OPEN else present.retry_at
            when = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until else "until a person closes it"
            raise BreakerOpen(ErrorClass.TRANSIENT, f"the circuit breaker of {name} is open {when}")
        return begun

    present = claim(state_of(name))
    return present if present.state is breaker.State.CLOSED else _change(name, claim)


def _count_fault(name: str, begun: BreakerState, error: ConnectorError) -> None:
    now = clock.now()
    # A rejected request says something about the request, not about the vendor's health.
    if error.error_class in (ErrorClass.TRANSIENT, ErrorClass.UNKNOWN):
        before = _histories[0](name, now) if _histories else breaker.NO_CALLS
        lately = Calls(before.made + 1, before.faulty + 1)  # this call is not recorded yet

        def after(present: BreakerState) -> BreakerState:
            if not breaker.counts(begun, present):
                return present
            return breaker.after_fault(present, now, error.retry_after, lately)

        _change(name, after)
    elif begun.state is breaker.State.HALF_OPEN:
        _change(name, lambda present: breaker.after_refusal(present) if breaker.counts(begun, present) else present)


def _change(
    name: str,
    rule: Callable[[BreakerState], BreakerState],
    actor: str | None = None,
    reason: str | None = None,
) -> BreakerState:
    """Apply a rule to the breaker under its row's lock, because calls in other processes change it too.

    A change of state is an event, and so is every change that a person makes.
    """
    with unit_of_work(actor or f"connector:{name}") as unit:
        healthy = insert(Breaker).values(connector=name, **_columns(breaker.HEALTHY))
        unit.session.execute(healthy.on_conflict_do_nothing())
        row = unit.session.execute(locked(_ROWS.where(Breaker.connector == name))).mappings().one()
        before = _state(row)
        after = rule(before)
        if after == before:
            return after
        unit.session.execute(update(Breaker).where(Breaker.connector == name).values(**_columns(after)))
        if actor or before.state is not after.state:
            moved = {"from": before.state.value, "to": after.state.value}
            unit.record("breaker.changed", {"connector": name, **moved, "reason": reason or breaker.why(before, after)})
        return after


def _read(query: Select[*tuple[Any, ...]]) -> dict[str, BreakerState]:
    with db.engine.connect() as connection:
        return {row["connector"]: _state(row) for row in connection.execute(query).mappings()}


def _columns(state: BreakerState) -> dict[str, Any]:
    return {**asdict(state), "state": state.state.value}


def _state(row: RowMapping) -> BreakerState:
    values = {name: value for name, value in row.items() if name != "connector"}
    return BreakerState(**{**values, "state": breaker.State(row["state"])})
