"""Compares the event log with Graphite, and adds to Graphite what it missed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Row, func, select

from app.audit import archives
from app.db import db
from app.errors import Conflict, Invalid, Unavailable
from app.events.models import Event
from app.metrics.projection import RULES
from app.metrics.proof import repairing
from app.metrics.proof.carbon import Carbon, CarbonPoint, CarbonUnavailable
from app.metrics.proof.outcome import Reconciliation, SeriesComparison, clock_time
from app.metrics.proof.repairing import ComparisonWindow, Cutter, canonical
from app.metrics.reading.graphite import TARGETS_PER_REQUEST, Graphite

EVENTS_PER_FETCH = 1_000
POINTS_PER_REQUEST = 100_000
"""At most so many points are requested from graphite-web at once."""
REPAIR_LOCK = 0x45554352
"""Key of the advisory lock that lets only one repair run at a time ("EUCR")."""
_WITHOUT_MEASURES = [type for type, rule in RULES.items() if rule is None]


class Unprojectable(Invalid):
    type = "event-not-projectable"
    title = "An event cannot be converted to measures"


class UnexpectedResolution(Unavailable):
    type = "graphite-resolution"
    title = "Graphite has a different resolution than expected"


class RepairRunning(Conflict):
    type = "repair-running"
    title = "Another repair is running"


@dataclass(frozen=True)
class Patience:
    """Seconds: without events around a window's edge, since the last edge, and until a repair must be visible."""

    quiet: float = 5.0
    closed: float = 15.0
    shown: float = 30.0


class _Addition(NamedTuple):
    """What a series is missing, and the point to add it to."""

    series: str
    at: int
    tier: repairing.Tier
    amount: float


@dataclass
class _Comparison:
    outcome: Reconciliation
    additions: list[_Addition] = field(default_factory=list)
    unplaced: int = 0
    """Missing counts that cannot be added to any point safely."""


DOCUMENTED = Patience()


def reconcile(
    graphite: Graphite,
    since: datetime,
    until: datetime,
    *,
    carbon: Carbon | None = None,
    patience: Patience = DOCUMENTED,
) -> Reconciliation:
    """Compare the totals of every event-derived series between two times; with `carbon`, add what Graphite missed.

    Raises Unavailable if Graphite cannot be read, and SQLAlchemy's errors if the database cannot.
    """
    span, now = (since.timestamp(), until.timestamp()), int(time.time())
    if carbon is None:
        return _compare(graphite, *span, now, patience).outcome
    with db.engine.connect() as connection:  # the lock belongs to this connection and ends with it
        if not connection.execute(select(func.pg_try_advisory_lock(REPAIR_LOCK))).scalar_one():
            raise RepairRunning("Wait until the other repair ends: two at once would add the same counts twice.")
        connection.commit()
        try:
            return _repaired(graphite, carbon, *span, now, patience)
        finally:
            connection.execute(select(func.pg_advisory_unlock(REPAIR_LOCK)))
            connection.commit()


def _repaired(
    graphite: Graphite, carbon: Carbon, since: float, until: float, now: int, patience: Patience
) -> Reconciliation:
    """Write what is missing, and compare the same windows again until Graphite shows it."""
    comparison = _compare(graphite, since, until, now, patience)
    outcome = comparison.outcome
    if comparison.unplaced:
        note = (
            f"{comparison.unplaced:,} gaps are too close to the end of one of Graphite's resolutions: "
            "repair again in half an hour."
        )
        outcome = replace(outcome, notes=(*outcome.notes, note))
    if not comparison.additions:
        return outcome
    try:
        notes = _write(graphite, carbon, comparison.additions)
    except CarbonUnavailable as error:
        return replace(outcome, notes=(*outcome.notes, f"The repair is incomplete: {error.detail}"))
    repaired, deadline = {added.series for added in comparison.additions}, time.monotonic() + patience.shown
    while True:
        left = {row.series: row.difference for row in _compare(graphite, since, until, now, patience).outcome.rows}
        if not repaired & left.keys() or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    rows = tuple(
        replace(row, repaired=round(row.difference - left.get(row.series, 0.0), repairing.DIGITS))
        for row in outcome.rows
    )
    return replace(outcome, rows=rows, notes=(*outcome.notes, *notes))


# Comparing


def _compare(graphite: Graphite, since: float, until: float, now: int, patience: Patience) -> _Comparison:
    asked, since = since, _whole_since(since, until, patience)
    cutter = Cutter(since, until, now, patience.quiet, patience.closed)
    for event in _events(since - patience.quiet, min(until + repairing.TIERS[-1].step, now)):
        try:
            cutter.add(event.at.timestamp(), repairing.additions(event))
        except (KeyError, TypeError, ValueError) as error:
            raise Unprojectable(f"Event {event.id} ({event.type}) cannot be converted: {error!r}.") from error
    cutter.finish()
    windows = cutter.windows
    notes = tuple(_notes(cutter, since, patience))
    if since > asked:
        lacking = (
            f"Until {clock_time(since - patience.quiet)} the database lacks events, which were archived or lost by a "
            "restore: for that time only Graphite has totals."
        )
        notes = (lacking, *notes)
    if not windows:
        return _Comparison(Reconciliation(None, None, 0, 0, (), notes))
    names = _names(graphite)
    every = set(names).union(*(window.sums for window in windows))
    sums_in_graphite = _measured(graphite, names, windows, now)
    late = _late(graphite, names, cutter, now)
    rows, additions, unplaced = [], [], 0
    for series in sorted(every):
        database = [float(window.sums[series]) for window in windows]
        stored = [sums.get(series, 0.0) for sums in sums_in_graphite]
        missing = repairing.difference(database, stored, late.get(series, 0.0))
        if not missing:
            continue
        rows.append(SeriesComparison(series, round(sum(database), 3), round(sum(stored), 3), missing))
        for window, amount in zip(windows, repairing.shortfalls(database, stored, late.get(series, 0.0)), strict=True):
            point = window.bucket(now) if amount else None
            if point is not None:
                additions.append(_Addition(series, *point, amount))
            unplaced += bool(amount and point is None)
    events = sum(window.events for window in windows)
    outcome = Reconciliation(windows[0].start, windows[-1].end, events, len(every), tuple(rows), notes)
    return _Comparison(outcome, additions, unplaced)


def _whole_since(since: float, until: float, patience: Patience) -> float:
    """From when on the database has every event: a little after the newest one that was archived or lost."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (since, until))
    whole = archives.comparable_from(db.session(), first, last)
    db.session.rollback()
    return whole.timestamp() + patience.quiet if whole > first else since


def _events(start: float, end: float) -> Iterator[Row[tuple[int, datetime, str, dict[str, object]]]]:
    """The events with measures between two times, by time, `EVENTS_PER_FETCH` at a time."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (start, end))
    statement = (
        select(Event.id, Event.at, Event.type, Event.payload)
        .where(Event.at >= first, Event.at < last, Event.type.not_in(_WITHOUT_MEASURES))
        .order_by(Event.at, Event.id)
    )
    with db.engine.connect().execution_options(yield_per=EVENTS_PER_FETCH) as connection:
        yield from connection.execute(statement)


def _notes(cutter: Cutter, since: float, patience: Patience) -> Iterator[str]:
    without = f"{patience.quiet:g} s without events"
    if not cutter.windows:
        yield (
            f"Nothing was compared: there are no quiet points ({without}, at least {patience.closed:g} s ago) after "
            f"{clock_time(since)}. Compare a longer time, or try again when there is less activity."
        )
        return
    start, end = cutter.windows[0].start, cutter.windows[-1].end
    if cutter.skipped:
        yield f"{cutter.skipped:,} events before {clock_time(start)} are left out: there are no {without} before them."
    elif start - since > 3 * repairing.EDGE:
        yield (
            f"Compared from {clock_time(start)} on: earlier points are too close to the end of one of Graphite's "
            "resolutions."
        )
    if cutter.left_out:
        yield f"{cutter.left_out:,} events after {clock_time(end)} are left out: there are no {without} after them yet."


StoredNames = dict[str, list[str]]


def _names(graphite: Graphite) -> StoredNames:
    """The stored series that events can add to, each with its names under the prefixes of all StatsD instances."""
    names: StoredNames = defaultdict(list)
    for name in graphite.expand(repairing.patterns()):
        names[canonical(name)].append(name)
    return names


def _measured(
    graphite: Graphite, names: StoredNames, windows: Sequence[ComparisonWindow], now: int
) -> list[dict[str, float]]:
    """The sums in Graphite for each window, by series."""
    sums: list[dict[str, float]] = []
    for step, group in groupby(windows, lambda window: window.step):
        adjacent = list(group)
        step_sums = [dict[str, float]() for _ in adjacent]
        for series, points in _points(graphite, names, adjacent[0].start, adjacent[-1].end, step, now):
            number = 0
            for at, value in points:
                while at >= adjacent[number].end:
                    number += 1
                step_sums[number][series] = step_sums[number].get(series, 0.0) + value
        sums += step_sums
    return sums


def _late(graphite: Graphite, names: StoredNames, cutter: Cutter, now: int) -> dict[str, float]:
    """Database minus Graphite right after the last window, by series."""
    start, end = cutter.windows[-1].end, cutter.beyond_end
    tier = repairing.tier_of(start, now)
    if tier is None or end <= start:
        return {}
    late = {series: float(amount) for series, amount in cutter.beyond.items()}
    for series, points in _points(graphite, names, start, end, tier.step, now):
        late[series] = late.get(series, 0.0) - sum(value for _, value in points)
    return late


def _points(
    graphite: Graphite, names: StoredNames, start: int, end: int, step: int, now: int
) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """The points of every series in [start, end), which are `step` apart; a series may come several times."""
    every = [name for stored_names in names.values() for name in stored_names]
    at_once = max(1, min(POINTS_PER_REQUEST * step // (end - start), TARGETS_PER_REQUEST))
    for first in range(0, len(every), at_once):
        # graphite-web excludes the start; with `now`, all requests read the same tier
        for rendered in graphite.render(every[first : first + at_once], start - 1, end - 1, now=now):
            times = [at for _, at in rendered.points]
            if times[:2] != list(range(start, end, step)[:2]):
                raise UnexpectedResolution(
                    f"{rendered.name} has points at {times[:2]}; expected every {step} s from {start} on. Does its "
                    "retention match ops/graphite/storage-schemas.conf?"
                )
            yield canonical(rendered.name), [(at, value) for value, at in rendered.points if value is not None]


# Repairing


def _write(graphite: Graphite, carbon: Carbon, additions: Iterable[_Addition]) -> list[str]:
    """Read each point, add what is missing, write it; returns notes on what could not be repaired."""
    points, notes = [], []
    ordered = sorted(additions, key=lambda it: it.at)
    for at, group in groupby(ordered, lambda it: it.at):
        additions_at = list(group)
        if repairing.tier_of(at, int(time.time())) != additions_at[0].tier:
            notes.append(
                f"{clock_time(at)} is now too close to the end of one of Graphite's resolutions: repair again."
            )
            continue
        names = {added.series: [added.series] for added in additions_at}
        step, now = additions_at[0].tier.step, int(time.time())
        stored = {
            series: sum(value for _, value in values)
            for series, values in _points(graphite, names, at, at + step, step, now)
        }
        points += [CarbonPoint(it.series, at, stored.get(it.series, 0.0) + it.amount) for it in additions_at]
    carbon.send(points)
    return notes
