"""Comparing the event log with Graphite, and adding to Graphite what it has missed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Row as Record, func, select

from app.db import db
from app.errors import Conflict, Invalid, Unavailable
from app.events.models import Event
from app.metrics.projection import RULES
from app.metrics.proof import repairing
from app.metrics.proof.carbon import Carbon, CarbonUnavailable, Point
from app.metrics.proof.outcome import Outcome, Row, clock_time
from app.metrics.proof.repairing import Cutter, Window, canonical
from app.metrics.reading.graphite import TARGETS_PER_REQUEST, Graphite

BATCH = 1_000
POINTS = 100_000
"""Points asked of graphite-web in one request, at most."""
LOCK = 0x45554352
"""Key of the advisory lock that lets one repair at a time read, add and write ("EUCR")."""
_SILENT = [type for type, rule in RULES.items() if rule is None]


class Unprojectable(Invalid):
    type = "event-not-projectable"
    title = "An event cannot be read"


class UnexpectedResolution(Unavailable):
    type = "graphite-resolution"
    title = "Graphite keeps other points than expected"


class RepairRunning(Conflict):
    type = "repair-running"
    title = "Another repair is running"


@dataclass(frozen=True)
class Patience:
    """Seconds: without events around a window's edge, since the newest edge, and until a repair must show."""

    quiet: float = 5.0
    closed: float = 15.0
    shown: float = 30.0


class _Addition(NamedTuple):
    """What a series misses, and the point that is to have it."""

    series: str
    at: int
    tier: repairing.Tier
    amount: float


@dataclass
class _Comparison:
    outcome: Outcome
    additions: list[_Addition] = field(default_factory=list)
    unplaced: int = 0
    """Missing counts for which there is no safe point."""


DOCUMENTED = Patience()


def reconcile(
    graphite: Graphite,
    since: datetime,
    until: datetime,
    *,
    carbon: Carbon | None = None,
    patience: Patience = DOCUMENTED,
) -> Outcome:
    """Compare the totals of every event-born series between two times; with `carbon`, add what Graphite has missed.

    Raises Unavailable when Graphite cannot be read, and SQLAlchemy's errors when the database cannot.
    """
    span, now = (since.timestamp(), until.timestamp()), int(time.time())
    if carbon is None:
        return _compare(graphite, *span, now, patience).outcome
    with db.engine.connect() as connection:  # the lock is this connection's, and ends with it
        if not connection.execute(select(func.pg_try_advisory_lock(LOCK))).scalar_one():
            raise RepairRunning("Two at once would add the same counts twice: wait for the other one to end.")
        connection.commit()
        try:
            return _repaired(graphite, carbon, *span, now, patience)
        finally:
            connection.execute(select(func.pg_advisory_unlock(LOCK)))
            connection.commit()


def _repaired(graphite: Graphite, carbon: Carbon, since: float, until: float, now: int, patience: Patience) -> Outcome:
    """Write what is missing, and compare the same windows until it shows."""
    found = _compare(graphite, since, until, now, patience)
    if found.unplaced:
        near = f"{found.unplaced:,} gaps lie too near the end of a tier of Graphite: repair again in half an hour."
        found.outcome = replace(found.outcome, notes=(*found.outcome.notes, near))
    if not found.additions:
        return found.outcome
    try:
        notes = _write(graphite, carbon, found.additions)
    except CarbonUnavailable as error:
        return replace(found.outcome, notes=(*found.outcome.notes, f"Not everything was repaired: {error.detail}"))
    wanted, deadline = {added.series for added in found.additions}, time.monotonic() + patience.shown
    while True:
        left = {row.series: row.difference for row in _compare(graphite, since, until, now, patience).outcome.rows}
        if not wanted & left.keys() or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    rows = tuple(
        replace(row, repaired=round(row.difference - left.get(row.series, 0.0), repairing.DIGITS))
        for row in found.outcome.rows
    )
    return replace(found.outcome, rows=rows, notes=(*found.outcome.notes, *notes))


# Comparing


def _compare(graphite: Graphite, since: float, until: float, now: int, patience: Patience) -> _Comparison:
    cutter = Cutter(since, until, now, patience.quiet, patience.closed)
    for event in _events(since - patience.quiet, min(until + repairing.TIERS[-1].step, now)):
        try:
            cutter.add(event.at.timestamp(), repairing.additions(event))
        except (KeyError, TypeError, ValueError) as error:
            raise Unprojectable(f"Event {event.id}, {event.type}, has no measures: {error!r}.") from error
    cutter.finish()
    windows = cutter.windows
    notes = tuple(_notes(cutter, since, patience))
    if not windows:
        return _Comparison(Outcome(None, None, 0, 0, (), notes))
    names = _names(graphite)
    born = set(names).union(*(window.sums for window in windows))
    seen = _measured(graphite, names, windows, now)
    late = _late(graphite, names, cutter, now)
    rows, additions, unplaced = [], [], 0
    for series in sorted(born):
        database = [float(window.sums[series]) for window in windows]
        stored = [sums.get(series, 0.0) for sums in seen]
        missing = repairing.difference(database, stored, late.get(series, 0.0))
        if not missing:
            continue
        rows.append(Row(series, round(sum(database), 3), round(sum(stored), 3), missing))
        for window, amount in zip(windows, repairing.shortfalls(database, stored, late.get(series, 0.0)), strict=True):
            point = window.bucket(now) if amount else None
            if point is not None:
                additions.append(_Addition(series, *point, amount))
            unplaced += bool(amount and point is None)
    events = sum(window.events for window in windows)
    outcome = Outcome(windows[0].start, windows[-1].end, events, len(born), tuple(rows), notes)
    return _Comparison(outcome, additions, unplaced)


def _events(start: float, end: float) -> Iterator[Record[tuple[int, datetime, str, dict[str, object]]]]:
    """The events with measures between two times, by time, a batch at a time."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (start, end))
    statement = (
        select(Event.id, Event.at, Event.type, Event.payload)
        .where(Event.at >= first, Event.at < last, Event.type.not_in(_SILENT))
        .order_by(Event.at, Event.id)
    )
    with db.engine.connect().execution_options(yield_per=BATCH) as connection:
        yield from connection.execute(statement)


def _notes(cutter: Cutter, since: float, patience: Patience) -> Iterator[str]:
    without = f"{patience.quiet:g} s without events"
    if not cutter.windows:
        yield (
            f"Nothing was compared: no quiet points ({without}, {patience.closed:g} s ago or more) lie between "
            f"{clock_time(since)} and the end. Take a longer time, or try again when less is going on."
        )
        return
    start, end = cutter.windows[0].start, cutter.windows[-1].end
    if cutter.skipped:
        yield f"{cutter.skipped:,} events before {clock_time(start)} are left out: no {without} come before them."
    elif start - since > 3 * repairing.EDGE:
        yield f"Compared from {clock_time(start)} on: earlier points are too near the end of a tier of Graphite."
    if cutter.left_out:
        yield f"{cutter.left_out:,} events after {clock_time(end)} are left out: no {without} follow them yet."


Names = dict[str, list[str]]


def _names(graphite: Graphite) -> Names:
    """The stored series that events can add to: for each, its names under the prefixes of all StatsD instances."""
    names: Names = defaultdict(list)
    for name in graphite.expand(repairing.patterns()):
        names[canonical(name)].append(name)
    return names


def _measured(graphite: Graphite, names: Names, windows: Sequence[Window], now: int) -> list[dict[str, float]]:
    """What Graphite adds up to in each window, by series."""
    sums: list[dict[str, float]] = []
    for step, group in groupby(windows, lambda window: window.step):
        span = list(group)
        found = [dict[str, float]() for _ in span]
        for series, points in _points(graphite, names, span[0].start, span[-1].end, step, now):
            number = 0
            for at, value in points:
                while at >= span[number].end:
                    number += 1
                found[number][series] = found[number].get(series, 0.0) + value
        sums += found
    return sums


def _late(graphite: Graphite, names: Names, cutter: Cutter, now: int) -> dict[str, float]:
    """Database less Graphite right behind the last window, by series."""
    start, end = cutter.windows[-1].end, cutter.beyond_end
    tier = repairing.tier_of(start, now)
    if tier is None or end <= start:
        return {}
    late = {series: float(amount) for series, amount in cutter.beyond.items()}
    for series, points in _points(graphite, names, start, end, tier.step, now):
        late[series] = late.get(series, 0.0) - sum(value for _, value in points)
    return late


def _points(
    graphite: Graphite, names: Names, start: int, end: int, step: int, now: int
) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """The points of every series in [start, end), which lie on `step`; one series may come several times."""
    every = [name for several in names.values() for name in several]
    at_once = max(1, min(POINTS * step // (end - start), TARGETS_PER_REQUEST))
    for first in range(0, len(every), at_once):
        # graphite-web excludes the start; `now` keeps it from moving on to another tier meanwhile
        for answer in graphite.render(every[first : first + at_once], start - 1, end - 1, now=now):
            times = [at for _, at in answer.points]
            if times[:2] != list(range(start, end, step)[:2]):
                raise UnexpectedResolution(
                    f"{answer.name}: points {times[:2]} where {step} s from {start} on were expected. Is its retention "
                    "that of ops/graphite/storage-schemas.conf?"
                )
            yield canonical(answer.name), [(at, value) for value, at in answer.points if value is not None]


# Repairing


def _write(graphite: Graphite, carbon: Carbon, additions: Iterable[_Addition]) -> list[str]:
    """Read, add, write; returns what could not be done."""
    points, notes = [], []
    ordered = sorted(additions, key=lambda it: it.at)
    for at, group in groupby(ordered, lambda it: it.at):
        wanted = list(group)
        if repairing.tier_of(at, int(time.time())) != wanted[0].tier:
            notes.append(f"{clock_time(at)} has come too near the end of a tier of Graphite: repair again.")
            continue
        names = {added.series: [added.series] for added in wanted}
        step, now = wanted[0].tier.step, int(time.time())
        stored = {
            series: sum(value for _, value in found)
            for series, found in _points(graphite, names, at, at + step, step, now)
        }
        points += [Point(it.series, at, stored.get(it.series, 0.0) + it.amount) for it in wanted]
    carbon.send(points)
    return notes
