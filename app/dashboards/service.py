"""What the page asks: dashboards, the series of their panels, values of variables, marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask, current_app

from app import clock
from app.dashboards import boards
from app.dashboards.boards import Board
from app.dashboards.errors import UnknownVariable
from app.dashboards.schemas import PREFIX, PanelQuery, RangeQuery
from app.dashboards.targets import Range, chosen, interpolated, points_of, targets
from app.errors import FieldError
from app.metrics.reading.bounded import BoundedGraphite
from app.metrics.reading.graphite import Graphite
from app.settings import Settings

AT_ONCE = 4
"""Of a process's eight threads, how many may wait for Graphite: one that hangs must leave threads for the API."""
PATIENCE_SECONDS = 3.0
TIMEOUT_SECONDS = 8.0
MARK_POINTS = 100
"""What Grafana asks for when a mark is a series."""
EXTENSION = "dashboards_graphite"

_JS_REGEX = re.compile(r"/(.*)/\w*")


def install(app: Flask, settings: Settings) -> None:
    """Read series from the settings' Graphite."""
    app.extensions[EXTENSION] = BoundedGraphite(
        settings.graphite_url, at_once=AT_ONCE, timeout=TIMEOUT_SECONDS, patience=PATIENCE_SECONDS
    )


def listed() -> dict[str, Any]:
    """Every dashboard, without its panels."""
    return {
        "items": [
            {
                "uid": one.uid,
                "title": one.title,
                "description": one.document.get("description", ""),
                "tags": one.document.get("tags", []),
            }
            for one in boards.boards()
        ]
    }


def shown(uid: str) -> Mapping[str, Any]:
    """One dashboard, as it is committed."""
    return boards.board(uid).document


def series(uid: str, panel_id: int, query: PanelQuery) -> dict[str, Any]:
    """What a panel shows: each series with the query it answers."""
    board = boards.board(uid)
    panel = board.panel(panel_id)
    asked, values = _range(board, query), _values(board, query)
    wanted = targets(panel, values, asked, query.max_points)
    answer = {"from": asked.start, "until": asked.until, "series": list[dict[str, Any]]()}
    if wanted:
        # The reference id goes through Graphite as the last word of each name: one request for all, as Grafana does it.
        marked = [f'aliasSub({one.expression}, "(^.*$)", "\\1 {one.ref_id}")' for one in wanted]
        answer["series"] = _render(marked, asked, points_of(panel, query.max_points))
    return answer


def options(uid: str, name: str, query: RangeQuery) -> dict[str, Any]:
    """The values that a variable can have."""
    board = boards.board(uid)
    variable = board.variable(name)
    asked = _range(board, query)
    wanted = variable.get("query") or ""
    text = str(wanted.get("target", "") if isinstance(wanted, dict) else wanted)
    if variable.get("type") != "query":
        found = [word.strip() for word in text.split(",") if word.strip()]
    else:
        pattern = interpolated(text, _values(board, query), asked, MARK_POINTS)
        with _turn() as graphite:
            found = _matching(graphite.find(pattern, asked.start, asked.until), str(variable.get("regex") or ""))
        if variable.get("sort"):
            found = sorted(found, reverse=variable["sort"] in (2, 4, 6))
    return {"values": list(dict.fromkeys(found))}


def marks(uid: str, query: RangeQuery) -> dict[str, Any]:
    """The moments that the dashboard's annotations mark, in the order of time."""
    board = boards.board(uid)
    asked, values = _range(board, query), _values(board, query)
    found: list[dict[str, Any]] = []
    for annotation in board.annotations:
        target = annotation.get("target") or {}
        look = {"name": annotation.get("name", ""), "color": annotation.get("iconColor", "blue")}
        if target.get("target"):
            expression = interpolated(str(target["target"]), values, asked, MARK_POINTS)
            for one in _render([f'aliasSub({expression}, "(^.*$)", "\\1 Anno")'], asked, MARK_POINTS):
                mark = {**look, "title": one["name"], "text": "", "tags": []}
                found += [{**mark, "time": at} for at, value in one["points"] if value]
        else:
            with _turn() as graphite:
                events = graphite.events(target.get("tags") or (), asked.start, asked.until)
            found += [
                {**look, "time": one.at, "title": one.what, "text": one.data, "tags": list(one.tags)} for one in events
            ]
    return {"items": sorted(found, key=lambda mark: mark["time"])}


def _range(board: Board, query: RangeQuery) -> Range:
    return query.shown(clock.now(), board.document.get("time") or {})


def _values(board: Board, query: RangeQuery) -> dict[str, list[str]]:
    given = query.values()
    unknown = [name for name in given if name not in board.variables]
    if unknown:
        known = ", ".join(board.variables) or "none"
        raise UnknownVariable(
            f"The dashboard {board.uid} has the variables {known}.",
            fields=[FieldError(PREFIX + name, "is no variable of this dashboard") for name in unknown],
        )
    return chosen(board.variables, given)


def _render(expressions: list[str], asked: Range, points: int) -> list[dict[str, Any]]:
    # Grafana rounds outwards by a second unless the range begins or ends with a minute.
    start, until = asked.start - bool(asked.start % 60), asked.until + bool(asked.until % 60)
    with _turn() as graphite:
        answered = graphite.render(expressions, start, until, maxDataPoints=points)
    found = []
    for one in answered:
        name, _, ref_id = one.name.rpartition(" ")
        found.append({"ref_id": ref_id, "name": name, "points": [[at, value] for value, at in one.points]})
    return found


def _matching(found: list[str], regex: str) -> list[str]:
    """Those that the variable's expression matches, as the part in its first brackets."""
    written = _JS_REGEX.fullmatch(regex)
    pattern = written[1] if written else regex
    if not pattern:
        return found
    matches = (re.search(pattern, one) for one in found)
    return [match[1] if match.re.groups else match[0] for match in matches if match]


def _turn() -> AbstractContextManager[Graphite]:
    bounded: BoundedGraphite = current_app.extensions[EXTENSION]
    return bounded.turn()
