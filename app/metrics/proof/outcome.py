"""The outcome of comparing the event log with Graphite, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from app.metrics.catalogue import PREFIX
from app.metrics.proof.repairing import DIGITS


@dataclass(frozen=True)
class SeriesComparison:
    """A series that differs, or did before the repair; `difference` is database minus Graphite, before the repair."""

    series: str
    database: float
    graphite: float
    difference: float
    repaired: float = 0.0

    @property
    def left(self) -> float:
        """The remaining difference."""
        return round(self.difference - self.repaired, DIGITS)


@dataclass(frozen=True)
class Reconciliation:
    """The compared time in epoch seconds, the number of events and series, and the series that differ."""

    start: int | None
    end: int | None
    events: int
    series: int
    rows: tuple[SeriesComparison, ...]
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether something was compared and no difference remains."""
        return self.start is not None and not any(row.left for row in self.rows)

    @property
    def sentence(self) -> str:
        """A summary for people."""
        if self.start is None or self.end is None:
            return "Nothing was compared."
        left = [row.left for row in self.rows if row.left]
        repaired = sum(bool(row.repaired) for row in self.rows)
        above = sum(difference < 0 for difference in left)
        what = [f"{self.series - len(left):,} of {self.series:,} series are equal"]
        if repaired:
            what.append(f"{repaired:,} repaired")
        if len(left) > above:
            what.append(f"{len(left) - above:,} are below the events")
        if above:
            what.append(f"{above:,} are above the events, which is never repaired")
        period = f"{clock_time(self.start)} to {clock_time(self.end)}"
        return f"{period}, {self.events:,} events with measures: {', '.join(what)}."

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain values."""
        return {
            "equal": self.equal,
            "from": clock_time(self.start) if self.start is not None else None,
            "until": clock_time(self.end) if self.end is not None else None,
            "events": self.events,
            "series": self.series,
            "differing": [
                {
                    "series": row.series,
                    "database": row.database,
                    "graphite": row.graphite,
                    "difference": row.difference,
                    "repaired": row.repaired,
                    "left": row.left,
                }
                for row in self.rows
            ],
            "notes": list(self.notes),
        }


def clock_time(at: float) -> str:
    """An epoch second as ISO-8601 in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"


def show(console: Console, outcome: Reconciliation) -> None:
    """Print a table of the series that differ, then the notes, then the summary."""
    if outcome.rows:
        table = Table(title="Series that differ", title_justify="left")
        table.add_column("series", overflow="fold")
        for heading in ("database", "Graphite", "difference", "repaired"):
            table.add_column(heading, justify="right")
        for row in outcome.rows:
            numbers = (row.database, row.graphite, row.difference, row.repaired)
            name = row.series.removeprefix("stats.").replace(f".{PREFIX}.", " ", 1)
            table.add_row(name, *(f"{number:,.{0 if number == int(number) else DIGITS}f}" for number in numbers))
        console.print(table)
    for note in outcome.notes:
        console.print(note, soft_wrap=True, highlight=False)
    console.print(outcome.sentence, soft_wrap=True, highlight=False)
