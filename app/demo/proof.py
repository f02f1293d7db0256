"""The proof: totals of the event log compared with Graphite's, and the time until a request is visible in Graphite."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from app.commands.models import Command
from app.dashboards import service as dashboards
from app.dashboards.errors import NoSuchDashboard
from app.dashboards.targets import Range, targets
from app.db import db
from app.demo.errors import DemoFailed
from app.events.models import Event
from app.metrics import catalogue as m
from app.metrics.projection import totals
from app.metrics.reading.graphite import Graphite, GraphiteUnavailable

SETTLE_SECONDS = 30.0
POLL_SECONDS = 0.02
OPERATIONS = "eucora-operations"


@dataclass(frozen=True)
class SeriesTotals:
    """The total of one series in the event log and in Graphite."""

    series: str
    database: int
    graphite: int

    @property
    def short_name(self) -> str:
        """The series name without the prefixes and the suffix that all series share."""
        return self.series.removeprefix("stats.").replace(f".{m.PREFIX}.", " ").removesuffix(".count")

    @property
    def equal(self) -> bool:
        """Whether the two totals are equal."""
        return self.database == self.graphite


def last_event_id() -> int:
    """The id of the newest event, 0 if there is none."""
    with db.engine.connect() as connection:
        return int(connection.execute(select(func.coalesce(func.max(Event.id), 0))).scalar_one())


def wait_until_collected(deployment_id: int) -> None:
    """Return when the results of every command are collected. Raises DemoFailed after SETTLE_SECONDS."""
    outstanding = select(func.count()).where(Command.deployment_id == deployment_id, Command.due_at.is_not(None))
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        with db.engine.connect() as connection:
            if not connection.execute(outstanding).scalar_one():
                return
        time.sleep(0.25)
    raise DemoFailed(f"Results of deployment {deployment_id} are still missing after {SETTLE_SECONDS:.0f} s.")


def compare(graphite: Graphite, after_event: int, since: datetime) -> list[SeriesTotals]:
    """The totals of every event-derived series after an event.

    Asks Graphite every second until all totals are equal, at most for SETTLE_SECONDS.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        with db.engine.connect() as connection:
            events = connection.execute(select(Event.type, Event.payload).where(Event.id > after_event)).all()
        expected = totals(events)
        actual = graphite.totals(expected, int(since.timestamp()) - 1, int(time.time()) + 1)
        compared = [SeriesTotals(series, count, round(actual[series])) for series, count in sorted(expected.items())]
        if all(each.equal for each in compared) or time.monotonic() > until:
            return compared
        time.sleep(1)


def visibility(graphite: Graphite, act: Callable[[], object], times: int) -> list[float]:
    """Seconds from the start of a request until Graphite shows its count, once for each of `times` calls of `act`.

    `act` submits one duplicate report. Raises DemoFailed if a count is not visible within SETTLE_SECONDS.
    """
    series = m.REPORT_TOTAL.series("count", result="duplicate")
    start = int(time.time()) - 2
    chance = random.Random(4)  # noqa: S311  # delays, not secrets
    seconds = []
    for _ in range(times):
        before = _total(graphite, series, start)
        started = time.perf_counter()
        act()
        while _total(graphite, series, start) <= before:
            if time.perf_counter() - started > SETTLE_SECONDS:
                raise DemoFailed(f"{series} did not grow in Graphite within {SETTLE_SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)
        seconds.append(time.perf_counter() - started)
        # A count becomes visible just after a flush of StatsD; probing at once would always measure the same wait.
        time.sleep(chance.random())
    return seconds


def panel_values(graphite: Graphite, since: datetime) -> list[tuple[str, str, str]]:
    """The newest value of every series on the operations dashboard: (panel, series, value)."""
    try:
        board = dashboards.installed().board(OPERATIONS)
    except NoSuchDashboard:
        return []
    span = Range(int(since.timestamp()), int(time.time()))
    all_values = {name: ["*"] for name in board.variables}
    values = []
    for panel in board.panels():
        for target in targets(panel, all_values, span):
            for series in graphite.render([target.expression], span.start, span.until):
                points = [value for value, _ in series.points if value is not None]
                values.append((panel["title"], series.name, f"{points[-1]:g}" if points else "no data"))
    return values


def now() -> datetime:
    """The current time; comparable with Graphite's, which runs on the same machine."""
    return datetime.now(UTC)


def _total(graphite: Graphite, series: str, start: int) -> float:
    try:
        return graphite.totals([series], start, int(time.time()) + 1)[series]
    except GraphiteUnavailable as error:
        raise DemoFailed(error.detail) from error
