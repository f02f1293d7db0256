"""What callers send about incidents, freezes and emergency stops, and how their lists are filtered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.controls.models import Severity
from app.controls.windows import Window
from app.http.pagination import PageQuery
from app.http.serialization import Moment

# PostgreSQL stores every character but this one.
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Application = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
DeploymentId = Annotated[int, Field(ge=1, lt=2**62)]


class IncidentIn(BaseModel):
    """Something is wrong; with a deployment, its gates hear of it."""

    model_config = ConfigDict(extra="forbid")

    severity: Severity
    title: Sentence
    deployment_id: DeploymentId | None = None


class ClosingIn(BaseModel):
    """What became of an incident."""

    model_config = ConfigDict(extra="forbid")

    resolution: Sentence


class WindowIn(BaseModel):
    """A window that returns; `windows.problems` says which values can be used."""

    model_config = ConfigDict(extra="forbid")

    cron: Annotated[str, StringConstraints(max_length=100)]
    duration_minutes: Annotated[int, Field(strict=True)]
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"

    def as_window(self) -> Window:
        """The window."""
        return Window(self.cron, self.duration_minutes, self.time_zone)


class StopIn(BaseModel):
    """Why nothing may be dispatched, to one application or to all."""

    model_config = ConfigDict(extra="forbid")

    reason: Sentence
    application: Application | None = None


class FreezeIn(StopIn):
    """And from when until when, or in which windows; left out: from now, until it is lifted, all the time."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    windows: list[WindowIn] = Field(default=[], max_length=20)


class LiftIn(BaseModel):
    """Why it may go on."""

    model_config = ConfigDict(extra="forbid")

    reason: Sentence


class IncidentQuery(PageQuery):
    """Filters of the incident list."""

    open: bool | None = None
    deployment_id: DeploymentId | None = None


class FreezeQuery(PageQuery):
    """Filter of the lists of freezes and of emergency stops: only those that stand now."""

    standing: bool = False
