"""The committed dashboards: the same files that Grafana reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.dashboards.errors import NoSuchDashboard, NoSuchPanel, NoSuchVariable, UnknownVariable
from app.dashboards.schemas import PREFIX, RangeQuery
from app.dashboards.targets import Range, selected
from app.errors import FieldError

SOURCE = "graphite"
"""The type of data source whose annotations are read here; Grafana's built-in ones have another."""


@dataclass(frozen=True)
class Board:
    """One dashboard; `document` is the content of its file."""

    document: Mapping[str, Any]

    @property
    def uid(self) -> str:
        """Its id, which is also used in addresses."""
        return str(self.document["uid"])

    @property
    def title(self) -> str:
        """Its name."""
        return str(self.document["title"])

    def summary(self) -> dict[str, Any]:
        """What a list of dashboards shows of it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.document.get("description", ""),
            "tags": self.document.get("tags", []),
        }

    @property
    def variables(self) -> Mapping[str, Mapping[str, Any]]:
        """Its template variables by name."""
        return {str(variable["name"]): variable for variable in self.document.get("templating", {}).get("list", ())}

    @property
    def annotations(self) -> list[Mapping[str, Any]]:
        """Its annotations that come from Graphite, including those that are hidden at first."""
        annotations = self.document.get("annotations", {}).get("list", ())
        return [it for it in annotations if (it.get("datasource") or {}).get("type") == SOURCE]

    @property
    def place(self) -> int:
        """Its place among the dashboards that it links to, which are in the order of need; the last without a link."""
        addresses = [link.get("url") for link in self.document.get("links", ())]
        own = f"/d/{self.uid}"
        return addresses.index(own) if own in addresses else len(addresses)

    def panels(self) -> Iterator[Mapping[str, Any]]:
        """Every panel, including those in collapsed rows."""
        for panel in self.document.get("panels", ()):
            yield panel
            yield from panel.get("panels", ())

    def panel(self, panel_id: int) -> Mapping[str, Any]:
        """One panel. Raises NoSuchPanel."""
        for panel in self.panels():
            if panel.get("id") == panel_id:
                return panel
        raise NoSuchPanel(f"Dashboard {self.uid} has no panel {panel_id}.")

    def variable(self, name: str) -> Mapping[str, Any]:
        """One variable. Raises NoSuchVariable."""
        try:
            return self.variables[name]
        except KeyError:
            names = ", ".join(self.variables) or "none"
            raise NoSuchVariable(f"Dashboard {self.uid} has no variable {name!r}. Its variables: {names}.") from None

    def requested(self, query: RangeQuery, now: datetime) -> tuple[Range, dict[str, list[str]]]:
        """The time range and the selected values of every variable; what the query leaves out is the board's default.

        Raises UnknownVariable, or Invalid if the range is empty or too long.
        """
        time_range, values = query.resolved(now, self.document.get("time") or {}), query.values()
        unknown = [name for name in values if name not in self.variables]
        if unknown:
            raise UnknownVariable(
                f"The variables of dashboard {self.uid}: {', '.join(self.variables) or 'none'}.",
                fields=[FieldError(PREFIX + name, "is not a variable of this dashboard") for name in unknown],
            )
        return time_range, selected(self.variables, values)


def boards(folder: Path) -> list[Board]:
    """All dashboards of a folder in their current version, in the order in which they link to each other."""
    found = (_read(file, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.json")))
    return sorted(found, key=lambda board: board.place)


def board(uid: str, folder: Path) -> Board:
    """One dashboard of a folder. Raises NoSuchDashboard."""
    for candidate in boards(folder):
        if candidate.uid == uid:
            return candidate
    raise NoSuchDashboard(f"Dashboard {uid!r} does not exist; GET /dashboards lists the ones that do.")


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int) -> Board:
    return Board(json.loads(file.read_text()))
