"""The monthly report as a table, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from app.http.serialization import timestamp
from app.metrics.objectives.report import Count, MonthlyReport, ObjectiveResult

NO_DATA = "no data"
HEADINGS = ("", "objective", "actual", "good", "bad", "total", "budget left", "worst day", "event log")


def title(report: MonthlyReport) -> str:
    """The month and the time up to which it is reported."""
    return f"Objectives in {report.month:%Y-%m}, until {report.until:%Y-%m-%d %H:%M:%S} UTC"


def as_table(report: MonthlyReport) -> Table:
    """A table for a terminal."""
    table = Table(title=title(report), title_justify="left", box=box.SIMPLE_HEAD)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in ("", "worst day", "event log") else "right")
    for result in report.results:
        colour = {True: "green", False: "red", None: "yellow"}[result.is_met]
        cells = _cells(result)
        table.add_row(*cells[:2], f"[{colour}]{cells[2]}[/]", *cells[3:])
    return table


def as_markdown(report: MonthlyReport) -> str:
    """A Markdown document."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(_cells(result) for result in report.results)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([f"# {title(report)}", "", *lines])


def as_json(report: MonthlyReport) -> str:
    """A JSON document: shares are 0 to 1, and null if nothing was counted."""
    return json.dumps(
        {
            "month": f"{report.month:%Y-%m}",
            "until": timestamp(report.until),
            "objectives": [_fields(result) for result in report.results],
        },
        indent=2,
    )


def _cells(result: ObjectiveResult) -> Sequence[str]:
    begin = (result.slo.title, f"{result.slo.objective:.3%}")
    if not result.count.total:
        return (*begin, NO_DATA, *["–"] * 5, _compared(result))
    worst = result.worst_day
    day = "–" if worst is None else f"{worst} ({result.days[worst].bad:,} of {result.days[worst].total:,})"
    count = (f"{number:,}" for number in (result.count.good, result.count.bad, result.count.total))
    return (*begin, f"{result.ratio:.3%}", *count, f"{result.budget_left:.1%}", day, _compared(result))


def _compared(result: ObjectiveResult) -> str:
    if result.database is None:
        return "not included"
    return f"{result.database.bad:,} of {result.database.total:,}: {'equal' if result.is_equal else 'DIFFERENT'}"


def _fields(result: ObjectiveResult) -> dict[str, Any]:
    worst, counted = result.worst_day, result.count.total > 0
    return {
        "key": result.slo.key,
        "title": result.slo.title,
        "help": result.slo.help,
        "objective": result.slo.objective,
        **(_count(result.count) if counted else dict.fromkeys(("good", "bad", "total"))),
        "ratio": result.ratio,
        "met": result.is_met,
        "budget_left": result.budget_left,
        "worst_day": None if worst is None else {"day": worst.isoformat(), **_count(result.days[worst])},
        "database": None if result.database is None else {**_count(result.database), "equal": result.is_equal},
    }


def _count(count: Count) -> dict[str, int]:
    return {"good": count.good, "bad": count.bad, "total": count.total}


FORMATS: Mapping[str, Callable[[MonthlyReport], Table | str]] = {
    "table": as_table,
    "markdown": as_markdown,
    "json": as_json,
}
