"""The data behind the page: the series of panels, the values of variables, annotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from app import clock
from app.dashboards import boards
from app.dashboards.boards import Board
from app.dashboards.schemas import PanelQuery, RangeQuery
from app.dashboards.targets import Range, interpolated, points_of, targets
from app.metrics.reading.bounded import BoundedGraphite
from app.settings import Settings

AT_ONCE = 4
"""How many of a process's eight threads may wait for Graphite; the others stay free for the API."""
PATIENCE_SECONDS = 3.0
TIMEOUT_SECONDS = 8.0
ANNOTATION_POINTS = 100
"""The number of points that Grafana asks for when an annotation is a series."""
EXTENSION = "dashboards"

_JS_REGEX = re.compile(r"/(.*)/\w*")


@dataclass(frozen=True)
class Dashboards:
    """The committed dashboards of one folder, with the Graphite that has their series."""

    folder: Path
    graphite: BoundedGraphite

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Dashboards:
        """The dashboards of `folder`, read from the settings' Graphite."""
        limits: dict[str, Any] = {"at_once": AT_ONCE, "timeout": TIMEOUT_SECONDS, "patience": PATIENCE_SECONDS}
        return cls(folder, BoundedGraphite(settings.graphite_url, **limits))

    def boards(self) -> list[Board]:
        """All dashboards."""
        return boards.boards(self.folder)

    def board(self, uid: str) -> Board:
        """One dashboard. Raises NoSuchDashboard."""
        return boards.board(uid, self.folder)

    def series(self, uid: str, panel_id: int, query: PanelQuery) -> dict[str, Any]:
        """The series of a panel, each with the id of its query."""
        board = self.board(uid)
        panel = board.panel(panel_id)
        time_range, values = board.requested(query, clock.now())
        series: list[dict[str, Any]] = []
        if queries := targets(panel, values, time_range, query.max_points):
            # As in Grafana: each name ends with its query's id, so that one request serves all queries.
            named = [f'aliasSub({it.expression}, "(^.*$)", "\\1 {it.ref_id}")' for it in queries]
            series = self._render(named, time_range, points_of(panel, query.max_points))
        return {"from": time_range.start, "until": time_range.until, "series": series}

    def values(self, uid: str, name: str, query: RangeQuery) -> dict[str, Any]:
        """The values that a variable can have."""
        board = self.board(uid)
        variable = board.variable(name)
        time_range, selection = board.requested(query, clock.now())
        definition = variable.get("query") or ""
        text = str(definition.get("target", "") if isinstance(definition, dict) else definition)
        if variable.get("type") != "query":
            values = [word.strip() for word in text.split(",") if word.strip()]
        else:
            pattern = interpolated(text, selection, time_range, ANNOTATION_POINTS)
            with self.graphite.turn() as graphite:
                nodes = graphite.find(pattern, time_range.start, time_range.until)
            values = _matching(nodes, str(variable.get("regex") or ""))
            if variable.get("sort"):
                values = sorted(values, reverse=variable["sort"] in (2, 4, 6))
        return {"values": list(dict.fromkeys(values))}

    def annotations(self, uid: str, query: RangeQuery) -> dict[str, Any]:
        """What the dashboard's annotations mark, by time."""
        board = self.board(uid)
        time_range, values = board.requested(query, clock.now())
        items: list[dict[str, Any]] = []
        for annotation in board.annotations:
            target = annotation.get("target") or {}
            layer = {"name": annotation.get("name", ""), "color": annotation.get("iconColor", "blue")}
            if target.get("target"):
                expression = interpolated(str(target["target"]), values, time_range, ANNOTATION_POINTS)
                named = f'aliasSub({expression}, "(^.*$)", "\\1 Anno")'
                for series in self._render([named], time_range, ANNOTATION_POINTS):
                    item = {**layer, "title": series["name"], "text": "", "tags": []}
                    items += [{**item, "time": at} for at, value in series["points"] if value]
            else:
                with self.graphite.turn() as graphite:
                    events = graphite.events(target.get("tags") or (), time_range.start, time_range.until)
                items += [
                    {**layer, "time": it.at, "title": it.what, "text": it.data, "tags": list(it.tags)} for it in events
                ]
        return {"items": sorted(items, key=lambda item: item["time"])}

    def _render(self, expressions: list[str], time_range: Range, points: int) -> list[dict[str, Any]]:
        # As Grafana does: an end that is not on a whole minute moves outwards by a second.
        start, until = time_range.start - bool(time_range.start % 60), time_range.until + bool(time_range.until % 60)
        with self.graphite.turn() as graphite:
            rendered = graphite.render(expressions, start, until, maxDataPoints=points)
        series = []
        for one in rendered:
            name, _, ref_id = one.name.rpartition(" ")
            series.append({"ref_id": ref_id, "name": name, "points": [[at, value] for value, at in one.points]})
        return series


def installed() -> Dashboards:
    """The dashboards of the current application."""
    dashboards: Dashboards = current_app.extensions[EXTENSION]
    return dashboards


def _matching(names: list[str], regex: str) -> list[str]:
    """The names that a variable's expression matches, or what its first group matches."""
    delimited = _JS_REGEX.fullmatch(regex)
    pattern = delimited[1] if delimited else regex
    if not pattern:
        return names
    matches = (re.search(pattern, name) for name in names)
    return [match[1] if match.re.groups else match[0] for match in matches if match]
