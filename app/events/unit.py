"""The unit of work: the only code that commits.

Rows change; then the collected events are inserted as the last statement before COMMIT, under one advisory lock, so
that their ids follow commit order and the chain cannot fork; then the committed events go to the listeners and the
requested jobs to the queue. Errors after COMMIT are caught, logged and reported; they never undo or fail the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app import clock
from app.db import db
from app.events.chain import GENESIS, link
from app.events.models import Event
from app.queue import Job, enqueue
from app.settings import load_settings

log = structlog.get_logger()

SYSTEM = "system"
"""The actor of everything the program does by itself."""
CHAIN_LOCK = 0x45554355
"""Key of the advisory transaction lock that lets one writer append at a time ("EUCU")."""


@dataclass(frozen=True)
class CommittedEvent:
    """An event as listeners get it, after it is durable."""

    id: int
    at: datetime
    type: str
    actor: str
    deployment_id: int | None
    payload: Mapping[str, Any]


Listener = Callable[[Sequence[CommittedEvent]], None]
FailureListener = Callable[[str], None]

_listeners: list[Listener] = []
_failure_listeners: list[FailureListener] = []
_current: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)


def install_listener(listener: Listener) -> None:
    """Call `listener` with the events of each commit. Installed once, by the factory."""
    if listener not in _listeners:
        _listeners.append(listener)


def install_failure_listener(listener: FailureListener) -> None:
    """Call `listener` with the name of each step that failed after COMMIT (`listener`, `enqueue`)."""
    if listener not in _failure_listeners:
        _failure_listeners.append(listener)


class Unit:
    """One unit of work: it changes rows through `session`, and collects events and the jobs to enqueue afterwards."""

    def __init__(self, session: Session, actor: str) -> None:
        self.session = session
        self.actor = actor
        self._events: list[tuple[str, int | None, Mapping[str, Any]]] = []
        self._refusals: list[tuple[str, int | None, Mapping[str, Any]]] = []
        self._jobs: dict[tuple[Job, tuple[int, ...]], None] = {}
        self._first_id = 0

    def leave_ids(self, first_id: int) -> None:
        """Number this unit's events from an id on, at the least: those before it were used by events that are lost."""
        self._first_id = first_id

    def record(self, type: str, payload: Mapping[str, Any], *, deployment_id: int | None = None) -> None:
        """Append an event when this unit commits. `payload` is plain JSON and has every value the projection needs."""
        self._events.append((type, deployment_id, payload))

    def record_refusal(self, type: str, payload: Mapping[str, Any]) -> None:
        """Append an event only if this unit is rolled back, in a transaction of its own: rejections are counted too."""
        self._refusals.append((type, None, payload))

    def enqueue(self, job: Job, *args: int) -> None:
        """Enqueue `job` after the commit, once however often it is requested."""
        self._jobs[(job, args)] = None

    def _append_events(self) -> list[CommittedEvent]:
        if not self._events:
            return []
        self.session.flush()
        self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
        head = self.session.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).first()
        last_id, previous = (head.id, head.hash) if head else (0, GENESIS)
        key = load_settings().event_key.get_secret_value().encode()
        at = clock.now()
        committed: list[CommittedEvent] = []
        rows: list[dict[str, Any]] = []
        for number, (type, deployment_id, payload) in enumerate(self._events, start=max(last_id + 1, self._first_id)):
            event = CommittedEvent(number, at, type, self.actor, deployment_id, payload)
            content = {**event.__dict__}
            rows.append({**content, "previous_hash": previous, "hash": link(key, previous, **content)})
            previous = rows[-1]["hash"]
            committed.append(event)
        self.session.execute(insert(Event), rows)
        return committed

    def _roll_back(self) -> None:
        self.session.rollback()
        self._events, self._refusals, self._jobs = self._refusals, [], {}
        if self._events:
            self._commit()

    def _commit(self) -> None:
        committed = self._append_events()
        self.session.commit()
        if committed:
            for listener in _listeners:
                _quietly("listener", lambda listener=listener: listener(committed))  # type: ignore[misc]  # bound at once
        for job, args in self._jobs:
            if not _quietly("enqueue", lambda job=job, args=args: enqueue(job, *args)):  # type: ignore[misc]  # as above
                break  # Redis is down; the sweep will start the rest when it is back


def _quietly(step: str, action: Callable[[], None]) -> bool:
    """Run a step after COMMIT: an error is logged and reported, never raised."""
    try:
        action()
    except Exception:
        log.warning("step after commit failed", step=step, exc_info=True)
        for report in _failure_listeners:
            report(step)
        return False
    return True


@contextmanager
def unit_of_work(actor: str) -> Iterator[Unit]:
    """One transaction with `actor` as the actor of its events. A nested unit joins the outer one, which commits."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    session = db.session()
    session.rollback()  # reads before the unit must not give it an older snapshot
    unit = Unit(session, actor)
    token = _current.set(unit)
    try:
        yield unit
        unit._commit()
    except BaseException:
        unit._roll_back()
        raise
    finally:
        _current.reset(token)
