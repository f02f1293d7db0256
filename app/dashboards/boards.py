"""The committed dashboards: the files that Grafana reads, as Grafana reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.dashboards.errors import NoSuchDashboard, NoSuchPanel, NoSuchVariable

FOLDER = Path(__file__).parents[2] / "ops" / "grafana" / "dashboards"
SOURCE = "graphite"
"""The type of the data source whose queries are asked here; Grafana's own annotations have another."""


@dataclass(frozen=True)
class Board:
    """One dashboard; `document` is its file."""

    document: Mapping[str, Any]

    @property
    def uid(self) -> str:
        """Its id, also in addresses."""
        return str(self.document["uid"])

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.document["title"])

    @property
    def variables(self) -> Mapping[str, Mapping[str, Any]]:
        """Its template variables by name."""
        return {str(one["name"]): one for one in self.document.get("templating", {}).get("list", ())}

    @property
    def annotations(self) -> list[Mapping[str, Any]]:
        """Its marks that Graphite knows, also those that are shown only on demand."""
        listed = self.document.get("annotations", {}).get("list", ())
        return [one for one in listed if (one.get("datasource") or {}).get("type") == SOURCE]

    def panels(self) -> Iterator[Mapping[str, Any]]:
        """Every panel, also those of rows that are folded."""
        for panel in self.document.get("panels", ()):
            yield panel
            yield from panel.get("panels", ())

    def panel(self, panel_id: int) -> Mapping[str, Any]:
        """One panel. Raises NoSuchPanel."""
        for panel in self.panels():
            if panel.get("id") == panel_id:
                return panel
        raise NoSuchPanel(f"The dashboard {self.uid} has no panel {panel_id}.")

    def variable(self, name: str) -> Mapping[str, Any]:
        """One variable. Raises NoSuchVariable."""
        try:
            return self.variables[name]
        except KeyError:
            known = ", ".join(self.variables) or "none"
            raise NoSuchVariable(f"The dashboard {self.uid} has no variable {name!r}. It has {known}.") from None


def boards(folder: Path = FOLDER) -> list[Board]:
    """All of them, as their files are now, by file name."""
    return [_read(file, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.json"))]


def board(uid: str, folder: Path = FOLDER) -> Board:
    """One of them. Raises NoSuchDashboard."""
    known = boards(folder)
    for one in known:
        if one.uid == uid:
            return one
    raise NoSuchDashboard(f"There is no dashboard {uid!r}. There are {', '.join(one.uid for one in known) or 'none'}.")


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int) -> Board:
    return Board(json.loads(file.read_text()))
