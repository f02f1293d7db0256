"""Circuit breakers as they are stored, one row per connector: read, opened and closed by hand, kept during calls."""

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
from app.db import db
from app.events.unit import unit_of_work

History = Callable[[str, datetime], Calls]
"""The calls to a connector that came back within `breaker.WINDOW` before a moment."""

_ROWS = select(*Breaker.__table__.columns)
_histories: list[History] = []


class BreakerOpen(ConnectorError):
    """The breaker forbids the call; the vendor was not called."""


def install_history(history: History) -> None:
    """Read the share of faults from `history`. Installed once, by the factory."""
    _histories[:] = [history]


def state_of(name: str) -> BreakerState:
    """The breaker of a connector."""
    return _read(_ROWS.where(Breaker.connector == name)).get(name, breaker.HEALTHY)


def states() -> dict[str, BreakerState]:
    """Every breaker that has a row, by connector."""
    return _read(_ROWS)


def blocked(session: Session, wanted: Collection[str], now: datetime) -> dict[str, bool]:
    """Those of the wanted connectors whose breaker is open, and whether one may yet be called now, to try it.

    One statement in the caller's transaction.
    """
    rows = session.execute(_ROWS.where(Breaker.connector.in_(sorted(wanted)))).mappings()
    found = {row["connector"]: _state(row) for row in rows}
    return {
        name: breaker.before_call(state, now) is not None
        for name, state in found.items()
        if state.state is breaker.State.OPEN or breaker.before_call(state, now) is None
    }


def set_by_hand(actor: str, name: str, wanted: breaker.State, reason: str) -> BreakerState:
    """Open a breaker until it is closed by hand, or close one at once; the breaker as it is then."""
    return _change(name, lambda _: breaker.by_hand(wanted), actor, reason)


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """One call under the breaker: refused while it is open (BreakerOpen), and its outcome counted.

    Must be entered outside a unit of work.
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
    """The breaker under which a call begins; a probe is taken under the row's lock, so that there is only one.

    Raises BreakerOpen.
    """

    def taken(present: BreakerState) -> BreakerState:
        begun = breaker.before_call(present, clock.now())
        if begun is None:
            until = present.probe_until if present.state is breaker.State.HALF_OPEN else present.retry_at
            when = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until else "until a person closes it"
            raise BreakerOpen(ErrorClass.TRANSIENT, f"the breaker of {name} is open {when}")
        return begun

    present = taken(state_of(name))
    return present if present.state is breaker.State.CLOSED else _change(name, taken)


def _count_fault(name: str, begun: BreakerState, error: ConnectorError) -> None:
    now = clock.now()
    # Only what the vendor may get over by itself speaks of its health; a refused request speaks of the request.
    if error.error_class in (ErrorClass.TRANSIENT, ErrorClass.UNKNOWN):
        before = _histories[0](name, now) if _histories else breaker.NO_CALLS
        lately = Calls(before.made + 1, before.faulty + 1)  # this call's own record does not know of it yet

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
    """Apply a rule to the breaker as it is now, under its row's lock: calls elsewhere change it too.

    With a person as the actor whatever changes is an event; without, a change of its state.
    """
    with unit_of_work(actor or f"connector:{name}") as unit:
        healthy = insert(Breaker).values(connector=name, **_columns(breaker.HEALTHY))
        unit.session.execute(healthy.on_conflict_do_nothing())
        row = unit.session.execute(_ROWS.where(Breaker.connector == name).with_for_update()).mappings().one()
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
