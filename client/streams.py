"""Server-sent events: read, and opened again from where they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from client.errors import Problem, Unreachable
from client.session import FIRST_WAIT, UNAVAILABLE, Session
from client.types import Event

SILENCE = 45.0
"""Seconds after which a stream that sends not even a heartbeat is broken."""
BUSY = (429, UNAVAILABLE)


@dataclass
class Position:
    """Where a reader is: the last id, and how long to wait before it connects again."""

    last: int | None
    retry: float = FIRST_WAIT


def events(session: Session, path: str, after: int | None, filters: Mapping[str, Any]) -> Iterator[Event]:
    """The events of a stream, without end."""
    position, failures = Position(after), 0
    while True:
        headers = {} if position.last is None else {"Last-Event-ID": str(position.last)}
        wait = 0.0
        try:
            with session.stream(path, filters, headers, SILENCE) as lines:
                failures = 0
                yield from read(lines, position)
        except Unreachable:
            if failures >= session.retries:
                raise
            wait = FIRST_WAIT * 2**failures
            failures += 1
        except Problem as problem:
            if problem.status not in BUSY or problem.retry_after is None or failures >= session.retries:
                raise
            wait = problem.retry_after
            failures += 1
        session.sleep(max(wait, position.retry))


def read(lines: Iterable[str], position: Position) -> Iterator[Event]:
    """The events in these lines; `position` moves with them, before the event is handed on."""
    last, data = position.last, ""
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            position.last = last
            if data:
                yield json.loads(data)
            data = ""
        elif field == "id" and value.isdecimal():
            last = int(value)
        elif field == "data":
            data += value
        elif field == "retry" and value.isdecimal():
            position.retry = int(value) / 1000
