"""What callers send about incidents, freezes and emergency stops, and how their lists are filtered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.controls.windows import Window
from app.http.fields import STORABLE, Body, Moment, Sentence
from app.http.pagination import PageQuery
from app.vocabulary import Severity

Application = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=STORABLE)]
DeploymentId = Annotated[int, Field(ge=1, lt=2**62)]


class IncidentIn(Body):
    """Something is wrong; with a deployment, its gates hear of it."""

    severity: Severity
    title: Sentence
    deployment_id: DeploymentId | None = None


class ClosingIn(Body):
    """What became of an incident."""

    resolution: Sentence


class WindowIn(Body):
    """A window that returns; `windows.problems` says which values can be used."""

    cron: Annotated[str, StringConstraints(max_length=100)]
    duration_minutes: Annotated[int, Field(strict=True)]
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"

    def as_window(self) -> Window:
        """The window."""
        return Window(self.cron, self.duration_minutes, self.time_zone)


class StopIn(Body):
    """Why nothing may be dispatched, to one application or to all."""

    reason: Sentence
    application: Application | None = None


class FreezeIn(StopIn):
    """And from when until when, or in which windows; left out: from now, until it is lifted, all the time."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    windows: list[WindowIn] = Field(default=[], max_length=20)


class LiftIn(Body):
    """Why it may go on."""

    reason: Sentence


class IncidentQuery(PageQuery):
    """Filters of the incident list."""

    open: bool | None = None
    deployment_id: DeploymentId | None = None


class FreezeQuery(PageQuery):
    """Filter of the lists of freezes and of emergency stops: only those that stand now."""

    standing: bool = False
