"""`/dashboards` below `/api/v1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from client.session import Subject, segment
from client.types import Annotation, Items, ListedDashboard, PanelData, VariableValues

DashboardList = list[ListedDashboard]
Variables = Mapping[str, str | Sequence[str]]
"""Values of a dashboard's variables, by name; an omitted variable has all its values."""
Moment = int | str
"""Epoch seconds, or relative to the current time: `now`, `now-6h`."""


class Dashboards(Subject):
    """The committed dashboards and their data. The default range is the dashboard's own."""

    def list(self) -> DashboardList:
        """Every dashboard, without its panels."""
        return self._session.get(Items[ListedDashboard], "/dashboards")["items"]

    def get(self, uid: str) -> dict[str, Any]:
        """One dashboard, as Grafana reads it."""
        return self._session.get(dict[str, Any], f"/dashboards/{segment(uid)}")

    def panel(
        self,
        uid: str,
        panel_id: int,
        *,
        start: Moment | None = None,
        until: Moment | None = None,
        variables: Variables | None = None,
        max_points: int | None = None,
    ) -> PanelData:
        """The series of one panel."""
        query = {**_range(start, until, variables), "max_points": max_points}
        return self._session.get(PanelData, f"/dashboards/{segment(uid)}/panels/{panel_id}", query)

    def variable(
        self,
        uid: str,
        name: str,
        *,
        start: Moment | None = None,
        until: Moment | None = None,
        variables: Variables | None = None,
    ) -> Sequence[str]:
        """The values that a variable has in a range, given values of the others."""
        path = f"/dashboards/{segment(uid)}/variables/{segment(name)}"
        return self._session.get(VariableValues, path, _range(start, until, variables))["values"]

    def annotations(
        self,
        uid: str,
        *,
        start: Moment | None = None,
        until: Moment | None = None,
        variables: Variables | None = None,
    ) -> Sequence[Annotation]:
        """The moments that a dashboard marks in a range, in chronological order."""
        path = f"/dashboards/{segment(uid)}/annotations"
        return self._session.get(Items[Annotation], path, _range(start, until, variables))["items"]


def _range(start: Moment | None, until: Moment | None, variables: Variables | None) -> dict[str, Any]:
    chosen = {f"var-{name}": value for name, value in (variables or {}).items()}
    return {"from": start, "until": until, **chosen}
