"""What the API answers about dashboards."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.http.responses import ResponseBody

Epoch = Annotated[int, Field(ge=0, examples=[1_772_443_800])]
"""In seconds."""


class ListedDashboard(ResponseBody):
    """A dashboard without its panels."""

    uid: Annotated[str, Field(examples=["eucora-operations"])]
    title: Annotated[str, Field(examples=["Operations"])]
    description: str
    tags: list[Annotated[str, Field(examples=["eucora"])]]


class Dashboard(ResponseBody):
    """A dashboard in the format of Grafana, with all its fields."""

    model_config = ConfigDict(extra="allow")

    uid: Annotated[str, Field(examples=["eucora-operations"])]
    title: Annotated[str, Field(examples=["Operations"])]
    panels: list[dict[str, Any]]


class PanelSeries(ResponseBody):
    """A series of a panel."""

    ref_id: Annotated[str, Field(examples=["A"])]
    """The query of the panel that it belongs to."""
    name: Annotated[str, Field(examples=["canary"])]
    points: list[Annotated[list[float | None], Field(min_length=2, max_length=2, examples=[[1_772_443_800, 0.98]])]]
    """Each is [epoch seconds, value or null]."""


class PanelData(ResponseBody):
    """The series of a panel in a time range."""

    from_: Epoch = Field(alias="from")
    until: Epoch
    series: list[PanelSeries]


class VariableValues(ResponseBody):
    """The values that a variable has."""

    values: list[Annotated[str, Field(examples=["canary"])]]


class Annotation(ResponseBody):
    """A moment that a dashboard marks."""

    name: Annotated[str, Field(examples=["Deployments"])]
    color: Annotated[str, Field(examples=["blue"])]
    title: Annotated[str, Field(examples=["deployment completed"])]
    text: str
    tags: list[str]
    time: Epoch
