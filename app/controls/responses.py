"""What the API answers about incidents, freezes and emergency stops."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.http.responses import NULL, ApplicationName, Id, Reason, ResponseBody, Subject, Time, Version
from app.vocabulary import Severity


class Incident(ResponseBody):
    """An incident; the fields about its end are null while it is open."""

    id: Id
    deployment_id: Id | None
    severity: Severity
    title: Annotated[str, Field(examples=["Sign-in fails after the update"])]
    opened_by: Subject
    opened_at: Time
    closed_by: Annotated[Subject | None, NULL]
    closed_at: Annotated[Time | None, NULL]
    resolution: Annotated[Reason | None, NULL]
    version: Version


class Window(ResponseBody):
    """A window that recurs: five cron fields in the local time of an IANA zone, and how long it is open."""

    cron: Annotated[str, Field(examples=["0 22 * * fri"])]
    duration_minutes: Annotated[int, Field(ge=1, examples=[480])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]


class FreezeWindow(Window):
    """A freeze's window. A freeze that is read by its id also says when it opens next and closes."""

    opens_next: Time | None = None
    closes_at: Time | None = None
    """Null while it is closed."""


class Freeze(ResponseBody):
    """A freeze or an emergency stop."""

    id: Id
    application: ApplicationName | None
    """Null: of all applications."""
    reason: Reason
    starts_at: Time
    ends_at: Annotated[Time | None, NULL]
    windows: list[FreezeWindow]
    """Dispatch is blocked only within one of them; without any, always."""
    created_by: Subject
    created_at: Time
    lift_requested_by: Annotated[Subject | None, NULL]
    lift_requested_at: Annotated[Time | None, NULL]
    lift_reason: Annotated[Reason | None, NULL]
    lifted_by: Annotated[Subject | None, NULL]
    lifted_at: Annotated[Time | None, NULL]
    version: Version
    stands: bool
    """Whether it blocks dispatch now."""
