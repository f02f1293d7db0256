"""Request bodies and list filters of incidents, freezes and emergency stops."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.controls.windows import Window
from app.http.fields import Body, Digits, Moment, Name, Sentence, Whole, example
from app.http.pagination import PageQuery
from app.vocabulary import Severity

DeploymentId = Annotated[Whole, Field(ge=1, lt=2**62)]


class IncidentIn(Body):
    """A new incident. If it names a deployment, the gates of that deployment take it into account."""

    model_config = example({"severity": "P1", "title": "Sign-in fails after the update", "deployment_id": 1})

    severity: Severity
    title: Sentence
    deployment_id: DeploymentId | None = None


class ClosingIn(Body):
    """How an incident was resolved."""

    model_config = example({"resolution": "Rolled back."})

    resolution: Sentence


class WindowIn(Body):
    """A recurring window: when it opens (cron, in a time zone) and for how many minutes."""

    cron: Annotated[str, StringConstraints(max_length=100)]
    duration_minutes: Annotated[int, Field(strict=True)]
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"

    def as_window(self) -> Window:
        """The same as a `Window`; `windows.problems` validates it."""
        return Window(self.cron, self.duration_minutes, self.time_zone)


class StopIn(Body):
    """Why dispatch is blocked, for one application or, without `application`, for all."""

    model_config = example({"reason": "The update breaks sign-in.", "application": "vpn-client"})

    reason: Sentence
    application: Name | None = None


class FreezeIn(StopIn):
    """A new freeze. By default it starts now, lasts until it is lifted, and blocks all the time."""

    model_config = example(
        {
            "reason": "The end of the quarter.",
            "ends_at": "2026-04-02T06:00:00Z",
            "windows": [{"cron": "0 22 * * fri", "duration_minutes": 480, "time_zone": "Europe/Berlin"}],
        }
    )

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    windows: list[WindowIn] = Field(default=[], max_length=20)


class LiftIn(Body):
    """Why dispatch may continue."""

    model_config = example({"reason": "The quarter is closed."})

    reason: Sentence


class IncidentQuery(PageQuery):
    """Filters of the incident list."""

    open: bool | None = None
    """Only open ones, or only closed ones."""
    deployment_id: Annotated[Digits, Field(ge=1, lt=2**62)] | None = None
    """Only incidents about this deployment."""


class FreezeQuery(PageQuery):
    """Filter of the lists of freezes and of emergency stops. `standing`: only those that block dispatch now."""

    standing: bool = False
    """Only those that block dispatch now."""
