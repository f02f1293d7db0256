"""The monthly report of the objectives as a table, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from app.http.serialization import timestamp
from app.metrics.objectives.report import Count, Kept, Report

NO_DATA = "no data"
HEADINGS = ("", "objective", "kept", "good", "bad", "total", "budget left", "worst day", "in the event log")


def title(report: Report) -> str:
    """What it is about."""
    return f"Objectives in {report.month:%Y-%m}, until {report.until:%Y-%m-%d %H:%M:%S} UTC"


def as_table(report: Report) -> Table:
    """For a terminal."""
    table = Table(title=title(report), title_justify="left", box=box.SIMPLE_HEAD)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in ("", "worst day", "in the event log") else "right")
    for kept in report.kept:
        colour = {True: "green", False: "red", None: "yellow"}[kept.is_met]
        cells = _cells(kept)
        table.add_row(*cells[:2], f"[{colour}]{cells[2]}[/]", *cells[3:])
    return table


def as_markdown(report: Report) -> str:
    """For a document."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(_cells(kept) for kept in report.kept)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([f"# {title(report)}", "", *lines])


def as_json(report: Report) -> str:
    """For programs: shares are 0 to 1; null where nothing counted."""
    return json.dumps(
        {
            "month": f"{report.month:%Y-%m}",
            "until": timestamp(report.until),
            "objectives": [_fields(kept) for kept in report.kept],
        },
        indent=2,
    )


def _cells(kept: Kept) -> Sequence[str]:
    begin = (kept.slo.title, f"{kept.slo.objective:.3%}")
    if not kept.count.total:
        return (*begin, NO_DATA, *["–"] * 5, _compared(kept))
    worst = kept.worst_day
    day = "–" if worst is None else f"{worst} ({kept.days[worst].bad:,} of {kept.days[worst].total:,})"
    count = (f"{number:,}" for number in (kept.count.good, kept.count.bad, kept.count.total))
    return (*begin, f"{kept.ratio:.3%}", *count, f"{kept.budget_left:.1%}", day, _compared(kept))


def _compared(kept: Kept) -> str:
    if kept.database is None:
        return "not in it"
    return f"{kept.database.bad:,} of {kept.database.total:,}: {'equal' if kept.is_equal else 'DIFFERENT'}"


def _fields(kept: Kept) -> dict[str, Any]:
    worst, counted = kept.worst_day, kept.count.total > 0
    return {
        "key": kept.slo.key,
        "title": kept.slo.title,
        "help": kept.slo.help,
        "objective": kept.slo.objective,
        **(_count(kept.count) if counted else dict.fromkeys(("good", "bad", "total"))),
        "ratio": kept.ratio,
        "met": kept.is_met,
        "budget_left": kept.budget_left,
        "worst_day": None if worst is None else {"day": worst.isoformat(), **_count(kept.days[worst])},
        "database": None if kept.database is None else {**_count(kept.database), "equal": kept.is_equal},
    }


def _count(count: Count) -> dict[str, int]:
    return {"good": count.good, "bad": count.bad, "total": count.total}


FORMATS: Mapping[str, Callable[[Report], Table | str]] = {
    "table": as_table,
    "markdown": as_markdown,
    "json": as_json,
}
